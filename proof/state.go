package proof

import (
	"reflect"
	"slices"
	"strings"
)

// The state of the law, with tla/'s names: vma[v].life is V.Life. Sets of any size take the
// place of tla/'s finite ones.

// Sorts without bound. Each has a none; of addresses, offsets and indices that is 0.
var (
	Thread = &Sort{Name: "Thread", Names: []string{"None"}}
	VMA    = &Sort{Name: "VMA", Names: []string{"None"}}
	Object = &Sort{Name: "Object", Names: []string{"None"}}
	Page   = &Sort{Name: "Page", Names: []string{"None"}}
	Slot   = &Sort{Name: "Slot", Names: []string{"0"}}  // an address
	Pgoff  = &Sort{Name: "Pgoff", Names: []string{"0"}} // an offset of an area
	Index  = &Sort{Name: "Index", Names: []string{"0"}} // an offset of a page
)

// Enumerations, in the order of spec's.
var (
	Life  = enum("Life", "Unborn Detached Mapped")
	Kind  = enum("Kind", "Empty Present Migration")
	Gone  = enum("Gone", "None Entry Area")
	Oops  = enum("Oops", "None FreedVMA EmptyChain UnlinkedEntry")
	Phase = enum("Phase", "None New Cow Plain Get One Two Put Out Pinned")
	Op    = enum("Op", "None Fault Fork Unmap Exit SplitBelow SplitAbove Walk Migrate WalkPinned Unpin")
	PC    = enum("PC", "Idle Oopsed AllocAnon PinRoot LockAnon LinkChain LinkList UnlockAnon MapPage LockPage CheckOwn MovePage AllowWrite UnlockPage "+
		"CopyVMA CopyEntry ZapEntry UnlinkList PutAnon LockRoot PutLast UnlockRoot FreeAnon UnlinkChain FreeVMA LockAdjust StoreStart StoreEnd StorePgoff "+
		"UnlockAdjust ReadMapping CheckMapped ReadRoot RecheckMapped GetAnon NextEntry ReadStart ReadPgoff Visit TryRoot GetUnlessZero DropRef CheckUnlocked TakeOut PutBack")
)

func enum(name, names string) *Sort {
	return &Sort{Name: name, Names: strings.Fields(names), Enum: true}
}

