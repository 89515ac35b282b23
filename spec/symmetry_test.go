package spec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/explore"
)

// renamedBy renames the objects of s plainly: object a becomes to[a-1].
func renamedBy(s State, to []uint8) State {
	name := func(a *uint8) {
		if *a != 0 {
			*a = to[*a-1]
		}
	}
	for v := range s.VMA {
		name(&s.VMA[v].Anon)
		for i := range s.VMA[v].Chain {
			name(&s.VMA[v].Chain[i])
		}
	}
	anon := s.Anon
	for a, n := range to {
		s.Anon[n-1] = anon[a]
		name(&s.Anon[n-1].Root)
		name(&s.Anon[n-1].Parent)
	}
	for p := range s.Page {
		name(&s.Page[p].Mapping)
	}
	for t := range s.Thread {
		th := &s.Thread[t]
		for _, a := range []*uint8{&th.Anon, &th.Root, &th.Held, &th.Also, &th.Pin} {
			name(a)
		}
	}
	return s
}

// readdressed renames the areas of s plainly: area v becomes to[v-1].
func readdressed(s State, to []uint8) State {
	name := func(v *uint8) {
		if *v != 0 {
			*v = to[*v-1]
		}
	}
	vma := s.VMA
	for v, n := range to {
		s.VMA[n-1] = vma[v]
	}
	for a := range s.Anon {
		for i := range s.Anon[a].list() {
			name(&s.Anon[a].List[i])
		}
	}
	for t := range s.Thread {
		name(&s.Thread[t].VMA)
		name(&s.Thread[t].New)
	}
	return s
}

func permutations(n int) (all [][]uint8) {
	list := make([]uint8, n)
	for i := range list {
		list[i] = uint8(i + 1)
	}
	permute(list, n, func() { all = append(all, slices.Clone(list)) })
	return all
}

func TestPermute(t *testing.T) {
	for n, want := range []int{1, 1, 2, 6, 24, 120} {
		seen := map[string]bool{}
		for _, p := range permutations(n) {
			seen[string(p)] = true
		}
		assert.Len(t, seen, want)
		assert.Len(t, permutations(n), want)
	}
}

// All namings of a state have the same canonical form, and it is one of them.
func TestCanonIsCanonical(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 5, Objects: 4, Pages: 2, Walkers: 2, Slots: 2, MMOps: 6, WalkerOps: 6, Ops: AllOps() | WideOps(), Prots: 2, Failures: true})
	c := canon{m: m}
	all, areas := permutations(m.Objects), permutations(m.VMAs)
	rng := rand.New(rand.NewPCG(7, 8))
	renamed := 0
	i := 0
	var want, sorted, u State
	for s := range randomStates(m, 8000) {
		s := *s
		i++
		if i%4 == 0 { // what no walk reaches: free objects that are each other's roots
			for a := range m.Objects {
				if o := &s.Anon[a]; !o.Live && o.NList == 0 {
					o.Root = uint8(rng.IntN(m.Objects + 1))
				}
			}
		}
		want = s
		c.state(&want)
		found := false
		sorted = s // objects named as they were
		c.areas(&sorted)
		for j, p := range all {
			found = found || renamedBy(sorted, p) == want
			u = renamedBy(readdressed(s, areas[(i+37*j)%len(areas)]), p)
			if c.state(&u); u != want {
				require.Equal(t, want, u)
			}
		}
		require.True(t, found)
		if want != s {
			renamed++
		}
	}
	assert.Greater(t, renamed, 1000, "floor")
}

// Renaming areas and taking a step commute, but for the name that a new area gets.
func TestAreasAreInterchangeable(t *testing.T) {
	for _, p := range Protocols() {
		m := mustModel(t, p, Bounds{MMs: 2, VMAs: 4, Objects: 3, Pages: 2, Walkers: 2, Slots: 2, MMOps: 5, WalkerOps: 5, Ops: AllOps() | WideOps(), Prots: 2, Failures: true})
		c := canon{m: m}
		all, i := permutations(m.VMAs), 0
		var u, want, got State
		var moves, same []Move
		for s := range randomStates(m, 2000) {
			i++
			to := all[i%len(all)]
			u = readdressed(*s, to)
			require.Equal(t, m.Check(s), m.Check(&u))
			moves, same = m.Moves(s, moves[:0]), m.Moves(&u, same[:0])
			require.Equal(t, len(moves), len(same))
			for _, mv := range moves {
				want, got = *s, u
				m.Apply(&want, mv)
				if args := stepTable[mv.Step].args; args != "" && args[0] == 'v' {
					mv.Args[0] = to[mv.Args[0]-1]
				}
				require.True(t, m.Enabled(&got, mv))
				m.Apply(&got, mv)
				c.state(&want)
				if c.state(&got); got != want {
					require.Equal(t, want, got, m.Format(mv))
				}
			}
		}
	}
}

