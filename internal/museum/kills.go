package museum

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/spec"
)

// UnkilledFile lists, beside the entries, the parts of claims that no entry breaks, and why.
const UnkilledFile = "unkilled.txt"

// broken lists the parts of claims that the law keeps in a model and the edited law does not.
func broken(law *engine.Result, edited *wire.Exploration) []string {
	list := []string{}
	for _, name := range edited.Broken {
		if !slices.Contains(law.Broken, name) {
			list = append(list, name)
		}
	}
	for _, c := range spec.Claims() { // those that no single state shows
		if !spec.StateClaims.Has(c) && edited.Violation(c.String()) != nil && law.Claims[c.String()] == engine.Holds {
			list = append(list, c.String()+"."+c.Conjuncts()[0])
		}
	}
	return list
}

// Kill is the row of a part of a claim in the kill matrix: the mistakes that break it and
// those that break nothing else in their models. Conjunct "" is the claim as a whole.
type Kill struct {
	Claim    string   `json:"claim"`
	Conjunct string   `json:"conjunct"`
	Kills    []string `json:"kills"`
	Sole     []string `json:"sole"` // of kills: no other conjunct sees the mistake; of a claim, no other claim
}

// Name is the part's name: CLAIM, or CLAIM.CONJUNCT.
func (k *Kill) Name() string {
	if k.Conjunct == "" {
		return k.Claim
	}
	return k.Claim + "." + k.Conjunct
}

// KillMatrix has a row for each claim, followed by rows for its conjuncts if it has several.
func KillMatrix(results []*Result) []Kill {
	var rows []Kill
	for _, c := range spec.Claims() {
		row := Kill{Claim: c.String(), Kills: []string{}, Sole: []string{}}
		for _, r := range results {
			if r.Entry.Kind == Mistake && slices.ContainsFunc(r.Broken, row.of) && r.breaks(c) {
				row.Kills = append(row.Kills, r.Entry.Name)
				if !slices.ContainsFunc(r.Broken, func(name string) bool { return !row.of(name) }) {
					row.Sole = append(row.Sole, r.Entry.Name)
				}
			}
		}
		rows = append(rows, row)
		for _, part := range c.Conjuncts() {
			if len(c.Conjuncts()) == 1 {
				break
			}
			row := Kill{Claim: c.String(), Conjunct: part, Kills: []string{}, Sole: []string{}}
			for _, r := range results {
				if r.Entry.Kind == Mistake && slices.Contains(r.Broken, row.Name()) {
					row.Kills = append(row.Kills, r.Entry.Name)
					if len(r.Broken) == 1 {
						row.Sole = append(row.Sole, r.Entry.Name)
					}
				}
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// ReadUnkilled reads which parts of claims no entry can break, and why.
func ReadUnkilled(files fs.FS) (map[string]string, error) {
	data, err := input.ReadFS(files, UnkilledFile)
	if err != nil {
		return nil, err
	}
	why := map[string]string{}
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		bad := func(what string) error {
			return fmt.Errorf("rootlock: reading %s/%s:%d: %s; want CLAIM.CONJUNCT: REASON", Dir, UnkilledFile, i+1, what)
		}
		name, reason, _ := strings.Cut(line, ":")
		switch reason = strings.TrimSpace(reason); {
		case reason == "":
			return nil, bad("no reason")
		case why[name] != "":
			return nil, bad(name + " stands there twice")
		case !slices.ContainsFunc(KillMatrix(nil), func(k Kill) bool { return k.Name() == name }):
			return nil, bad(fmt.Sprintf("no claim has a part %q, or it is the only one: then name the claim", name))
		}
		why[name] = reason
	}
	return why, nil
}

func (k *Kill) of(part string) bool { return strings.HasPrefix(part, k.Claim+".") }

// breaks reports whether the claim's verdict is one that the entry changes; a conjunct may
// be false beside one that is false of the law too.
func (r *Result) breaks(c spec.Claim) bool {
	changed := func(x Expectation) bool { return x == Expectation{c, engine.Violated} }
	return slices.ContainsFunc(r.Entry.Expect, changed) || slices.ContainsFunc(r.Entry.Also, changed)
}

// Breaks explores each entry in its model, n at a time (0: one), and fills in what it
// breaks and how that differs from what it expects. No other engine is asked. Of the
// options Root and Woven count.
func Breaks(ctx context.Context, entries []Entry, o Options, n int) ([]*Result, error) {
	if o.Woven == nil && len(entries) > 0 {
		w, err := Weave(ctx, entries, o.Root)
		if err != nil {
			return nil, err
		}
		defer w.Close()
		o.Woven = w
	}
	results := make([]*Result, len(entries))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, n))
	for i := range entries {
		group.Go(func() (err error) {
			results[i], err = breaks(inner, &entries[i], o)
			return err
		})
	}
	return results, group.Wait()
}

func breaks(ctx context.Context, e *Entry, o Options) (*Result, error) {
	dir, err := scratch.MakeDir("museum")
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Remove() }()
	r := &runner{entry: e, options: o, dir: dir.Path, result: &Result{Entry: e}, edited: map[string]*wire.Exploration{}}
	if r.law, err = exploreLaw(ctx, e.Model); err != nil {
		return nil, err
	}
	if err := r.sound(ctx); err != nil {
		return nil, err
	}
	s := o.Woven.specimen(e, "spec")
	if s == nil {
		if s, err = build(ctx, e, explorerPackage, o.Root, filepath.Join(dir.Path, "explorer"), "spec"); err != nil {
			return nil, err
		}
	}
	if err := r.explore(ctx, s, e.Model); err != nil {
		return nil, err
	}
	r.judge()
	r.result.Broken = broken(r.law, r.edited[e.Model.Name])
	return r.result, nil
}