// A State is what the threads share and their registers. What is called a ghost is read by
// no step: it is there for the invariant, and can be told from the rest of a reachable
// state. Lists and chains are sets with an order here. A reference count is the set of those who have a reference.
type State struct {
	*Protocol // whose words these are

	V struct { // areas
		Life  Fn `sorts:"VMA Life"`
		MM    Fn `sorts:"VMA Thread"`
		Anon  Fn `sorts:"VMA Object"`
		Chain Fn `sorts:"VMA Object Bool"`
		Newer Fn `sorts:"VMA Object Object Bool"` // the order of the chain
		Tail  Fn `sorts:"VMA Object"`             // of the chain: the oldest entry; in trees the root of its family
		Has   Fn `sorts:"VMA Slot Bool"`          // from start up to, and without, end
		Start Fn `sorts:"VMA Slot"`
		Pgoff Fn `sorts:"VMA Pgoff"`
		By    Fn `sorts:"VMA Thread ghost"` // the process that builds, has or destroys it
		Copy  Fn `sorts:"VMA VMA ghost"`    // its copy, while its process forks
	}
	A struct { // anon_vmas
		Live    Fn `sorts:"Object Bool"`
		Root    Fn `sorts:"Object Object"`
		Lock    Fn `sorts:"Object Thread"`
		List    Fn `sorts:"Object VMA Bool"`
		Before  Fn `sorts:"Object VMA VMA Bool"` // the order of the list
		Pins    Fn `sorts:"Object Bool"`         // it has a reference on its root
		Listed  Fn `sorts:"Object Bool"`         // it has one for its list, where these are counted
		Readers Fn `sorts:"Object Thread Bool"`  // those that share its lock
		Parent  Fn `sorts:"Object Object"`       // what it was forked from; a root's is itself
		Counted Fn `sorts:"Object Bool"`         // its parent counts it as a child
	}
	P struct { // pages
		Mapping Fn `sorts:"Page Object"`
		Index   Fn `sorts:"Page Index"`
		Lock    Fn `sorts:"Page Thread"`
		Stale   Fn `sorts:"Page Bool"` // history
	}
	E struct { // page-table entries
		Kind     Fn `sorts:"Thread Slot Kind"`
		Page     Fn `sorts:"Thread Slot Page"`
		Writable Fn `sorts:"Thread Slot Bool"`
		Area     Fn `sorts:"Thread Slot VMA ghost"` // the area that a filled entry belongs to
	}
	T struct { // registers
		PC      Fn `sorts:"Thread PC"`
		Op      Fn `sorts:"Thread Op"`
		Phase   Fn `sorts:"Thread Phase"`
		VMA     Fn `sorts:"Thread VMA"`
		New     Fn `sorts:"Thread VMA"`
		Anon    Fn `sorts:"Thread Object"`
		Root    Fn `sorts:"Thread Object"`
		Held    Fn `sorts:"Thread Object"`
		Pin     Fn `sorts:"Thread Object"`
		Ref     Fn `sorts:"Thread Object"` // a reference of its own beside that
		Page    Fn `sorts:"Thread Page"`
		Slot    Fn `sorts:"Thread Slot"`
		Start   Fn `sorts:"Thread Slot"`
		Extent  Fn `sorts:"Thread Slot Bool"` // what ReadStart read: the addresses from start up to end
		Cloning Fn `sorts:"Thread Bool"`      // the clone loop is on: pos # 0
		Child   Fn `sorts:"Thread Thread"`
		Empty   Fn `sorts:"Thread Bool"`
		Last    Fn `sorts:"Thread Bool"`
		Gone    Fn `sorts:"Thread Gone"`
		Oops    Fn `sorts:"Thread Oops"`
		Done    Fn `sorts:"Thread VMA Bool ghost"` // a fork: its areas that it has copied
		Kept    Fn `sorts:"Thread Object ghost"`   // of a chain that leaves its trees: the entry that is put
		Near    Fn `sorts:"Thread VMA ghost"`      // a fault: the neighbour whose anon_vma it takes over
	}
	H struct { // the history of walkers
		Stale  Fn `sorts:"Thread Bool"`
		Steady Fn `sorts:"Thread Bool"`
		Missed Fn `sorts:"Thread Bool"`
		Failed Fn `sorts:"Thread Bool"`
		Owed   Fn `sorts:"Thread Thread Slot Bool"`
	}
}

// Functions that no step changes: who is what, and the arithmetic of addresses, of which the
// proof knows no more than axioms says.
var (
	isMM     = static("isMM", func(x *Structure, a []int) int { return truth(a[0] >= 1 && a[0] <= x.mms) }, Thread, Bool)
	isWalker = static("isWalker", func(x *Structure, a []int) int { return truth(a[0] > x.mms) }, Thread, Bool)
	isPage   = static("isPage", func(_ *Structure, a []int) int { return truth(a[0] != 0) }, Page, Bool)
	// atMost: one address is not above another.
	atMost = static("atMost", func(_ *Structure, a []int) int { return truth(a[0] <= a[1]) }, Slot, Slot, Bool)
	// address: where a page with an index is, in an area with a start and an offset.
	address = static("address", func(_ *Structure, a []int) int { return a[0] + a[2] - a[1] }, Slot, Pgoff, Index, Slot)
	// offset: what the offset of an area is if its start becomes another.
	offset = static("offset", func(_ *Structure, a []int) int { return a[1] + a[2] - a[0] }, Slot, Pgoff, Slot, Pgoff)
	// indexAt: the index of a page at an address of an area.
	indexAt = static("indexAt", func(_ *Structure, a []int) int { return a[1] + a[2] - a[0] }, Slot, Pgoff, Slot, Index)
	// ownOffset: of an area that was never moved.
	ownOffset = static("ownOffset", func(_ *Structure, a []int) int { return a[0] }, Slot, Pgoff)

	// notBehind: one offset is not above another: the order of trees.
	notBehind = static("notBehind", func(_ *Structure, a []int) int { return truth(a[0] <= a[1]) }, Pgoff, Pgoff, Bool)

	statics = []*Symbol{isMM, isWalker, isPage, atMost, address, offset, indexAt, ownOffset, notBehind}
)

