package spec

import (
	"iter"
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

// randomStates are states along random schedules, which the reader may change; each only
// until the next.
func randomStates(m *Model, n int) iter.Seq[*State] {
	return func(yield func(*State) bool) {
		rng := rand.New(rand.NewPCG(1, 2))
		var moves []Move
		s, seen := m.Init(), State{}
		for left := n; left > 0; {
			if moves = m.Moves(&s, moves[:0]); len(moves) == 0 {
				s = m.Init()
				continue
			}
			m.Apply(&s, moves[rng.IntN(len(moves))])
			seen = s
			if left--; !yield(&seen) {
				return
			}
		}
	}
}

func sample(m *Model, n int) (list []State) {
	for s := range randomStates(m, n) {
		list = append(list, *s)
	}
	return list
}

func BenchmarkMoves(b *testing.B) {
	m := benchModel(b)
	states := sample(m, 1024)
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
	states := sample(m, 1024)
	for i := 0; b.Loop(); i++ {
		m.Check(&states[i&1023])
	}
}

// BenchmarkSuccessor copies a state and takes a step in it.
func BenchmarkSuccessor(b *testing.B) {
	m := benchModel(b)
	states := sample(m, 1024)
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
