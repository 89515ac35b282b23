package spec

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mustModel(t testing.TB, p Protocol, b Bounds) *Model {
	t.Helper()
	m, err := NewModel(p, "test", b)
	require.NoError(t, err)
	return m
}

// largest are the bounds that fill a State to its last byte.
func largest() Bounds {
	return Bounds{MMs: MaxMMs, VMAs: MaxVMAs, Objects: MaxObjects, Pages: MaxPages, Walkers: MaxWalkers, Slots: MaxSlots, MMOps: 9, WalkerOps: Unlimited, Ops: AllOps()}
}

func TestPackRoundTrip(t *testing.T) {
	for _, test := range []struct {
		reason string
		bounds Bounds
		words  int
	}{
		{"the usual size: 56 bytes instead of 7 KB", Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 2, MMOps: 3, WalkerOps: 3, Ops: AllOps()}, 7},
		{"the smallest", Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Slots: 1, MMOps: 3, Ops: AllOps()}, 2},
		{"unlimited budgets take no bits", Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 2, Slots: 1, WalkerOps: Unlimited, Ops: AllOps()}, 4},
		{"the last window reaches back into the one before", largest(), 700},
	} {
		m := mustModel(t, DeepestLock, test.bounds)
		p := newPacking(m)
		assert.LessOrEqual(t, len(p.words), test.words, test.reason)
		buf := make([]uint64, len(p.words))
		states, packs := map[uint64]bool{}, map[string]bool{}
		for s := range randomStates(m, 8000) {
			if !p.pack(s, buf) {
				t.Fatalf("%s: %s", test.reason, p.stray(s))
			}
			u := State{Thread: [MaxThreads]Thread{{Pos: 7}}}
			p.unpack(buf, &u)
			if u != *s {
				require.Equal(t, *s, u, test.reason)
			}
			states[digest(s)], packs[string(unsafe.Slice((*byte)(unsafe.Pointer(&buf[0])), 8*len(buf)))] = true, true
		}
		assert.Len(t, packs, len(states), test.reason)
	}
}

// Every bit pattern within the spread survives, not only reachable states.
func TestPackKeepsEveryBit(t *testing.T) {
	for _, b := range []Bounds{largest(), {MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 2, MMOps: 3, WalkerOps: 3}} {
		if testing.Short() && b == largest() { // a million bits, under the race detector
			continue
		}
		m := mustModel(t, OwnLock, b)
		p := newPacking(m)
		vary, fixed := spread(m)
		buf := make([]uint64, len(p.words))
		for i := range vary.bytes() {
			for bit := range 8 {
				s := fixed
				s.bytes()[i] ^= 1 << bit
				fits := p.pack(&s, buf)
				var u State
				p.unpack(buf, &u)
				switch mask := byte(1) << bit; {
				case vary.bytes()[i]&mask != 0:
					if !fits || u != s {
						require.Equal(t, s, u, "byte %d bit %d (fits: %t)", i, bit, fits)
						require.True(t, fits)
					}
				case fits:
					// Bytes that no state within the bounds uses are not looked at.
					require.Zero(t, vary.bytes()[i])
				}
			}
		}
	}
}

func TestPackNamesWhatDoesNotFit(t *testing.T) {
	m := mustModel(t, DeepestLock, Bounds{MMs: 2, VMAs: 3, Objects: 3, Pages: 1, Walkers: 2, Slots: 2, MMOps: 3, WalkerOps: 3, Ops: AllOps()})
	p := newPacking(m)
	buf := make([]uint64, len(p.words))
	for _, test := range []struct {
		reason string
		breaks func(s *State)
		want   string
	}{
		{"a number beyond its bits", func(s *State) { s.Anon[1].Root = 200 }, "State.World.Anon[1].Root = 200"},
		{"a register that this kind of thread has not", func(s *State) { s.Thread[3].New = 1 }, "State.Thread[3].New = 1"},
		{"a two-byte field", func(s *State) { s.History[2].Owed[3] = 1 << 15 }, "State.History[2].Owed[3] = 32768"},
		{"nothing wrong", func(*State) {}, "nothing"},
	} {
		s := m.Init()
		test.breaks(&s)
		assert.Equal(t, test.want == "nothing", p.pack(&s, buf) && p.blank(&s), test.reason)
		assert.Equal(t, test.want, p.stray(&s), test.reason)
	}
}

// bytes must be what a plain reading of the fields gives, in order and without a gap.
func TestStateBytes(t *testing.T) {
	m := mustModel(t, DeepestLock, largest())
	for s := range randomStates(m, 100) {
		require.Equal(t, plainBytes(nil, reflect.ValueOf(*s)), s.bytes())
	}
}

func plainBytes(to []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			to = plainBytes(to, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			to = plainBytes(to, v.Index(i))
		}
	case reflect.Bool:
		b := byte(0)
		if v.Bool() {
			b = 1
		}
		to = append(to, b)
	case reflect.Uint8:
		to = append(to, byte(v.Uint()))
	case reflect.Uint16:
		x := uint16(v.Uint())
		to = append(to, (*[2]byte)(unsafe.Pointer(&x))[:]...)
	default:
		panic("a State holds a " + v.Kind().String())
	}
	return to
}

func BenchmarkPack(b *testing.B) {
	m := benchModel(b)
	p := newPacking(m)
	states := sample(m, 64)
	buf := make([]uint64, len(p.words))
	for i := 0; b.Loop(); i++ {
		p.pack(&states[i&63], buf)
	}
}

func BenchmarkUnpack(b *testing.B) {
	m := benchModel(b)
	p := newPacking(m)
	buf := make([]uint64, len(p.words))
	p.pack(&sample(m, 64)[63], buf)
	var s State
	for b.Loop() {
		p.unpack(buf, &s)
	}
}