func static(name string, compute func(*Structure, []int) int, sorts ...*Sort) *Symbol {
	n := len(sorts) - 1
	return &Symbol{Name: name, Args: sorts[:n], Result: sorts[n], index: -1, compute: compute}
}

// axioms are what is presumed of the static functions, if they are spoken of.
func (v *vocabulary) axioms() []F {
	list := []F{
		All(Thread, func(t F) F { return Not(And(isMM.Of(t), isWalker.Of(t))) }),
		Not(isMM.Of(None(Thread))), Not(isWalker.Of(None(Thread))), Not(isPage.Of(None(Page))),
		All3(Slot, Slot, Slot, func(i, j, k F) F { return Imp(atMost.Of(i, j), atMost.Of(j, k), atMost.Of(i, k)) }),
		All2(Slot, Slot, func(i, j F) F { return Or(atMost.Of(i, j), atMost.Of(j, i)) }),
		All2(Slot, Slot, func(i, j F) F { return Imp(atMost.Of(i, j), atMost.Of(j, i), Eq(i, j)) }),
		All4(Slot, Pgoff, Slot, Index, func(i, o, j, x F) F { return Eq(address.Of(j, offset.Of(i, o, j), x), address.Of(i, o, x)) }),
		All3(Slot, Pgoff, Slot, func(i, o, j F) F { return Eq(address.Of(i, o, indexAt.Of(i, o, j)), j) }),
	}
	if v.symbols[notBehind] {
		list = append(list, All3(Pgoff, Pgoff, Pgoff, func(i, j, k F) F { return Imp(notBehind.Of(i, j), notBehind.Of(j, k), notBehind.Of(i, k)) }),
			All2(Pgoff, Pgoff, func(i, j F) F { return Or(notBehind.Of(i, j), notBehind.Of(j, i)) }))
	}
	return list
}

// symbols are the functions of the state, in the order of State.
var symbols = makeSymbols()

func makeSymbols() (list []*Symbol) {
	sorts := map[string]*Sort{}
	for _, s := range []*Sort{Bool, Thread, VMA, Object, Page, Slot, Pgoff, Index, Life, Kind, Gone, Oops, Phase, Op, PC} {
		sorts[s.Name] = s
	}
	for group := range reflect.TypeFor[State]().Fields() {
		if group.Anonymous { // the protocol
			continue
		}
		for field := range group.Type.Fields() {
			f := &Symbol{Name: group.Name + "." + field.Name, index: len(list)}
			words := strings.Fields(field.Tag.Get("sorts"))
			if f.Ghost = words[len(words)-1] == "ghost"; f.Ghost {
				words = words[:len(words)-1]
			}
			for _, w := range words[:len(words)-1] {
				f.Args = append(f.Args, sorts[w])
			}
			f.Result = sorts[words[len(words)-1]]
			list = append(list, f)
		}
	}
	return list
}

// functions are the fields of a state, in the order of symbols.
func (s *State) functions() (list []*Fn) {
	v := reflect.ValueOf(s).Elem()
	for i := 1; i < v.NumField(); i++ { // the first is the protocol
		for j := range v.Field(i).NumField() {
			list = append(list, v.Field(i).Field(j).Addr().Interface().(*Fn))
		}
	}
	return list
}

// now is the state before a step, of any protocol: each function is its symbol.
var now = func() *State {
	s := &State{}
	for i, f := range s.functions() {
		*f = symbols[i].Of
	}
	return s
}()

// registers and area are new values of some fields of a thread or an area: terms, names or
// truth values. A field that is nil stays as it was.
type (
	registers struct {
		PC, Op, Phase, VMA, New, Anon, Root, Held, Pin, Ref, Page, Slot, Start, Cloning, Child, Empty, Last, Gone, Oops, Near, Kept any
	}
	area struct {
		Life, MM, Anon, Tail, Start, Pgoff, By any
	}
)

