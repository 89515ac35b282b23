package explore

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/law"
)

// A counter is a law over any state: each of its moves is a state.
type counter[S comparable] struct {
	from []S
	next func(S) []S
}

func (l counter[S]) Initial() []S            { return l.from }
func (l counter[S]) Moves(s *S, buf []S) []S { return append(buf, l.next(*s)...) }
func (l counter[S]) Apply(s *S, to S)        { *s = to }
func (l counter[S]) Rest(*S) bool            { return true }
func (l counter[S]) Claims() []string        { return []string{"Never"} }
func (l counter[S]) Check(*S) law.Claims     { return 0 }
func (l counter[S]) Steps() []string         { return []string{"Count"} }
func (l counter[S]) Thread(S) int            { return 1 }
func (l counter[S]) Step(S) int              { return 0 }
func (l counter[S]) Format(to S) string      { return fmt.Sprint(to) }

// padded has holes between its fields, and fields that no program writes.
type padded struct {
	A bool
	B uint64
	C [3]struct {
		D uint8
		E uint16
	}
	F int32
}

// Equal values are one state, whatever lies in the holes between their fields.
func TestPaddingIsNoState(t *testing.T) {
	step := func(s padded) []padded {
		if s.F == 9 {
			return nil
		}
		var other padded // made field by field
		other.A, other.B, other.F = !s.A, s.B+1<<40, s.F+1
		other.C[2].E, other.C[1].D = uint16(s.F)<<8, s.C[1].D+1
		return []padded{other, other}
	}
	x, err := Explore(t.Context(), counter[padded]{[]padded{{}}, step}, Options{})
	require.NoError(t, err)
	assert.EqualValues(t, [2]uint64{10, 19}, [2]uint64{x.Distinct, x.Generated})
	assert.Equal(t, []uint64{18}, x.Steps)
	m, err := newMemory[padded]()
	require.NoError(t, err)
	s, back := padded{A: true, B: 1 << 63, F: -1}, padded{B: 7}
	s.C[0].D, s.C[2].E = 255, 1<<15
	buf := make([]uint64, m.Words())
	m.Pack(&s, buf)
	m.Unpack(buf, &back)
	assert.Equal(t, s, back)
	assert.Len(t, buf, 3, "22 bytes")
}

// A search may begin in several states; a counterexample says in which.
func TestManyInitialStates(t *testing.T) {
	l := broken{counter[uint16]{[]uint16{100, 7, 50}, func(s uint16) []uint16 {
		if s%10 == 0 {
			return []uint16{s + 1}
		}
		return []uint16{s - 1}
	}}, 6}
	x, err := Explore(t.Context(), l, Options{})
	require.NoError(t, err)
	v := x.Violation("Never")
	require.NotNil(t, v)
	assert.Equal(t, uint16(7), v.From)
	assert.Equal(t, []uint16{6}, v.Schedule)
	assert.Equal(t, uint16(6), v.State)
	g, err := NewGraph(t.Context(), l, 0)
	require.NoError(t, err)
	require.EqualValues(t, x.Distinct, g.Len())
	for i := range uint32(g.Len()) {
		if g.State(i) == 0 {
			assert.Equal(t, []uint16{6, 5, 4, 3, 2, 1, 0}, g.Path(i))
		}
	}
	assert.Empty(t, g.Path(2))
}

// broken violates Never in one state.
type broken struct {
	counter[uint16]
	at uint16
}

func (l broken) Check(s *uint16) law.Claims {
	if *s == l.at {
		return 1
	}
	return 0
}

func TestRefusals(t *testing.T) {
	none := func(string) []string { return nil }
	_, err := Explore(t.Context(), counter[string]{[]string{""}, none}, Options{})
	assert.ErrorContains(t, err, "string is a string: a state is a plain value")
	type nested struct{ A [2]struct{ P *int } }
	_, err = NewGraph(t.Context(), counter[nested]{[]nested{{}}, func(nested) []nested { return nil }}, 0)
	assert.ErrorContains(t, err, ".A[0].P is a ptr")
	_, err = Explore(t.Context(), counter[struct{}]{}, Options{})
	assert.ErrorContains(t, err, "no initial state")
	_, err = Explore(t.Context(), counter[struct{}]{from: []struct{}{{}}}, Options{})
	assert.ErrorContains(t, err, "holds nothing")

	l := counter[uint16]{[]uint16{0}, func(s uint16) []uint16 { return []uint16{s + 1} }}
	_, err = Explore(t.Context(), l, Options{Symmetry: true})
	assert.ErrorContains(t, err, "law.Symmetric")
	_, err = Explore(t.Context(), l, Options{StopOn: []string{"Ever"}})
	assert.ErrorContains(t, err, `no claim "Ever"`)
	_, _, err = Terminates(t.Context(), l, WeakThreads, 0)
	assert.ErrorContains(t, err, "law.Live")
	_, err = Explore(t.Context(), l, Options{})
	assert.ErrorContains(t, err, "more than 4095 steps away")
}

// A law whose steps are no function of the state has no counterexamples, and says so.
func TestNoFunction(t *testing.T) {
	calls := uint16(0)
	l := broken{counter[uint16]{[]uint16{0}, func(s uint16) []uint16 {
		if calls++; calls > 4 {
			return nil
		}
		return []uint16{s + calls}
	}}, 6}
	_, err := Explore(t.Context(), l, Options{Workers: 1})
	assert.ErrorContains(t, err, "not a function of the state")
}

// What is panicked with that is neither a runtime error nor words is none of the law's.
func TestForeignPanic(t *testing.T) {
	foreign := errors.New("the disk is full")
	l := counter[uint16]{[]uint16{0}, func(uint16) []uint16 { panic(foreign) }}
	assert.PanicsWithValue(t, foreign, func() { _, _ = Explore(t.Context(), l, Options{Workers: 1}) })
}
