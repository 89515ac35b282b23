package watch

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/spec"
)

// Changes says in short what a step of thread t changed: the shared state, and
// what the thread learned.
func Changes(m *spec.Model, t uint8, before, after *spec.State) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for i := range m.VMAs {
		v, b, a := i+1, &before.VMA[i], &after.VMA[i]
		if *b == *a {
			continue
		}
		if a.Life == spec.Unborn {
			say("v%d is freed", v)
			continue
		}
		if b.Life != a.Life {
			say("v%d %s mm%d [%d,%d)", v, a.Life, a.MM, a.Start, a.End)
		} else if b.Start != a.Start || b.End != a.End {
			say("v%d = [%d,%d)", v, a.Start, a.End)
		}
		if b.Pgoff != a.Pgoff && b.Life == a.Life {
			say("pgoff[v%d] = %d", v, a.Pgoff)
		}
		if b.Prot != a.Prot {
			say("prot[v%d] = %d", v, a.Prot)
		}
		if b.Locked != a.Locked {
			owner := a.MM // a process has it, and no other thread
			if !a.Locked {
				owner = 0
			}
			say("lock[v%d] %s", v, holder(m, owner))
		}
		if b.Anon != a.Anon {
			say("v%d.anon = %s", v, object(a.Anon))
		}
		if b.NChain != a.NChain || b.Chain != a.Chain {
			say("chain[v%d] = %s", v, ids("a", a.Chain[:a.NChain]))
		}
	}
	for i := range m.Objects {
		o, b, a := i+1, &before.Anon[i], &after.Anon[i]
		if b.Live != a.Live {
			if a.Live {
				say("a%d is live, root a%d", o, a.Root)
			} else {
				say("a%d is free", o)
			}
		}
		if b.NList != a.NList || b.List != a.List {
			say("list[a%d] = %s", o, ids("v", a.List[:a.NList]))
		}
		if b.Refs != a.Refs {
			say("refs[a%d] = %d", o, a.Refs)
		}
		switch {
		case b.Readers != a.Readers && a.Readers != 0:
			say("lock[a%d] shared by %s", o, m.Holders(after, uint8(o)))
		case b.Readers != a.Readers || b.Lock != a.Lock:
			say("lock[a%d] %s", o, holder(m, a.Lock))
		}
	}
	for i := range m.Pages {
		p, b, a := i+1, &before.Page[i], &after.Page[i]
		switch {
		case b.Mapping == a.Mapping && b.Index == a.Index:
		case a.Mapping == 0:
			say("p%d has no mapping", p)
		default:
			say("p%d -> a%d, index %d", p, a.Mapping, a.Index)
		}
		if b.Cached != a.Cached {
			if a.Cached {
				say("p%d is in the swap cache", p)
			} else {
				say("p%d is not in the swap cache", p)
			}
		}
		if b.Lock != a.Lock {
			say("lock[p%d] %s", p, holder(m, a.Lock))
		}
	}
	for mm := range m.MMs {
		for slot := range m.Slots {
			if b, a := before.PTE[mm][slot], after.PTE[mm][slot]; b != a {
				say("pte[mm%d][%d] = %s", mm+1, slot, a)
			}
		}
	}
	for w := range m.Threads() {
		if int(t) != w+1 && after.History[w].Stale && !before.History[w].Stale {
			say("the leaf of %s is gone", m.ThreadName(uint8(w+1)))
		}
	}
	list = append(list, learned(m, t, &before.Thread[t-1], &after.Thread[t-1])...)
	b, a := &before.History[t-1], &after.History[t-1]
	if a.Missed && !b.Missed {
		say("missed %s", entries(m, b.Owed))
	}
	if a.Failed && !b.Failed {
		say("no lock, and p%d was mapped all the time", before.Thread[t-1].Page)
	}
	return list
}