// put gives fields of thread or area x new values: as in tla/, [x EXCEPT !.pc = ...].
func (s *State) put(x F, fields any) {
	of := map[string]any{"registers": &s.T, "area": &s.V}
	v := reflect.ValueOf(fields)
	group := reflect.ValueOf(of[v.Type().Name()]).Elem()
	for i := range v.NumField() {
		if value := v.Field(i).Interface(); value != nil {
			group.FieldByName(v.Type().Field(i).Name).Addr().Interface().(*Fn).Set(x, value)
		}
	}
}

// place are variables, for each symbol, that stand for its arguments.
var place = func() (list [][]F) {
	for _, f := range symbols {
		var args []F
		for _, s := range f.Args {
			args = append(args, freshVar(s, "at"))
		}
		list = append(list, args)
	}
	return list
}()

// A Branch is one of the ways in which a step can go: a choice, a guard, and the state
// after it. Its name is the step's, or begins with that and a dot.
type Branch struct {
	Name  string
	Actor F   // the thread
	Picks []F // what the branch chooses
	Guard []F
	S, N  *State // before and after

	freed  F       // the object that is freed
	firsts []first // what is presumed of what the branch picks, see least
}

// Step is the name of the step in tla/ and spec/.
func (b *Branch) Step() string { return strings.Split(b.Name, ".")[0] }

// when adds to the guard.
func (b *Branch) when(list ...F) { b.Guard = append(b.Guard, list...) }

// pick is a choice of the branch: any value of a sort of which the guard is true.
func (b *Branch) pick(s *Sort) F {
	p := intern(term{kind: variable, sort: s, name: "pick." + string(rune('a'+len(b.Picks))) + "." + s.Name})
	b.Picks = append(b.Picks, p)
	return p
}

// After is what the functions are after the step, at place[i]; nil where nothing changed.
func (b *Branch) After() []F {
	list := make([]F, len(symbols))
	for i, f := range b.N.functions() {
		if t := (*f)(place[i]...); t != symbols[i].Of(place[i]...) {
			list[i] = t
		}
	}
	return list
}

// least presumes of a set that has an element, among which the branch picks the first in an
// order: it has a first. Every finite set has. That is presumed only where it is asked whether
// a thread can step.
func (b *Branch) least(s *Sort, of func(x F) F, before func(x, y F) F) {
	var pick F // the last of the sort
	for _, p := range b.Picks {
		if p.sort == s {
			pick = p
		}
	}
	b.firsts = append(b.firsts, first{pick, Imp(Some(s, of), And(of(pick), All(s, func(y F) F { return Imp(of(y), Ne(y, pick), before(pick, y)) })))})
}

// first says of a pick that it is the first of its set, if the set has an element.
type first struct{ pick, says F }

// changes reports whether the step writes one of the functions.
func (b *Branch) changes(list ...*Fn) bool {
	for i, f := range b.N.functions() {
		if slices.Contains(list, f) && (*f)(place[i]...) != symbols[i].Of(place[i]...) {
			return true
		}
	}
	return false
}

// A law is the list of branches, as it grows.
type law struct {
	*Protocol
	branches []*Branch
}

// begins are the steps that begin an operation.
var begins = []string{"Map", "Fault", "Fork", "Unmap", "Exit", "SplitBelow", "SplitAbove", "Walk", "Migrate", "WalkPinned", "Pin", "Unpin"}

var actor = intern(term{kind: variable, sort: Thread, name: "actor"})

func (l *law) step(name string, kind *Symbol, body func(b *Branch, t F)) *Branch {
	b := &Branch{Name: name, Actor: actor, S: l.state(), N: l.state()}
	b.when(kind.Of(actor))
	if pc := b.Step(); slices.Contains(begins, pc) {
		b.when(now.at(actor, "Idle"))
	} else {
		b.when(now.at(actor, pc))
	}
	body(b, actor)
	b.record()
	l.branches = append(l.branches, b)
	return b
}

// mm adds a step of a process.
func (l *law) mm(name string, body func(b *Branch, m F)) {
	l.step(name, isMM, func(b *Branch, m F) {
		if slices.Contains(begins, b.Step()) {
			b.when(Not(b.S.busyChild(m)))
		}
		body(b, m)
	})
}

// walker adds a step of a walker.
func (l *law) walker(name string, body func(b *Branch, w F)) { l.step(name, isWalker, body) }
