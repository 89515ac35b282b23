package proof

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// solver is z3; without it the test is left out, unless ROOTLOCK_REQUIRE_Z3 is 1.
func solver(t *testing.T) *Solver {
	t.Helper()
	v, err := FindSolver(t.Context(), "z3", "")
	if err != nil && os.Getenv("ROOTLOCK_REQUIRE_Z3") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return v
}

// The claims follow from the invariant, and the invariant is true at the beginning. After a
// few of the steps that matter most it is true if it was before; with ROOTLOCK_DEEP after all.
func TestProof(t *testing.T) {
	v := solver(t)
	o := Options{Protocol: rootPointer, Solver: v, Workers: 2}
	if !deep.Asked() {
		r := &Report{}
		for _, step := range []string{"LockAnon", "GetAnon", "RecheckMapped.walk", "Init", "Claims", "Progress"} {
			o.Step = step
			part, err := Prove(t.Context(), o)
			require.NoError(t, err)
			assert.Empty(t, part.Undecided, step)
			r.Queries += part.Queries
		}
		t.Logf("%d queries", r.Queries)
		assert.Greater(t, r.Queries, 300)
		return
	}
	r, err := Prove(t.Context(), o)
	require.NoError(t, err)
	assert.Empty(t, r.Undecided)
	assert.Len(t, rootPointer.Branches(), r.Branches)
	for claim, follows := range r.Claims {
		assert.True(t, follows, claim)
	}
	assert.Len(t, r.Claims, 18)
	assert.Equal(t, r.Branches*(len(rootPointer.Conjuncts())+len(lateConjuncts)+1)+len(rootPointer.Conjuncts())+len(lateConjuncts)+len(rootPointer.Claims())+len(rootPointer.mmSteps())+len(rootPointer.walkerSteps())-2, r.Queries+r.Same)
	t.Logf("%d branches, %d queries, %d unchanged, %.1f s", r.Branches, r.Queries, r.Same, r.Seconds)
}

// What is presumed is not absurd: the solver does not find a contradiction in the invariant,
// nor in the invariant and the guard of a branch, unless that is never taken. Of those that
// are never taken it does.
func TestNeverTaken(t *testing.T) {
	v := solver(t)
	for _, b := range rootPointer.Branches() {
		dead := slices.Contains(neverTaken[rootPointer], b.Name)
		if !dead && b.Name != "RecheckMapped.walk" && !deep.Asked() {
			continue
		}
		p := Reachable(b)
		lines, err := v.ask(t.Context(), p, effort{options: z3Options(200_000, "mbqi false")}, p.Goals)
		require.NoError(t, err)
		assert.Equal(t, dead, lines[0] == "unsat", b.Name)
	}
}

// A mistake is a change of the law. The proof must not go through with it.
type mistake struct {
	name    string // of an entry of testdata/museum, if it is one word
	branch  string
	finds   string // a conjunct that is not proved
	deep    bool   // only with ROOTLOCK_DEEP
	example bool   // a small world shows it
	edit    func(b *Branch)
}

// without drops the parts of a guard that say something of one of the symbols.
func without(b *Branch, symbols ...string) {
	b.Guard = slices.DeleteFunc(b.Guard, func(g F) bool {
		text := Text(g)
		return slices.ContainsFunc(symbols, func(s string) bool { return strings.Contains(text, s) })
	})
}

// was is the state before a step.
var was = rootPointer.state()