// learned is what thread t found out by its step, where only its registers show
// it.
func learned(m *spec.Model, t uint8, b, a *spec.Thread) (list []string) {
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if b.Mutex != a.Mutex {
		say("the walks %s", map[bool]string{true: "held by " + m.ThreadName(t), false: "free"}[a.Mutex])
	}
	switch b.PC {
	case spec.CheckOwn:
		if a.PC == spec.MovePage || a.PC == spec.StoreIndex {
			say("p%d is its own", b.Page)
		} else if a.Op == spec.UffdMove {
			say("p%d is busy: it stays", b.Page)
		} else {
			say("p%d is not its own: copy", b.Page)
		}
	case spec.ReadMapping:
		if a.Anon == 0 {
			say("p%d has no mapping: gives up", b.Page)
		} else {
			say("leaf a%d", a.Anon)
		}
	case spec.CheckMapped:
		if a.Anon == 0 {
			say("no entry maps p%d: gives up", b.Page)
		}
	case spec.RecheckMapped:
		if a.PC == spec.UnlockRoot || a.PC == spec.PutAnon {
			say("no entry maps p%d: gives up", b.Page)
		}
	case spec.TryRoot:
		if a.Held == 0 {
			say("lock[a%d] is not free", b.Root)
		}
	case spec.GetUnlessZero:
		if a.PC != spec.RecheckMapped {
			say("refs[a%d] = 0: gives up", b.Anon)
		}
	case spec.DropRef:
		if a.PC == spec.UnlockRoot {
			say("that was the last: gives up")
		}
	case spec.CheckUnlocked:
		if a.PC == spec.LockRoot {
			say("lock[a%d] is held: waits", a.Root)
		} else {
			say("nobody holds the lock")
		}
	case spec.ReadRoot:
		say("root a%d", a.Root)
	case spec.ReadFirst:
		if a.VMA != 0 {
			say("first is v%d", a.VMA)
		} else {
			say("list[a%d] is empty", b.Anon)
		}
	case spec.ReadTail:
		if a.Root != 0 {
			say("root a%d", a.Root)
		}
	case spec.NextEntry:
		switch {
		case a.PC == spec.ReadStart || a.PC == spec.ReadAnon:
			say("at v%d", a.VMA)
		case a.PC == spec.UnlockRoot:
			say("end of list[a%d]", b.Anon)
		}
	case spec.ReadAnon:
		switch {
		case a.Root != 0:
			say("v%d's own is a%d", a.VMA, a.Root)
		case a.PC == spec.ReadStart:
			say("no other lock")
		}
	case spec.TryVMA:
		if a.Also == 0 {
			say("a%d is taken: again", b.Root)
		}
	case spec.ReadStart:
		if a.PC == spec.ReadPgoff {
			say("reads [%d,%d)", a.Start, a.End)
		}
	case spec.ReadPgoff:
		switch a.PC {
		case spec.Visit:
			say("address %d", a.Slot)
		case spec.NextEntry, spec.UnlockVMA:
			say("not in v%d, it seems", a.VMA)
		}
	}
	if a.Oops != spec.NoOops {
		say("%s crashes", m.ThreadName(t))
	}
	return list
}

// entries writes a set of page-table positions.
func entries(m *spec.Model, set spec.Slots) string {
	var words []string
	for mm := uint8(1); int(mm) <= m.MMs; mm++ {
		for slot := uint8(0); int(slot) < m.Slots; slot++ {
			if set.Has(mm, slot) {
				words = append(words, fmt.Sprintf("pte[mm%d][%d]", mm, slot))
			}
		}
	}
	return strings.Join(words, " ")
}

func holder(m *spec.Model, t uint8) string {
	if t == 0 {
		return "free"
	}
	return "held by " + m.ThreadName(t)
}

func ids(prefix string, list []uint8) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = fmt.Sprintf("%s%d", prefix, x)
	}
	return "<" + strings.Join(words, " ") + ">"
}

// Holds reports whether t holds the lock of an object or a page, or is inside a walk.
func Holds(m *spec.Model, s *spec.State, t uint8) bool {
	for a := range m.Objects {
		if m.HasLock(s, t, uint8(a+1)) {
			return true
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock == t {
			return true
		}
	}
	return s.Thread[t-1].Mutex
}

// Locks lists the locks that t holds, "" if none.
func Locks(m *spec.Model, s *spec.State, t uint8) string {
	var locks []string
	if s.Thread[t-1].Mutex {
		locks = append(locks, "the mutex of all walks")
	}
	for a := range m.Objects {
		if m.HasLock(s, t, uint8(a+1)) {
			locks = append(locks, fmt.Sprintf("a%d", a+1))
		}
	}
	for p := range m.Pages {
		if s.Page[p].Lock == t {
			locks = append(locks, fmt.Sprintf("p%d", p+1))
		}
	}
	return strings.Join(locks, ", ")
}

// object names an anon_vma, or none.
func object(a uint8) string {
	if a == 0 {
		return "none"
	}
	return fmt.Sprintf("a%d", a)
}
