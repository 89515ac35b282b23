package proof

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // little lives, and much is made
	os.Exit(m.Run())
}

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

// proved are the protocols that have a proof.
var proved = map[*Protocol]struct {
	claims int
	sample []string // a few of the steps that matter most
}{
	rootPointer: {19, []string{"GetAnon", "Claims"}},
	childFirst:  {20, []string{"FreeAnon.child"}},
	rwsemRoot:   {19, []string{"RecheckMapped.walk"}},
}

// The claims follow from the invariant, and the invariant is true at the beginning. After a
// few of the steps that matter most it is true if it was before; with ROOTLOCK_DEEP after all.
func TestProof(t *testing.T) {
	v := solver(t)
	for p, want := range proved {
		t.Run(nameOf(p), func(t *testing.T) {
			o := Options{Protocol: p, Solver: v, Workers: 2}
			if !deep.Asked() {
				r := &Report{}
				for _, step := range want.sample {
					o.Step = step
					part, err := Prove(t.Context(), o)
					require.NoError(t, err)
					assert.Empty(t, part.Undecided, step)
					r.Queries += part.Queries
				}
				t.Logf("%d queries", r.Queries)
				assert.Greater(t, r.Queries, 80)
				return
			}
			r, err := Prove(t.Context(), o)
			require.NoError(t, err)
			assert.Empty(t, r.Undecided)
			assert.Len(t, p.Branches(), r.Branches)
			for claim, follows := range r.Claims {
				assert.True(t, follows, claim)
			}
			assert.Len(t, r.Claims, want.claims)
			conjuncts := len(p.Conjuncts()) + len(p.lates())
			work := 0
			for _, b := range p.Branches() {
				work += len(b.didItsWork())
			}
			assert.Equal(t, r.Branches*(conjuncts+truth(!p.trees))+work+conjuncts+len(p.Claims())+len(p.mmSteps())+len(p.walkerSteps())-2, r.Queries+r.Same)
			t.Logf("%d branches, %d queries, %d unchanged, %.1f s", r.Branches, r.Queries, r.Same, r.Seconds)
		})
	}
}

func nameOf(p *Protocol) string { return strings.ReplaceAll(p.String(), " ", "-") }

// RefcountedRoot as the law has it is not proved, and the proof fails at one step: a root loses
// the reference of a child that lives. A process' step fails too; the other steps that are its
// own do not.
func TestRootFirstFails(t *testing.T) {
	if !deep.Asked() {
		t.Skip("two seconds; " + deep.Variable + "=1 asks for it")
	}
	o := Options{Protocol: refcountedRoot, Solver: solver(t), Workers: 2}
	steps, want := []string{"PutAnon", "CheckUnlocked", "FreeAnon", "UnlockRoot", "LockRoot"}, []string{"PutAnon.root ChildrenKeep", "PutAnon.root.mm ChildrenKeep"}
	var open []string
	for _, step := range steps {
		o.Step = step
		r, err := Prove(t.Context(), o)
		require.NoError(t, err)
		for _, u := range r.Undecided {
			open = append(open, u.Step+" "+u.Conjunct)
			assert.Contains(t, u.Counterexample, ":"+u.Step+"()", u.Why)
		}
	}
	assert.Equal(t, want, open)
}

// What is presumed is not absurd: the solver does not find a contradiction in the invariant,
// nor in the invariant and the guard of a branch, unless that is never taken. Of those that
// are never taken it does.
func TestNeverTaken(t *testing.T) {
	v, asked := solver(t), map[bool]int{}
	for p := range proved {
		for i, b := range p.Branches() {
			dead := slices.Contains(neverTaken[p], b.Name)
			if (p.trees || dead && i%3 != 0 || !dead && b.Name != "RecheckMapped.walk") && !deep.Asked() {
				continue
			}
			asked[dead]++
			q := Reachable(b)
			lines, err := v.ask(t.Context(), q, effort{options: z3Options(200_000, "mbqi false")}, q.Goals)
			require.NoError(t, err)
			assert.Equal(t, dead, lines[0] == "unsat", "%s: %s", p, b.Name)
		}
	}
	assert.GreaterOrEqual(t, asked[true], 5, "branches that are never taken")
	assert.GreaterOrEqual(t, asked[false], 2, "branches that are")
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
	if !deep.Asked() {
		t.Skip("a question for every branch; " + deep.Variable + "=1 asks for it")
	}
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
		r, err := Prove(t.Context(), Options{Protocol: rootPointer, Solver: v, Step: "Claims", Conjunct: "NoBadFree", Workers: 1, Memory: memory})
		require.NoError(t, err)
		require.True(t, r.OK())
		require.Equal(t, 4, r.Queries)
		return r
	}
	first, second := ask(), ask()
	assert.Zero(t, first.Remembered)
	assert.Equal(t, first.Queries, second.Remembered)
	files, err := filepath.Glob(filepath.Join(memory, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.WriteFile(files[0], []byte(`{"problem":"Claims","answers":{}}`), 0o600))
	assert.Zero(t, ask().Remembered)
}

// cvc5 agrees with z3: on a step, on the claims that it finds hardest, one of them by its parts, and on
// whether threads can go on.
func TestSecondSolver(t *testing.T) {
	if !deep.Asked() {
		t.Skip("cvc5 takes five seconds; " + deep.Variable + "=1 asks for it")
	}
	v, err := FindSolver(t.Context(), "cvc5", "")
	if err != nil {
		t.Skip(err)
	}
	for conjunct, step := range map[string]string{"NoBadFree.FreesUnlocked": "Claims", "NoUseAfterFree.NoDeadTouched": "Claims", "ProcessHolds": "FreeAnon.mm", NoDeadlock: "Progress"} {
		r, err := Prove(t.Context(), Options{Protocol: rootPointer, Solver: v, Step: step, Conjunct: conjunct, Workers: 1})
		require.NoError(t, err)
		if step == "Progress" {
			assert.Equal(t, len(rootPointer.mmSteps())+len(rootPointer.walkerSteps())-2, r.Queries)
		} else {
			assert.Equal(t, 1, r.Queries+r.Same)
		}
		assert.Empty(t, r.Undecided)
	}
}

// A goal that is said of everything falls into the members of its conjunction; another stays whole.
func TestParts(t *testing.T) {
	s := rootPointer.state()
	var list []string
	for _, g := range (Goal{"G", All(Thread, func(x F) F { return And(s.T.Empty(x), s.T.Last(x)) })}).parts() {
		list = append(list, g.Name+": "+Text(g.F))
	}
	assert.Equal(t, []string{"G, part 1: (forall ((x0 Thread)) (T.Empty x0))", "G, part 2: (forall ((x0 Thread)) (T.Last x0))"}, list)
	whole := Goal{"G", All(Thread, func(x F) F { return Or(s.T.Empty(x), s.T.Last(x)) })}
	assert.Equal(t, []Goal{whole}, whole.parts())
}