var mistakes = []mistake{
	{name: "NoRecheck", branch: "RecheckMapped.get", finds: "Locked", example: true, edit: func(b *Branch) { without(b, "E.Page") }},
	{name: "NoPin", branch: "AllocAnon.fork", finds: "ForkOwn", example: true, edit: func(b *Branch) { b.N.T.PC.Set(actor, "LinkChain") }},
	{name: "own lock", branch: "LockAnon", finds: "ProcessHolds", deep: true, example: true, edit: func(b *Branch) {
		b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held
		without(b, "A.Lock")
		b.take(actor, was.T.Anon(actor))
	}},
	{name: "UnlinkUnlocked", branch: "LockAnon", finds: "ProcessHolds", deep: true, edit: func(b *Branch) { b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held }},
	{name: "LinkAtHead", branch: "LinkList", finds: "ChildBehind", example: true, edit: func(b *Branch) {
		b.N.A.Before = was.A.Before
		b.N.A.Before.Each(func(old F, x ...F) F {
			return Or(old, And(Eq(x[0], was.T.Anon(actor)), Eq(x[1], was.linked(actor)), was.A.List(x[0], x[2])))
		})
	}},
	{name: "ForkedNeighbour", branch: "Fault.next", finds: "Prepare", deep: true, example: true, edit: func(b *Branch) {
		without(b, "V.Chain")
		b.when(was.isArea(b.Picks[2], actor), Ne(was.V.Anon(b.Picks[2]), "None"))
	}},
	{name: "freed with children", branch: "UnlinkList.empty", finds: "ToFreeNoChild", deep: true, example: true, edit: func(b *Branch) {
		without(b, "T.Pin")
		b.when(All(VMA, func(u F) F { return Imp(was.A.List(was.T.Anon(actor), u), Eq(u, was.T.VMA(actor))) }), was.noWalkerHas(was.T.Anon(actor)))
	}},
	{name: "PutFrees", branch: "PutLast.root", finds: "ToFreeNoList", deep: true, example: true, edit: func(b *Branch) {
		without(b, "A.List")
		b.when(was.lastOfWalker(actor, was.T.Anon(actor)))
	}},
	{name: "CloneOrder", branch: "CopyVMA.fork", finds: "CloneInHand", deep: true, example: true, edit: func(b *Branch) { b.N.T.Anon.Set(actor, was.V.Anon(was.T.VMA(actor))) }},
	{name: "AdjustUnlocked", branch: "UnlockAnon.split", finds: "ProcessHolds", deep: true, edit: func(b *Branch) { b.N.T.PC.Set(actor, was.stores(actor)) }},
	{name: "leaf locked", branch: "ReadRoot", finds: "NotFreedSince", deep: true, edit: func(b *Branch) {
		// what is read is no part of NotFreedSince before LockRoot: the next step shows it
		b.N.T.Root.Set(actor, was.T.Anon(actor))
	}},
	{name: "walk unlocked", branch: "LockRoot.walk", finds: "WalkerHolds", deep: true, edit: func(b *Branch) { b.N.A.Lock, b.N.T.Held = was.A.Lock, was.T.Held }},
	{name: "ForkWritable", branch: "CopyEntry.end", finds: "WritableAlone", deep: true, example: true, edit: func(b *Branch) { b.N.E.Writable = was.E.Writable }},
	{name: "page moved unasked", branch: "CheckOwn.alone", finds: "OwnPage", deep: true, edit: func(b *Branch) { without(b, "E.Page") }},
	{name: "pgoff not stored", branch: "StorePgoff.locked", finds: "Offset", deep: true, edit: func(b *Branch) { b.N.V.Pgoff = was.V.Pgoff }},
	{name: "page unlocked", branch: "LockPage.walker", finds: "WalkerPageLock", deep: true, edit: func(b *Branch) { b.N.P.Lock = was.P.Lock }},
	{name: "child its own root", branch: "AllocAnon.fork", finds: "ForkOwn", deep: true, edit: func(b *Branch) { b.N.A.Root.Set(b.Picks[0], b.Picks[0]) }},
	{name: "unlinked before zapped", branch: "Unmap.chain", finds: "WayBack", deep: true, edit: func(b *Branch) { without(b, "E.Kind") }},
}

// Every mistake makes the conjunct fail after the step, and without the mistake it does not.
func TestMistakes(t *testing.T) {
	v := solver(t)
	for _, m := range mistakes {
		if m.deep && !deep.Asked() {
			continue
		}
		if !strings.Contains(m.name, " ") {
			assert.FileExists(t, filepath.Join("..", "testdata", "museum", m.name+".txtar"))
		}
		t.Run(strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			branches := rootPointer.newBranches()
			i := slices.IndexFunc(branches, func(b *Branch) bool { return b.Name == m.branch })
			require.GreaterOrEqual(t, i, 0)
			ask := func() *Report {
				r, err := Prove(t.Context(), Options{Protocol: rootPointer, Solver: v, Branches: branches[i : i+1], Step: m.branch, Conjunct: m.finds, Workers: 1})
				require.NoError(t, err)
				return r
			}
			require.True(t, ask().OK(), "the law has the mistake")
			m.edit(branches[i])
			r := ask()
			require.False(t, r.OK(), "the proof goes through with the mistake")
			u := r.Undecided[0]
			assert.Equal(t, m.finds, u.Conjunct)
			if m.example {
				assert.Contains(t, u.Counterexample, ":"+m.branch+"(", u.Why)
			}
		})
	}
}

