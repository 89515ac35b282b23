package explore

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Packed states differ in few bits: near neighbours must spread over all of the
// 64 bits, as segment, line and key are cut out of them.
func TestHashSpreads(t *testing.T) {
	const words = 6
	rng := rand.New(rand.NewPCG(3, 4))
	var flips [64][words * 64]int
	const rounds = 2000
	for range rounds {
		var state [words]uint64
		for i := range state {
			state[i] = rng.Uint64() & rng.Uint64() & rng.Uint64() // sparse, as packed states are
		}
		h := hash(state[:])
		for in := range words * 64 {
			state[in/64] ^= 1 << (in % 64)
			for d := uint64(h ^ hash(state[:])); d != 0; d &= d - 1 {
				flips[bits.TrailingZeros64(d)][in]++
			}
			state[in/64] ^= 1 << (in % 64)
		}
	}
	for out := range flips {
		for in, n := range flips[out] {
			// Half of 2000, 8 standard deviations either way.
			require.InDelta(t, rounds/2, n, 180, "bit %d of the state on bit %d of the fingerprint", in, out)
		}
	}
}

func TestHashTellsApart(t *testing.T) {
	seen := map[fingerprint]bool{}
	n := 0
	for length := 1; length <= 6; length++ {
		words := make([]uint64, length)
		for i := range words {
			for x := range uint64(1 << 14) {
				words[i] = x
				seen[hash(words)] = true
				n++
			}
			words[i] = 0
		}
	}
	zeros := 0 // the all-zero words were counted once for each i
	for length := 1; length <= 6; length++ {
		zeros += length - 1
	}
	assert.Len(t, seen, n-zeros)
}

func BenchmarkHash(b *testing.B) {
	var words [6]uint64
	for b.Loop() {
		words[0] += uint64(hash(words[:]))
	}
}
