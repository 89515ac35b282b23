package properties

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// What README.md and VERDICTS.md say of the protocols, out of the ledger.

// verdicts has a line for every claim of a kind. Refinement is structural.
func verdicts(l *ledger.Ledger, kind spec.ClaimKind) string {
	var b strings.Builder
	b.WriteString("| claim |")
	for _, p := range spec.Protocols() {
		fmt.Fprintf(&b, " %s |", p)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(spec.Protocols())) + "\n")
	for _, name := range names(kind) {
		fmt.Fprintf(&b, "| `%s` |", name)
		for _, p := range spec.Protocols() {
			fmt.Fprintf(&b, " %s |", verdict(l, p, name))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func names(kind spec.ClaimKind) (list []string) {
	for _, c := range spec.ClaimsOf(kind) {
		list = append(list, c.String())
	}
	if kind == spec.Structural {
		list = append(list, engine.Refinement)
	}
	return list
}

// asks reports whether a protocol is asked to have a claim. Refinement is that of one
// lock for a family.
func asks(p spec.Protocol, claim string) bool {
	if claim == engine.Refinement {
		return p.Asks(spec.MutualExclusion)
	}
	c, err := spec.ClaimByName(claim)
	return err == nil && p.Asks(c)
}

// meanings has a line for every claim: what it says, and who is not asked and why.
func meanings() string {
	var b strings.Builder
	for _, kind := range []spec.ClaimKind{spec.Central, spec.Structural} {
		for _, c := range spec.ClaimsOf(kind) {
			fmt.Fprintf(&b, "- `%s` (%s): %s\n", c, kind, c.Meaning())
			why := map[string][]string{}
			var reasons []string
			for _, p := range spec.Protocols() {
				if w := p.WhyNotAsked(c); w != "" {
					if why[w] == nil {
						reasons = append(reasons, w)
					}
					why[w] = append(why[w], p.String())
				}
			}
			for _, w := range reasons {
				fmt.Fprintf(&b, "  Not asked of %s: %s.\n", strings.Join(why[w], ", "), w)
			}
		}
	}
	fmt.Fprintf(&b, "- `%s` (%s): %s Asked where MutualExclusion is.\n", engine.Refinement, spec.Structural, engine.RefinementMeaning)
	return b.String()
}

// verdict is what all models together say of a claim.
func verdict(l *ledger.Ledger, p spec.Protocol, claim string) string {
	if !asks(p, claim) {
		return "not asked"
	}
	if e := shortest(l, p, claim, anyModel); e != nil {
		return fmt.Sprintf("**violated** in %d steps (%s)", e.Shortest[claim], e.Model)
	}
	var largest uint64
	holding := map[string]bool{}
	for _, e := range entries(l, p) {
		switch e.Claims[claim] {
		case engine.Violated: // a lasso: its length is not determined
			return fmt.Sprintf("**violated** (%s)", e.Model)
		case engine.Holds:
			holding[e.Model] = true
			largest = max(largest, e.Distinct)
		}
	}
	switch len(holding) {
	case 0:
		return "not checked"
	case 1:
		return fmt.Sprintf("holds in 1 model of %s states", thousands(largest))
	}
	return fmt.Sprintf("holds in %d models of up to %s states", len(holding), thousands(largest))
}

// entries are those of a protocol, without the one that is to show that less
// fairness is not enough.
func entries(l *ledger.Ledger, p spec.Protocol) (list []*ledger.Entry) {
	for i := range l.Entries {
		if e := &l.Entries[i]; e.Protocol == p.String() && e.Model != models.Unfair {
			list = append(list, e)
		}
	}
	return list
}

func anyModel(*models.Model) bool { return true }

// shortest is the entry with the shortest counterexample to a claim, among models
// of some kind; of equally short ones the one with the fewest states. Models that start in
// the middle of things (layout Forked) are left out: their steps cannot be compared.
func shortest(l *ledger.Ledger, p spec.Protocol, claim string, kind func(*models.Model) bool) (best *ledger.Entry) {
	for _, e := range entries(l, p) {
		m, err := models.Find(p, e.Model)
		n := e.Shortest[claim]
		if err != nil || n == 0 || !kind(m) || m.Layout == spec.LayoutForked {
			continue
		}
		if best == nil || n < best.Shortest[claim] || n == best.Shortest[claim] && e.Distinct < best.Distinct {
			best = e
		}
	}
	return best
}

// protocols is the README's table: a row for each central claim that some protocol breaks,
// and what a walk costs.
func protocols(t *testing.T, l *ledger.Ledger) string {
	var b strings.Builder
	line := func(name string, cell func(p spec.Protocol) string) {
		b.WriteString("| " + name)
		for _, p := range spec.Protocols() {
			b.WriteString(" | " + cell(p))
		}
		b.WriteString(" |\n")
	}
	list := kept(t)
	list = append(list, counterexamples(t, l, list)...)
	line("", func(p spec.Protocol) string { return "`" + p.String() + "`" })
	line("---", func(spec.Protocol) string { return "---" })
	var kept, glossary []string
	for _, c := range spec.ClaimsOf(spec.Central) {
		if !slices.ContainsFunc(spec.Protocols(), func(p spec.Protocol) bool { return broken(l, p, c) != nil }) {
			kept = append(kept, c.String())
			continue
		}
		line(c.String(), func(p spec.Protocol) string {
			e := broken(l, p, c)
			if e == nil {
				return "🟩 holds"
			}
			k := pageOf(list, e, c)
			require.NotNil(t, k, "a red cell leads to its page: %s of %s", c, p)
			cell := fmt.Sprintf("🟥 [%s](docs/pages/%s.html)", inSteps(e, c), k.name)
			if !c.Temporal() && shortest(l, p, c.String(), (*models.Model).InTLA) == nil {
				cell += " ¹"
			}
			return cell
		})
		glossary = append(glossary, fmt.Sprintf("- **%s.** %s\n", c, c.Meaning()))
	}
	line("locks for a walk of a page that 1, 2, 3 processes map; of a child's page", func(p spec.Protocol) string { return locks(t, p) })
	fmt.Fprintf(&b, "\n%s", strings.Join(glossary, ""))
	fmt.Fprintf(&b, "\nAll of them keep %s and %s.\n", strings.Join(kept[:len(kept)-1], ", "), kept[len(kept)-1])
	return b.String()
}

// locks counts what a walker takes in one undisturbed walk, as the model has it: of
// a page that one, two, three processes share, and of one that a child wrote.
func locks(t *testing.T, p spec.Protocol) string {
	var counts []string
	for n := 1; n <= 3; n++ {
		counts = append(counts, fmt.Sprint(locksOf(t, p, n, 1)))
	}
	return strings.Join(counts, ", ") + fmt.Sprintf("; %d", locksOf(t, p, 2, 2))
}

func locksOf(t *testing.T, p spec.Protocol, processes int, page uint8) (taken int) {
	m, err := spec.NewModel(p, "locks", spec.Bounds{MMs: processes, VMAs: processes, Objects: processes, Pages: 2, Walkers: 1, Slots: 1, MMOps: processes, WalkerOps: 1,
		Layout: spec.LayoutOnePage, Ops: spec.OpsOf(spec.Fault, spec.Fork, spec.Walk)})
	require.NoError(t, err)
	s := m.Init()
	for range processes - 1 {
		alone(t, m, &s, 1, spec.Fork, 0, nil)
	}
	if page == 2 {
		alone(t, m, &s, 2, spec.Fault, 0, nil)
	}
	walker := uint8(processes + 1)
	alone(t, m, &s, walker, spec.Walk, page, func(before, after *spec.State) {
		taken += max(0, held(m, after, walker)-held(m, before, walker))
	})
	return taken
}

// alone runs one operation of one thread, from start to end; arg 0: any.
func alone(t *testing.T, m *spec.Model, s *spec.State, thread uint8, op spec.Step, arg uint8, visit func(before, after *spec.State)) {
	for steps := 0; ; steps++ {
		moves := m.Moves(s, nil)
		i := slices.IndexFunc(moves, func(mv spec.Move) bool {
			return mv.Thread == thread && (steps > 0 || mv.Step == op && (arg == 0 || mv.Args[0] == arg))
		})
		require.GreaterOrEqual(t, i, 0, "%s: %s is stuck", m.Protocol, m.ThreadName(thread))
		before := *s
		m.Apply(s, moves[i])
		if visit != nil {
			visit(&before, s)
		}
		if s.Thread[thread-1].PC == spec.Idle {
			require.Positive(t, steps)
			return
		}
	}
}

// held counts the locks of a thread.
func held(m *spec.Model, s *spec.State, thread uint8) (n int) {
	for i := range m.Objects {
		if m.HasLock(s, thread, uint8(i+1)) {
			n++
		}
	}
	if m.Inside(s) == thread {
		n++
	}
	return n
}

func thousands(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
