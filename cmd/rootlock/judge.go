package main

// What check makes of the results: as expected or not, the table, the ledger.

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/conform"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// judge compares everything with the ledger, and the engines with each other.
func (k *checking) judge() {
	for _, r := range k.out.Results {
		m := k.modelOf(r)
		if m == nil || !recordable(r) {
			continue // it has its differences
		}
		r.Differences = append(r.Differences, k.differences(m, r)...)
		if x := k.find(m, engine.Explorer); r.Engine == engine.TLC && x != nil {
			r.Differences = append(r.Differences, disagree(x, r)...)
		}
	}
	for _, r := range k.recorded() { // what stands for TLC's answer must agree with the explorer's of today
		if x := k.find(k.modelOf(r), engine.Explorer); x != nil {
			k.out.Differences = append(k.out.Differences, disagree(x, r)...)
		}
	}
	k.out.OK = k.out.OK && len(k.out.Differences) == 0
	for _, r := range k.out.Results {
		r.AsExpected = len(r.Differences) == 0
		k.out.OK = k.out.OK && r.AsExpected
		k.out.Differences = append(k.out.Differences, r.Differences...)
	}
	for i := range k.ledger.Entries {
		if e := &k.ledger.Entries[i]; k.out.Cut == "" && k.concerns(e) && !k.ran(e) && !k.skipped(e) {
			k.out.OK = false
			k.out.Differences = append(k.out.Differences, e.Name()+" is in the ledger and was not run")
		}
	}
	slices.SortStableFunc(k.out.Results, func(a, b *engine.Result) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Engine, b.Engine))
	})
}

// differences compares a result with what the ledger says of the claims that are asked.
func (k *checking) differences(m *models.Model, r *engine.Result) (list []string) {
	hash, err := ledger.HashOf(m)
	if err != nil {
		return []string{err.Error()}
	}
	want, got := k.only.entry(k.ledger.Find(r.Protocol, r.Model, r.Engine)), ledger.Of(r, hash)
	if k.only.claims != 0 && want != nil && want.Steps == nil { // TLC counts steps where it is not asked for termination
		got.Steps = nil
	}
	changes := ledger.Changes(want, got)
	for _, c := range changes {
		if c.Kind == ledger.Modules && len(changes) == 1 {
			if k.stale == nil {
				k.stale = map[string]bool{}
			}
			k.stale[c.Text] = true
		}
		list = append(list, c.Text)
	}
	return list
}

// concerns reports whether an entry is of what is checked.
func (k *checking) concerns(e *ledger.Entry) bool {
	p, err := spec.ProtocolByName(e.Protocol)
	if err != nil || len(k.only.protocols) == 0 && k.only.claims == 0 {
		return true
	}
	m, err := models.Find(p, e.Model)
	return slices.Contains(k.only.columns(), p) && (err != nil || k.only.answers(m))
}

// complete: an engine that the ledger does not record must have answered for every
// protocol too, on as many graphs as there are.
func (k *checking) complete() {
	if k.out.Cut != "" {
		k.out.OK = false
		return
	}
	names := []string{engine.Lockstep, engine.Sequential, engine.Linearizability, engine.Graph, engine.Tour, engine.Coverage, engine.Trace}
	switch {
	case !k.only.finite():
		names = nil
	case k.only.claims != 0:
		names = names[:1]
	}
	for _, p := range k.only.asked() {
		for _, name := range names {
			want, got := 1, 0
			if name == engine.Graph || name == engine.Tour {
				want = len(conform.Models)
			}
			for _, r := range k.out.Results {
				if r.Protocol == p.String() && r.Engine == name {
					got++
				}
			}
			if got != want {
				k.out.OK = false
				k.out.Differences = append(k.out.Differences, fmt.Sprintf("%s %s: %d results, expected %d: something was not run", p, name, got, want))
			}
		}
	}
}

// recordable reports whether a result is one that the ledger records. Others are
// judged when they are made.
func recordable(r *engine.Result) bool { return r.Engine == engine.Explorer || r.Engine == engine.TLC }

func (k *checking) ran(e *ledger.Entry) bool {
	return slices.ContainsFunc(k.out.Results, func(r *engine.Result) bool { return r.Name() == e.Name() })
}

// skipped: left out with a reason that the output gives.
func (k *checking) skipped(e *ledger.Entry) bool {
	return slices.ContainsFunc(k.out.Skipped, func(s skipped) bool {
		return s.What == e.Name() || e.Engine == engine.TLC && strings.HasPrefix(s.What, "TLC on all")
	})
}

