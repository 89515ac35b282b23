package spec

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// A Protocol is how a walker and the mm side lock a family of anon_vmas.
type Protocol uint8

const (
	OwnLock Protocol = iota
	DeepestLock
	RootPointer
	TrylockRetry
	WalkMutex
	RefcountedRoot
	RwsemRoot

	NumProtocols
)

func (p Protocol) String() string { return protocols[p].name }

// Protocols lists all protocols.
func Protocols() (list []Protocol) {
	for p := range NumProtocols {
		list = append(list, p)
	}
	return list
}

// ProtocolByName finds a protocol; the error lists the names.
func ProtocolByName(name string) (Protocol, error) {
	var names []string
	for _, p := range Protocols() {
		if p.String() == name {
			return p, nil
		}
		names = append(names, p.String())
	}
	return 0, fmt.Errorf("rootlock: unknown protocol %q; the protocols are %s", name, strings.Join(names, ", "))
}

// A Layout is an initial state.
type Layout uint8

const (
	LayoutOnePage    Layout = iota // v1 covers all slots of mm1, its last slot holds p1
	LayoutMapped                   // v1 covers all slots of mm1, nothing faulted
	LayoutNeighbours               // v1 = [0,1) holds p1, v2 = [1,Slots) was never faulted, and is protected otherwise
	LayoutEmpty                    // no area anywhere
	LayoutForked                   // v1 of mm1 was forked to v2 of mm2, which has written since: p1 at mm1, p2 at mm2

	numLayouts
)

var layoutNames = [numLayouts]string{"OnePage", "Mapped", "Neighbours", "Empty", "Forked"}

func (l Layout) String() string { return layoutNames[l] }

// LayoutByName finds a layout; the error lists the names.
func LayoutByName(name string) (Layout, error) {
	for l, n := range layoutNames {
		if n == name {
			return Layout(l), nil
		}
	}
	return 0, fmt.Errorf("rootlock: unknown layout %q; the layouts are %s", name, strings.Join(layoutNames[:], ", "))
}

// Ops is a set of operations, each named by the step that begins it.
type Ops uint32

// OpsOf makes a set of operations.
func OpsOf(steps ...Step) Ops {
	var o Ops
	for _, s := range steps {
		o |= 1 << (s - Map)
	}
	return o
}

// AllOps is every operation that tla/ has too.
func AllOps() Ops {
	return OpsOf(Map, Fault, Fork, Unmap, Exit, SplitBelow, SplitAbove, Walk, Migrate, WalkPinned, Pin, Unpin)
}

// WideOps is every operation of the wide world that all protocols have.
func WideOps() Ops {
	return OpsOf(Map, Fault, Fork, Exit, Protect, MoveArea, UnmapRange, Read, Walk, Migrate, SwapOut, SwapDrop, WalkPinned, Pin, Unpin)
}

// Operations is every operation that the protocol has.
func (p Protocol) Operations() (o Ops) {
	for s := Map; s <= Unpin; s++ {
		if p.Has(s) {
			o |= OpsOf(s)
		}
	}
	return o
}

// Has reports whether s begins an operation of the set.
func (o Ops) Has(s Step) bool { return o&(1<<(s-Map)) != 0 }

// List lists the operations in step order.
func (o Ops) List() []Step {
	var list []Step
	for s := Map; s <= Unpin; s++ {
		if o.Has(s) {
			list = append(list, s)
		}
	}
	return list
}

func (o Ops) String() string {
	names := make([]string, 0, bits.OnesCount32(uint32(o)))
	for _, s := range o.List() {
		names = append(names, s.String())
	}
	return strings.Join(names, ",")
}

// ParseOps reads a comma-separated list of operations.
func ParseOps(text string) (Ops, error) {
	var o Ops
	for name := range strings.SplitSeq(text, ",") {
		s, ok := StepByName(strings.TrimSpace(name))
		if !ok || !s.Begins() {
			return 0, fmt.Errorf("rootlock: unknown operation %q; the operations are %s", name, RwsemRoot.Operations())
		}
		o |= OpsOf(s)
	}
	return o, nil
}

// Bounds say how large the world is and how much may happen in it. They are the
// CONSTANTs of a TLC model, under the same names; Prots and Failures are of the
// wide world, which TLC does not see.
type Bounds struct {
	MMs, VMAs, Objects, Pages, Walkers, Slots int
	MMOps, WalkerOps                          int // operations per thread; Unlimited: not counted
	Layout                                    Layout
	Ops                                       Ops
	Prots                                     int  // protections; 0: areas are never merged
	Faulters                                  int  // so many mms have a second thread, which faults: see faulter.go
	Failures                                  bool // allocations may fail
}