// Renaming objects and taking a step commute: the reason why symmetry is sound.
func TestObjectsAreInterchangeable(t *testing.T) {
	n := 700
	if deep.Asked() {
		n = 2000
	}
	for _, p := range Protocols() {
		m := mustModel(t, p, Bounds{MMs: 2, VMAs: 4, Objects: 3, Pages: 2, Walkers: 2, Slots: 2, MMOps: 5, WalkerOps: 5, Ops: AllOps() | WideOps(), Prots: 2, Failures: true})
		all := permutations(m.Objects)
		var u, want, got State
		var moves, same []Move
		for s := range randomStates(m, n) {
			broken := m.Check(s)
			moves = m.Moves(s, moves[:0])
			for _, p := range all {
				u = renamedBy(*s, p)
				require.Equal(t, broken, m.Check(&u))
				same = m.Moves(&u, same[:0])
				require.Equal(t, len(moves), len(same))
				for _, mv := range moves {
					want, got = *s, u
					m.Apply(&want, mv)
					if mv.Step == AllocAnon {
						mv.Args[0] = p[mv.Args[0]-1]
					}
					require.True(t, m.Enabled(&got, mv))
					m.Apply(&got, mv)
					if want = renamedBy(want, p); got != want {
						require.Equal(t, want, got, m.Format(mv))
					}
				}
			}
		}
	}
}

// With symmetry the exploration counts the orbits of the plain one, no more and
// no less, and says the same of every claim.
func TestSymmetryCountsOrbits(t *testing.T) {
	saved := uint64(0)
	for name, m := range smallModels(t) {
		if m.Protocol != DeepestLock && m.Protocol != RwsemRoot && !deep.Asked() { // all fields that name something
			continue
		}
		t.Run(name, func(t *testing.T) {
			plain, err := explore.Explore(t.Context(), m.Law(), explore.Options{})
			require.NoError(t, err)
			x, err := explore.Explore(t.Context(), m.Law(), explore.Options{Symmetry: true})
			require.NoError(t, err)
			all, areas := permutations(m.Objects), permutations(m.VMAs)
			orbits, seen := uint64(0), map[uint64]bool{}
			for s := range explorePlainlyOnce(name, m).states {
				if seen[digest(s)] {
					continue // it was somebody's image
				}
				orbits++
				for _, p := range all {
					renamed := renamedBy(*s, p)
					for _, q := range areas {
						u := readdressed(renamed, q)
						seen[digest(&u)] = true
					}
				}
			}
			assert.Equal(t, orbits, x.Distinct)
			saved += plain.Distinct - x.Distinct
			// An orbit is as deep as the state of it that is nearest to the initial one, which has
			// names of its own: in RwsemRoot, two walkers, the farthest state has a nearer twin.
			assert.LessOrEqual(t, x.Depth, plain.Depth)
			assert.GreaterOrEqual(t, x.Depth, plain.Depth-1)
			require.Len(t, x.Violations, len(plain.Violations))
			for i, v := range x.Violations {
				assert.Equal(t, plain.Violations[i].Claim, v.Claim)
				assert.Len(t, v.Schedule, len(plain.Violations[i].Schedule), v.Claim)
			}
			requireCounterexamples(t, m, x)
		})
	}
	assert.Greater(t, saved, uint64(5_000), "floor: states that symmetry need not visit")
}

func BenchmarkCanon(b *testing.B) {
	m := benchModel(b)
	c := canon{m: m}
	states := sample(m, 64)
	for i := 0; b.Loop(); i++ {
		s := states[i&63]
		c.state(&s)
	}
}