// conclude prints what there is to say, and rewrites the ledger if asked to.
func (k *checking) conclude(dir string, took time.Duration) error {
	k.printf("\n")
	k.table(slices.Concat(k.out.Results, k.recorded()), k.only)
	for _, s := range k.skippedByReason() {
		k.printf("not checked: %s: %s\n", s.What, s.Why)
	}
	states := uint64(0)
	for _, r := range k.out.Results {
		states += r.Distinct
	}
	k.differ()
	verdict := k.style.Green("as expected")
	if slices.ContainsFunc(k.out.Skipped, func(s skipped) bool { return strings.HasPrefix(s.What, "TLC on all") }) {
		verdict = k.style.Green("as expected, as far as that goes without TLC")
	}
	if !k.out.OK {
		verdict = k.style.Red(fmt.Sprintf("NOT as expected: %d differences", len(k.out.Differences)))
	}
	summary := fmt.Sprintf("%d results over %s states in %.0f s", len(k.out.Results), number(states), took.Seconds())
	if text := k.only.String(); text != "" {
		summary = fmt.Sprintf("only %s: %s", text, summary)
	}
	if k.out.Cut != "" {
		verdict = k.style.Red("CUT, " + k.out.Cut)
		if n := len(k.out.Differences); n > 0 {
			verdict += fmt.Sprintf("; %d differences in what was done", n)
		}
		summary = "NOT the whole check: " + summary
	}
	k.printf("%s: %s\n", summary, verdict)
	if k.out.Cut != "" && k.cmd.Update {
		k.printf("the ledger is not rewritten\n")
	}
	path := filepath.Join(dir, ledger.File)
	if k.cmd.Update && k.failed {
		return errors.Join(errors.New("the ledger is not rewritten: see above for what gave no full answer"), k.write(k.out))
	}
	if k.cmd.Update && k.out.Cut == "" {
		if err := k.update(path); err != nil {
			return err
		}
	}
	if k.cmd.HTML != "" {
		if err := k.html(dir, k.cmd.HTML, summary); err != nil {
			return errors.Join(fmt.Errorf("%s is not written: %w", k.cmd.HTML, err), k.write(k.out))
		}
		if alone(k.cmd.HTML) {
			k.printf("wrote the page alone; to get the pages of the counterexamples too, name a file\n")
		} else {
			k.printf("wrote %s and %s\n", k.cmd.HTML, pages(k.cmd.HTML))
		}
	}
	if err := k.write(k.out); err != nil {
		return err
	}
	if !k.out.OK && !k.cmd.Update && k.out.Cut == "" {
		return errFails
	}
	return nil
}

// differ prints the differences: those of one kind that many models have, once.
func (k *checking) differ() {
	var stale []string
	for _, d := range k.out.Differences {
		if k.stale[d] {
			name, _, _ := strings.Cut(d, ":")
			stale = append(stale, name)
			continue
		}
		k.printf("%s\n", k.style.Red(d))
	}
	if len(stale) > 0 {
		k.printf("%s\n", k.style.Red(fmt.Sprintf("the TLA+ modules or the configurations have changed since the ledger was written, and no answer has: `check --update` records that (%s)", strings.Join(gathered(stale), ", "))))
	}
}

// skippedByReason gathers what was left out, by reason.
func (k *checking) skippedByReason() (list []skipped) {
	var reasons []string
	by := map[string][]string{}
	for _, s := range k.out.Skipped {
		if by[s.Why] == nil {
			reasons = append(reasons, s.Why)
		}
		by[s.Why] = append(by[s.Why], s.What)
	}
	for _, why := range reasons {
		list = append(list, skipped{strings.Join(gathered(by[why]), ", "), why})
	}
	return list
}

// gathered says once what is left out of every protocol: Full explorer, of all protocols.
func gathered(names []string) (list []string) {
	of := map[string]int{}
	for _, name := range names {
		_, model, _ := strings.Cut(name, "/")
		of[model]++
	}
	for _, name := range names {
		_, model, cut := strings.Cut(name, "/")
		if cut && of[model] == len(spec.Protocols()) {
			name = "*/" + model
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// update rewrites the ledger. Entries that were skipped stay as they are.
func (k *checking) update(path string) error {
	kept := slices.DeleteFunc(k.ledger.Entries, func(e ledger.Entry) bool { return k.concerns(&e) && !k.ran(&e) && !k.skipped(&e) })
	k.ledger.Entries = kept
	for _, r := range k.out.Results {
		m := k.modelOf(r)
		if m == nil || !recordable(r) {
			continue
		}
		e, err := entryOf(m, r)
		if err != nil {
			return err
		}
		k.ledger.Put(e)
	}
	if err := k.ledger.Save(path); err != nil {
		return err
	}
	k.printf("wrote %s: read the difference before you commit it\n", path)
	return nil
}

// modelOf is the model of tla/ or of the wide world that a result is of; nil: of
// neither.
func (k *checking) modelOf(r *engine.Result) *models.Model {
	for _, m := range k.models {
		if m.Protocol.String() == r.Protocol && m.Name == r.Model {
			return m
		}
	}
	return nil
}

// recorded are the answers that stand, as results of an engine of their own.
func (k *checking) recorded() (list []*engine.Result) {
	for _, m := range k.models {
		for _, name := range []string{engine.Explorer, engine.TLC} {
			e := k.answered(m, name)
			if e == nil || k.find(m, name) != nil || name == engine.Explorer && e.Law != engine.Sources() {
				continue
			}
			e = k.only.entry(e)
			r := &engine.Result{Protocol: e.Protocol, Model: e.Model, Engine: name + engine.OnRecord, Claims: e.Claims,
				Distinct: e.Distinct, Generated: e.Generated, Depth: e.Depth, Steps: e.Steps}
			for c, n := range e.Shortest {
				r.Violations = append(r.Violations, engine.Violation{Claim: c, Length: n})
			}
			list = append(list, r)
		}
	}
	return list
}