func (b Bounds) String() string {
	ops := func(n int) string {
		if n == Unlimited {
			return "unlimited operations"
		}
		return fmt.Sprintf("%d %s", n, plural(n, "operation"))
	}
	wide := ""
	if b.Prots > 0 {
		wide = fmt.Sprintf("%d %s, ", b.Prots, plural(b.Prots, "protection"))
	}
	if b.Failures {
		wide += "failing allocations, "
	}
	if b.Faulters > 0 {
		wide += fmt.Sprintf("%d %s, ", b.Faulters, plural(b.Faulters, "faulter"))
	}
	return fmt.Sprintf("%d %s, %d %s, %d %s, %d %s, %d %s, %d %s, %s%s per mm and %s per walker out of {%s}, start %s",
		b.MMs, plural(b.MMs, "mm"), b.VMAs, plural(b.VMAs, "VMA"), b.Objects, plural(b.Objects, "object"), b.Pages, plural(b.Pages, "page"),
		b.Walkers, plural(b.Walkers, "walker"), b.Slots, plural(b.Slots, "slot"), wide, ops(b.MMOps), ops(b.WalkerOps), b.Ops, b.Layout)
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// ErrBounds is wrapped by NewModel's complaints about bounds.
var ErrBounds = errors.New("rootlock: bounds")

func (b Bounds) check() error {
	for _, l := range []struct {
		name           string
		value, low, up int
	}{
		{"MMs", b.MMs, 1, MaxMMs},
		{"VMAs", b.VMAs, 1, MaxVMAs},
		{"Objects", b.Objects, 1, MaxObjects},
		{"Pages", b.Pages, 1, MaxPages},
		{"Walkers", b.Walkers, 0, MaxWalkers},
		{"Slots", b.Slots, 1, MaxSlots},
		{"MMOps", b.MMOps, 0, Unlimited},
		{"WalkerOps", b.WalkerOps, 0, Unlimited},
		{"Prots", b.Prots, 0, MaxProts},
		{"Faulters", b.Faulters, 0, b.MMs},
	} {
		if l.value < l.low || l.value > l.up {
			return fmt.Errorf("%w: %s is %d; a State holds %d to %d", ErrBounds, l.name, l.value, l.low, l.up)
		}
	}
	if b.Layout == LayoutNeighbours && (b.Slots < 2 || b.VMAs < 2) {
		return fmt.Errorf("%w: layout Neighbours needs 2 slots and 2 VMAs", ErrBounds)
	}
	if b.Layout == LayoutForked && (b.MMs < 2 || b.VMAs < 2 || b.Objects < 2 || b.Pages < 2) {
		return fmt.Errorf("%w: layout Forked needs 2 of mms, VMAs, objects and pages", ErrBounds)
	}
	if b.Layout == LayoutNeighbours && b.Prots == 1 {
		return fmt.Errorf("%w: layout Neighbours has two areas side by side: with Prots 1 they would be merged", ErrBounds)
	}
	return nil
}

// A Model is a protocol in a bounded world. It is immutable and safe for
// concurrent use.
type Model struct {
	Name     string
	Protocol Protocol
	Bounds
	threads uint8
	forgets bool // see WithoutHistory
	rules   rules
	counts  bool // the rules count lists
	trees   bool // the rules have trees
	shared  bool // the rules share the lock
	refs    int  // the most that an object can have

	overtaken bool // a variant, for tests: a writer that waits does not stop new readers

	questions questions
}

// NewModel checks the bounds against the capacity of a State.
func NewModel(p Protocol, name string, b Bounds) (*Model, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	if more := b.Ops &^ p.Operations(); more != 0 {
		return nil, fmt.Errorf("%w: %s has no %s", ErrBounds, p, more)
	}
	if b.Faulters > 0 && !p.Trees() {
		return nil, fmt.Errorf("%w: %s has no second thread in an address space", ErrBounds, p)
	}
	m := &Model{Name: name, Protocol: p, Bounds: b, threads: uint8(b.MMs + b.Walkers + b.Faulters), rules: protocols[p].rules, questions: newQuestions(p)}
	m.counts, m.trees, m.shared = m.rules.countsList(), m.rules.trees(), m.rules.shares()
	m.refs = m.maxRefs()
	return m, nil
}

// otherProt is a protection that keeps an area from being merged with one of
// protection 0.
func (m *Model) otherProt() uint8 { return min(uint8(max(m.Prots-1, 0)), 1) }

// Threads is the number of threads: mm threads first, then walkers, then faulters.
func (m *Model) Threads() int { return int(m.threads) }

// IsWalker reports whether thread id t is a walker.
func (m *Model) IsWalker(t uint8) bool { return int(t) > m.MMs && int(t) <= m.MMs+m.Walkers }

// Init is the initial state.
func (m *Model) Init() State {
	var s State
	for t := uint8(1); t <= m.threads; t++ {
		s.thread(t).Left = uint8(m.MMOps)
		if m.IsWalker(t) {
			s.thread(t).Left = uint8(m.WalkerOps)
		}
	}
	if m.Layout == LayoutEmpty {
		return s
	}
	v := s.vma(1)
	*v = VMA{Life: Mapped, MM: 1, End: uint8(m.Slots)}
	if m.Layout == LayoutMapped {
		return s
	}
	if m.Layout == LayoutNeighbours {
		v.End = 1
		*s.vma(2) = VMA{Life: Mapped, MM: 1, Start: 1, End: uint8(m.Slots), Pgoff: 1, Prot: m.otherProt()}
	}
	v.Anon = 1
	v.pushChain(1)
	a := s.anon(1)
	a.Live, a.Root = true, 1
	if m.rules.countsList() {
		a.Refs = 1
	}
	a.append(1)
	if m.trees {
		a.Parent, a.Children, a.Active = 1, 1, 1
	}
	last := v.End - 1
	*s.page(1) = Page{Mapping: 1, Index: last}
	*s.pte(1, last) = PTE{Kind: Present, Page: 1, Writable: true}
	if m.Layout == LayoutForked {
		s.pte(1, last).Writable = false
		*s.vma(2) = VMA{Life: Mapped, MM: 2, End: uint8(m.Slots), Anon: 2}
		s.vma(2).pushChain(1)
		s.vma(2).pushChain(2)
		child := s.anon(2)
		child.Live, child.Root, child.Refs = true, 1, a.Refs
		a.append(2)
		child.append(2)
		if m.rules.pinsRoot() {
			a.Refs++
		}
		if m.trees {
			a.Children++
			child.Parent, child.Active = 1, 1
		}
		*s.page(2) = Page{Mapping: 2, Index: last}
		*s.pte(2, last) = PTE{Kind: Present, Page: 2, Writable: true}
	}
	return s
}
