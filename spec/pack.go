package spec

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"unsafe"
)

// A packing writes the states of one model in a few words. It knows from the
// bounds which bits of a State can be anything but zero, cuts the State into
// windows of eight bytes, and lays the windows over each other, each rotated so
// that used bits fall on unused ones. That costs three operations per window,
// where shifting out every field would cost three per field.
type packing struct {
	words  [][]window // for each word of a packed state, the windows that lie in it
	unused []window   // where all bits are zero in all states within the bounds
}

// A window is eight bytes of a State and where its bits go.
type window struct {
	mask   uint64 // the bits that vary
	alien  uint64 // the bits of its own that are zero in all states within the bounds
	fixed  uint64 // the bits that are set in all: an unlimited budget
	offset uint16
	rotate uint8
	word   uint16
}

// maxWords bounds a packed state, whatever the bounds: the State itself.
const maxWords = (int(unsafe.Sizeof(State{})) + 7) / 8

// bytes is the memory of s. State has no pointers and no padding (tested).
func (s *State) bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
}

func newPacking(m *Model) *packing {
	vary, fixed := spread(m)
	cut := cutWindows(&vary, &fixed, m.registers())
	// Whether the windows fall into few words depends on the order in which they
	// are placed; a few tries with orders that are always the same find a good one.
	var best []window
	words := maxWords + 1
	order := uint64(1)
	p := &packing{}
	cut = slices.DeleteFunc(cut, func(w window) bool {
		blank := w.mask|w.fixed == 0
		if blank {
			p.unused = append(p.unused, w)
		}
		return blank
	})
	slices.SortStableFunc(cut, func(a, b window) int { return bits.OnesCount64(b.mask) - bits.OnesCount64(a.mask) })
	for range 24 {
		if w := place(cut); w < words {
			best, words = slices.Clone(cut), w
		}
		order = order*6364136223846793005 + 1442695040888963407
		i, j := int(order>>33)%len(cut), int(order>>48)%len(cut)
		cut[i], cut[j] = cut[j], cut[i]
	}
	p.words = make([][]window, words)
	for _, w := range best {
		p.words[w.word] = append(p.words[w.word], w)
	}
	return p
}

// spread tells which bits may vary within the bounds of m, and which are always
// set. A field that the law leaves zero in one kind of thread has no bits there:
// a law that uses it will hear from pack.
func spread(m *Model) (vary, fixed State) {
	upTo := func(n int) uint8 { return 1<<bits.Len(uint(n)) - 1 }
	vmas, objects, pages := upTo(m.VMAs), upTo(m.Objects), upTo(m.Pages)
	slots, mms, threads := upTo(m.Slots), upTo(m.MMs), upTo(int(m.threads))
	wide := m.wide()
	prots := upTo(max(m.Prots, 1) - 1)
	for v := range m.VMAs {
		a := &vary.VMA[v]
		*a = VMA{Life: Life(upTo(int(Mapped))), MM: mms, Start: slots, End: slots, Pgoff: slots, Prot: prots, Anon: objects, NChain: objects}
		fill(a.Chain[:m.Objects], objects)
		a.Locked = m.Faulters > 0
	}
	for o := range m.Objects {
		a := &vary.Anon[o]
		*a = AnonVMA{Live: true, Root: objects, Refs: upTo(m.maxRefs()), Lock: threads, NList: vmas}
		fill(a.List[:m.VMAs], vmas)
		if m.trees {
			a.Parent, a.Children, a.Active = objects, objects, vmas
		}
		if m.shared {
			a.Readers = 1<<m.Walkers - 1
		}
	}
	for p := range m.Pages {
		vary.Page[p] = Page{Mapping: objects, Index: slots, Lock: threads, Cached: wide}
		vary.Stale[p] = true
	}
	var owed Slots
	for mm := range m.MMs {
		for slot := range m.Slots {
			vary.PTE[mm][slot] = PTE{Kind: Kind(upTo(int(Swapped))), Page: pages, Writable: true}
			owed.Add(uint8(mm+1), uint8(slot))
		}
	}
	for t := uint8(1); t <= m.threads; t++ {
		th := vary.thread(t)
		*th = Thread{
			PC: Step(upTo(int(NumSteps - 1))), Op: Step(upTo(int(Unpin))), Phase: Phase(upTo(int(Pinned))),
			VMA: vmas, Anon: objects, Held: objects, Page: pages, Slot: slots, Empty: true,
		}
		if wide {
			th.Phase = Phase(upTo(int(Apart)))
		}
		if m.rules.pinsRoot() {
			th.Root, th.Last = objects, true
		}
		if m.rules.nests() && m.IsWalker(t) {
			th.Also, th.Mutex = objects, m.rules.queues()
		}
		left := m.MMOps
		if m.IsWalker(t) {
			left = m.WalkerOps
			th.Root, th.Start, th.End, th.Pin = objects, slots, slots, objects
			vary.History[t-1] = History{Owed: owed, Stale: true, Steady: true, Missed: true, Failed: true}
			th.Oops = OopsKind(upTo(int(UnlinkedEntry)))
			th.Gone = Gone(upTo(int(AreaGone)))
		} else {
			th.New, th.Pos, th.Child, th.Need, th.Births = vmas, objects, mms, objects, vmas
			if wide {
				th.Start, th.End, th.Low, th.High, th.To, th.Prot = slots, slots, slots, slots, slots, prots
			}
			th.Error = m.Failures
			if m.Faulters > 0 {
				th.Area, th.Gone, th.Oops = vmas, Gone(upTo(int(AreaGone))), OopsKind(upTo(int(UnlinkedEntry)))
			}
		}
		vary.History[t-1].Undone = true
		if left == Unlimited {
			fixed.thread(t).Left = Unlimited
		} else {
			th.Left = upTo(left)
		}
	}
	return vary, fixed
}

