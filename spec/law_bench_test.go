package spec

import (
	"math/rand/v2"
	"testing"
)

func benchModel(b *testing.B) *Model {
	m, err := NewModel(DeepestLock, "bench", Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 2, MMOps: 3, WalkerOps: 3, Ops: AllOps()})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// randomStates are states along random schedules.
func randomStates(m *Model, n int) []State {
	rng := rand.New(rand.NewPCG(1, 2))
	var states []State
	var moves []Move
	s := m.Init()
	for len(states) < n {
		if moves = m.Moves(&s, moves[:0]); len(moves) == 0 {
			s = m.Init()
			continue
		}
		m.Apply(&s, moves[rng.IntN(len(moves))])
		states = append(states, s)
	}
	return states
}

func BenchmarkMoves(b *testing.B) {
	m := benchModel(b)
	states := randomStates(m, 1024)
	var moves []Move
	n := 0
	for i := 0; b.Loop(); i++ {
		moves = m.Moves(&states[i&1023], moves[:0])
		n += len(moves)
	}
	b.ReportMetric(float64(n)/float64(b.N), "moves/op")
}

func BenchmarkCheck(b *testing.B) {
	m := benchModel(b)
	states := randomStates(m, 1024)
	for i := 0; b.Loop(); i++ {
		m.Check(&states[i&1023])
	}
}

// BenchmarkSuccessor copies a state and takes a step in it.
func BenchmarkSuccessor(b *testing.B) {
	m := benchModel(b)
	states := randomStates(m, 1024)
	first := make([]Move, len(states))
	for i := range states {
		if moves := m.Moves(&states[i], nil); len(moves) > 0 {
			first[i] = moves[len(moves)-1]
		}
	}
	var s State
	for i := 0; b.Loop(); i++ {
		s = states[i&1023]
		if first[i&1023].Thread != 0 {
			m.Apply(&s, first[i&1023])
		}
	}
}