// A solver that is missing, too old, killed, or that talks nonsense is an error, and
// nothing is recorded.
func TestBadSolvers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the solvers of this test are shell scripts")
	}
	dir, memory := t.TempDir(), t.TempDir()
	script := func(name, version, body string) string {
		path := filepath.Join(dir, name)
		text := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo '" + version + "'; exit; fi\ncat >/dev/null\n" + body + "\n"
		require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
		return path
	}
	for _, c := range []struct{ name, version, body, says string }{
		{"garbage", "Z3 version 4.8.12 - 64 bit", "echo to be or not", "no answer"},
		{"killed", "Z3 version 4.8.12 - 64 bit", "kill -9 $$", "was it killed"},
		{"short", "Z3 version 4.8.12 - 64 bit", "echo unsat; echo '" + endMark + "'", "has answered 1 of"},
		{"wrong", "Z3 version 4.8.12 - 64 bit", "echo '(error \"line 1: out of memory\")'", "out of memory"},
		{"old", "Z3 version 4.7.1 - 64 bit", "", "too old"},
		{"other", "GNU bash, version 5.2.15", "", "does not say that it is z3"},
	} {
		v, err := FindSolver(t.Context(), "z3", script(c.name, c.version, c.body))
		if err == nil {
			_, err = Prove(t.Context(), Options{Protocol: rootPointer, Solver: v, Step: "Claims", Workers: 1, Memory: memory})
			assert.ErrorContains(t, err, "nothing is recorded")
		}
		assert.ErrorContains(t, err, c.says)
	}
	_, err := FindSolver(t.Context(), "z3", filepath.Join(dir, "missing"))
	assert.ErrorContains(t, err, "install")
	_, err = FindSolver(t.Context(), "z9", "")
	assert.ErrorContains(t, err, "the solvers are z3, cvc5")
	left, err := os.ReadDir(memory)
	require.NoError(t, err)
	assert.Empty(t, left)

	v, err := FindSolver(t.Context(), "z3", script("slow", "Z3 version 4.8.12 - 64 bit", "sleep 1000"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = Prove(ctx, Options{Protocol: rootPointer, Solver: v, Step: "Claims", Workers: 1, Memory: memory})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// One conjunct after every step: what is left out of one problem is left out of no other.
func TestOneConjunct(t *testing.T) {
	r, err := Prove(t.Context(), Options{Protocol: rootPointer, Solver: solver(t), Conjunct: "NoObject", Workers: 4})
	require.NoError(t, err)
	assert.True(t, r.OK())
	assert.Equal(t, len(rootPointer.Branches())+1, r.Queries+r.Same)
	assert.Empty(t, r.Claims)
	list, _ := rootPointer.invariant()
	for i, c := range rootPointer.Conjuncts() {
		assert.Equal(t, c.Name, list[i].Name)
	}
}

// What was answered is remembered until the formulas change; a file that was damaged is not
// believed.
func TestMemory(t *testing.T) {
	v, memory := solver(t), t.TempDir()
	ask := func() *Report {
		r, err := Prove(t.Context(), Options{Protocol: rootPointer, Solver: v, Step: "GetAnon", Workers: 1, Memory: memory})
		require.NoError(t, err)
		require.True(t, r.OK())
		return r
	}
	first, second := ask(), ask()
	assert.Zero(t, first.Remembered)
	assert.Equal(t, first.Queries, second.Remembered)
	files, err := filepath.Glob(filepath.Join(memory, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.WriteFile(files[0], []byte(`{"problem":"GetAnon","answers":{}}`), 0o600))
	assert.Zero(t, ask().Remembered)
}