// wide reports whether the model has operations of the wide world.
func (m *Model) wide() bool {
	for _, s := range m.Ops.List() {
		if s.Wide() {
			return true
		}
	}
	return m.Prots > 0 || m.Failures || m.Faulters > 0
}

func fill(list []uint8, x uint8) {
	for i := range list {
		list[i] = x
	}
}

// registers is a state in which every byte of the threads' registers and history is set:
// the law uses some of them in one kind of thread only.
func (m *Model) registers() *State {
	all, registers := new(State), new(State)
	for i := range all.bytes() {
		all.bytes()[i] = 0xff
	}
	copy(registers.Thread[:m.threads], all.Thread[:])
	copy(registers.History[:m.threads], all.History[:])
	return registers
}

// cutWindows covers every byte that is ever anything but zero, and the registers: a law
// that has something there is to hear of it.
func cutWindows(vary, fixed, registers *State) []window {
	var cut []window
	v, f, r := vary.bytes(), fixed.bytes(), registers.bytes()
	for i := 0; i < len(v); {
		if v[i] == 0 && f[i] == 0 && r[i] == 0 {
			i++
			continue
		}
		// The last window may begin before i; those bits belong to the one before.
		at := min(i, len(v)-8)
		own := ^uint64(0) << (8 * (i - at))
		w := window{offset: uint16(at)}
		w.mask = binary.LittleEndian.Uint64(v[at:]) & own
		w.fixed = binary.LittleEndian.Uint64(f[at:]) & own
		w.alien = own &^ w.mask &^ w.fixed
		cut = append(cut, w)
		i = at + 8
	}
	return cut
}

// place gives each window the first place where its bits are free, and returns
// the number of words used.
func place(cut []window) int {
	var taken [maxWords + 1]uint64
	words := 0
	for i := range cut {
		w := &cut[i]
	search:
		for w.word = 0; ; w.word++ {
			if bits.OnesCount64(taken[w.word])+bits.OnesCount64(w.mask) > 64 {
				continue
			}
			for w.rotate = range uint8(64) {
				if bits.RotateLeft64(w.mask, int(w.rotate))&taken[w.word] == 0 {
					break search
				}
			}
		}
		taken[w.word] |= bits.RotateLeft64(w.mask, int(w.rotate))
		words = max(words, int(w.word)+1)
	}
	return words
}

// pack writes s to out, one word for each of p.words. It reports false if s has
// bits that no state within the bounds has; those where no state has any are for blank.
func (p *packing) pack(s *State, out []uint64) (fits bool) {
	b := s.bytes()
	var stray uint64
	for i, windows := range p.words {
		var word uint64
		for j := range windows {
			w := &windows[j]
			x := binary.LittleEndian.Uint64(b[w.offset:])
			stray |= x & w.alien
			word |= bits.RotateLeft64(x&w.mask, int(w.rotate))
		}
		out[i] = word
	}
	return stray == 0
}

// blank reports whether s is zero where all states within the bounds are.
func (p *packing) blank(s *State) bool {
	b := s.bytes()
	for i := range p.unused {
		if w := &p.unused[i]; binary.LittleEndian.Uint64(b[w.offset:])&w.alien != 0 {
			return false
		}
	}
	return true
}

// unpack is the inverse of pack. What no state within the bounds has in s must be
// zero already.
func (p *packing) unpack(in []uint64, s *State) {
	b := s.bytes()
	for _, windows := range p.words {
		for j := range windows {
			binary.LittleEndian.PutUint64(b[windows[j].offset:], 0)
		}
	}
	for i, windows := range p.words {
		word := in[i]
		for j := range windows {
			w := &windows[j]
			x := bits.RotateLeft64(word, -int(w.rotate))&w.mask | w.fixed
			// The last window may reach back into the one before: add, don't overwrite.
			binary.LittleEndian.PutUint64(b[w.offset:], binary.LittleEndian.Uint64(b[w.offset:])|x)
		}
	}
}

// stray names a field of s that does not fit, for an error message.
func (p *packing) stray(s *State) string {
	b := s.bytes()
	for _, windows := range append(slices.Clone(p.words), p.unused) {
		for _, w := range windows {
			if x := binary.LittleEndian.Uint64(b[w.offset:]) & w.alien; x != 0 {
				return fieldAt(reflect.ValueOf(*s), int(w.offset)+bits.TrailingZeros64(x)/8, "State")
			}
		}
	}
	return "nothing"
}

// fieldAt names what lies at an offset of v.
func fieldAt(v reflect.Value, offset int, path string) string {
	switch v.Kind() {
	case reflect.Struct:
		t := v.Type()
		for i := t.NumField() - 1; i >= 0; i-- {
			if f := t.Field(i); int(f.Offset) <= offset {
				return fieldAt(v.Field(i), offset-int(f.Offset), path+"."+f.Name)
			}
		}
	case reflect.Array:
		size := int(v.Type().Elem().Size())
		return fieldAt(v.Index(offset/size), offset%size, fmt.Sprintf("%s[%d]", path, offset/size))
	}
	return fmt.Sprintf("%s = %v", path, v)
}
