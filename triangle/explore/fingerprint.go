package explore

import "math/bits"

// A fingerprint stands for a state. Two of n states share one with probability
// n²/2⁶⁵: once in 4,000 explorations of 10⁸ states.
type fingerprint uint64

// Digits of √2, √3, √5 and √7: odd and without a pattern that a state could have.
const (
	mixA = 0x6a09e667f3bcc909
	mixB = 0xbb67ae8584caa73b
	mixC = 0x3c6ef372fe94f82b
	mixD = 0xa54ff53a5f1d36f1
)

// fold multiplies to 128 bits and adds the halves without carry: every bit of x
// and y reaches every bit of the middle, and the fold brings the middle to both
// ends.
func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}

// hash is a fingerprint of packed words. They differ in few bits and low ones,
// so each pair of words goes through a full multiplication, and the sum through
// one more.
func hash(words []uint64) fingerprint {
	h := uint64(mixA) ^ uint64(len(words))
	for len(words) >= 2 {
		h = fold(words[0]^mixB, words[1]^h)
		words = words[2:]
	}
	if len(words) == 1 {
		h = fold(words[0]^mixC, h^mixD)
	}
	return fingerprint(fold(h^mixA, mixB))
}
