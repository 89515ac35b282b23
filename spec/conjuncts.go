package spec

import (
	"fmt"
	"strings"
)

// The parts of the claims: find looks for a witness, tell says its values.

// walking reports whether the thread is inside the walk of a list.
func (th *Thread) walking() bool { return walkingAt.has(th.PC) }

func findType(m *Model, s *State) (witness, bool) {
	prots := max(m.Prots, 1)
	for v := range m.VMAs {
		a := &s.VMA[v]
		bad := a.Life > Mapped || int(a.MM) > m.MMs || a.Start > a.End || int(a.End) > m.Slots || int(a.Pgoff) >= m.Slots || int(a.Prot) >= prots ||
			int(a.Anon) > m.Objects || int(a.NChain) > m.Objects || (a.MM == 0) != (a.Life == Unborn)
		if !bad {
			bad = !distinct(a.chain(), m.Objects)
		}
		if bad {
			return witness{'v', uint8(v + 1)}, false
		}
	}
	for a := range m.Objects {
		o := &s.Anon[a]
		bad := int(o.Root) > m.Objects || o.Lock > m.threads || int(o.NList) > m.VMAs || int(o.Refs) > m.refs || o.Live && o.Root == 0 ||
			int(o.Parent) > m.Objects || int(o.Children) > m.Objects || int(o.Active) > m.VMAs
		if !bad {
			bad = !distinct(o.list(), m.VMAs)
		}
		if bad {
			return witness{'a', uint8(a + 1)}, false
		}
	}
	for p := range m.Pages {
		if pg := &s.Page[p]; int(pg.Mapping) > m.Objects || int(pg.Index) >= m.Slots || pg.Lock > m.threads {
			return witness{'p', uint8(p + 1)}, false
		}
	}
	for mm := range m.MMs {
		for slot := range m.Slots {
			e := s.PTE[mm][slot]
			if e.Kind > Swapped || int(e.Page) > m.Pages || (e.Kind == Empty) != (e == PTE{}) || (e.Kind != Empty) != (e.Page != 0) {
				return witness{'e', uint8(mm + 1), uint8(slot)}, false
			}
		}
	}
	for t := range m.threads {
		th := &s.Thread[t]
		if th.PC >= NumSteps || (th.PC == Idle) != (th.Op == Idle) || int(th.VMA) > m.VMAs || int(th.New) > m.VMAs || int(th.Area) > m.VMAs ||
			int(th.Anon) > m.Objects || int(th.Root) > m.Objects || int(th.Held) > m.Objects || int(th.Also) > m.Objects || int(th.Pin) > m.Objects ||
			int(th.Page) > m.Pages || int(th.Slot) >= m.Slots || int(th.Child) > m.MMs || (th.Oops != NoOops) != (th.PC == Oopsed) {
			return witness{'t', t + 1}, false
		}
	}
	return holds, true
}

// maxRefs bounds the references on an object: one of each walker and, if
// children pin their root, of each other object. Where the list is counted, that
// too, and a second of each walker: while it sleeps on the lock.
func (m *Model) maxRefs() int {
	if m.rules.countsList() {
		return 1 + 2*m.Walkers + m.Objects - 1
	}
	if m.rules.pinsRoot() {
		return m.Walkers + m.Objects
	}
	return m.Walkers
}

// distinct reports whether a list has ids from 1 to n, none twice.
func distinct(list []uint8, n int) bool {
	var seen [2]uint64 // ids go to MaxVMAs
	for _, x := range list {
		word, bit := &seen[x>>6&1], uint64(1)<<(x&63)
		if x < 1 || int(x) > n || *word&bit != 0 {
			return false
		}
		*word |= bit
	}
	return true
}

func contains(list []uint8, x uint8) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func tellType(m *Model, s *State, w witness) string {
	switch w[0] {
	case 'v':
		return fmt.Sprintf("v%d = %+v", w[1], *s.vma(w[1]))
	case 'a':
		return fmt.Sprintf("a%d = %+v", w[1], *s.anon(w[1]))
	case 'p':
		return fmt.Sprintf("p%d = %+v", w[1], *s.page(w[1]))
	case 'e':
		return fmt.Sprintf("pte[mm%d][%d] = %+v", w[1], w[2], *s.pte(w[1], w[2]))
	}
	return fmt.Sprintf("%s = %+v", m.ThreadName(w[1]), *s.thread(w[1]))
}

func findSameTail(m *Model, s *State) (witness, bool) {
	for a := range m.Objects {
		o := &s.Anon[a]
		if !o.Live || o.NList == 0 {
			continue
		}
		first := s.vma(o.List[0]).tail()
		for _, v := range o.list() {
			if t := s.vma(v).tail(); t == 0 || t != first {
				return witness{uint8(a + 1), o.List[0], v}, false
			}
		}
	}
	return holds, true
}

func tellSameTail(m *Model, s *State, w witness) string {
	return fmt.Sprintf("list[a%d] = %s, tail(v%d) = %s, tail(v%d) = %s",
		w[0], ids("v", s.anon(w[0]).list()), w[1], id("a", s.vma(w[1]).tail()), w[2], id("a", s.vma(w[2]).tail()))
}

func findTailIsRoot(m *Model, s *State) (witness, bool) {
	for a := range m.Objects {
		if o := &s.Anon[a]; o.Live {
			for _, v := range o.list() {
				if s.vma(v).tail() != o.Root {
					return witness{uint8(a + 1), v}, false
				}
			}
		}
	}
	return holds, true
}

func tellTailIsRoot(m *Model, s *State, w witness) string {
	return fmt.Sprintf("list[a%d] = %s, root[a%d] = a%d, chain[v%d] = %s",
		w[0], ids("v", s.anon(w[0]).list()), w[0], s.anon(w[0]).Root, w[1], ids("a", s.vma(w[1]).chain()))
}

// inside is the family, by its root, that a thread is inside of; 0: of none. An mm thread
// is inside from lock to unlock, and where it edits a list; a walker where it works on its leaf
// with a lock, and where it reads a list or what it found through one. It counts what the object is now, whatever
// the thread holds and however long ago it looked the object up.
func (m *Model) inside(s *State, t uint8) (root uint8) {
	th := s.thread(t)
	switch {
	case th.Anon == 0:
		return 0
	case m.IsWalker(t) && !readingAt.has(th.PC) && (th.Held == 0 || !workingAt.has(th.PC)):
		return 0
	case !m.IsWalker(t) && th.Held == 0 && !editingAt.has(th.PC):
		return 0
	}
	return s.anon(th.Anon).Root
}

// findWriter looks for an mm thread that shares a family with another thread.
func findWriter(m *Model, s *State) (witness, bool) {
	for t := uint8(1); t <= m.threads; t++ {
		if family := m.inside(s, t); family != 0 && !m.IsWalker(t) {
			for u := uint8(1); u <= m.threads; u++ {
				if u != t && m.inside(s, u) == family {
					return witness{t, u}, false
				}
			}
		}
	}
	return holds, true
}

// findHolders looks for two walkers in one family. Where readers share the lock there is no
// such conjunct.
func findHolders(m *Model, s *State) (witness, bool) {
	if m.shared {
		return holds, true
	}
	for t := uint8(m.MMs + 1); m.IsWalker(t + 1); t++ {
		if family := m.inside(s, t); family != 0 {
			for u := t + 1; m.IsWalker(u); u++ {
				if m.inside(s, u) == family {
					return witness{t, u}, false
				}
			}
		}
	}
	return holds, true
}

func tellTogether(m *Model, s *State, w witness) string {
	one := func(t uint8) string {
		th := s.thread(t)
		return fmt.Sprintf("%s at %s works on a%d and holds %s", m.ThreadName(t), th.PC, th.Anon, id("a", th.Held))
	}
	return fmt.Sprintf("%s; %s; both are inside the family of a%d", one(w[0]), one(w[1]), m.inside(s, w[0]))
}

func heldLive(s *State, th *Thread) bool       { return s.anon(th.Held).Live }
func heldOwnRoot(s *State, th *Thread) bool    { return s.anon(th.Held).Root == th.Held }
func heldRootOfLeaf(s *State, th *Thread) bool { return s.anon(th.Anon).Root == th.Held }

func findHeld(part func(*State, *Thread) bool) func(*Model, *State) (witness, bool) {
	return func(m *Model, s *State) (witness, bool) {
		for t := uint8(m.MMs + 1); m.IsWalker(t); t++ {
			if th := s.thread(t); th.walking() && th.Held != 0 && !part(s, th) {
				return witness{t}, false
			}
		}
		return holds, true
	}
}

func tellHeld(m *Model, s *State, w witness) string {
	th := s.thread(w[0])
	leaf, held := s.anon(th.Anon), s.anon(th.Held)
	return fmt.Sprintf("%s walks a%d (live %t, root a%d) and holds a%d (live %t, root a%d)",
		m.ThreadName(w[0]), th.Anon, leaf.Live, leaf.Root, th.Held, held.Live, held.Root)
}

func findMissed(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		if s.History[t].Missed {
			return witness{t + 1}, false
		}
	}
	return holds, true
}

func tellMissed(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s finished a walk that passed by an entry which had been there since it took the lock", m.ThreadName(w[0]))
}

func findMigrationLeft(m *Model, s *State) (witness, bool) {
	migrating := -1
	for mm := range m.MMs {
		for slot := range m.Slots {
			e := s.PTE[mm][slot]
			if e.Kind != Migration {
				continue
			}
			if migrating < 0 {
				migrating = 0
				for t := range m.threads {
					if th := &s.Thread[t]; th.Op == Migrate {
						migrating |= 1 << th.Page
					}
				}
			}
			if migrating&(1<<e.Page) == 0 {
				return witness{uint8(mm + 1), uint8(slot), e.Page}, false
			}
		}
	}
	return holds, true
}

func tellMigrationLeft(m *Model, s *State, w witness) string {
	return fmt.Sprintf("pte[mm%d][%d] is a migration entry of p%d, and nobody migrates p%d any more", w[0], w[1], w[2], w[2])
}

func findUnlock(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		th := &s.Thread[t]
		switch th.PC {
		case UnlockAnon, UnlockAdjust, UnlockMove, UnlockLeaf, UnlockRoot:
			if th.Held == 0 || !m.hasLock(s.anon(th.Held), t+1) {
				return witness{t + 1}, false
			}
		case UnlockVMA:
			if th.Also == 0 || s.anon(th.Also).Lock != t+1 {
				return witness{t + 1}, false
			}
		case UnlockWalks:
			if !th.Mutex {
				return witness{t + 1}, false
			}
		case UnlockPage:
			if s.page(th.Page).Lock != t+1 {
				return witness{t + 1}, false
			}
		}
	}
	return holds, true
}

func tellUnlock(m *Model, s *State, w witness) string {
	th := s.thread(w[0])
	if th.PC == UnlockPage {
		return fmt.Sprintf("%s is about to unlock p%d, held by %s", m.ThreadName(w[0]), th.Page, m.holder(s.page(th.Page).Lock))
	}
	owner, held := "nobody", th.Held
	switch th.PC {
	case UnlockWalks:
		return fmt.Sprintf("%s is about to unlock the walks, in which it is not", m.ThreadName(w[0]))
	case UnlockVMA:
		held = th.Also
	}
	if held != 0 {
		owner = m.holders(s.anon(held))
	}
	return fmt.Sprintf("%s is about to unlock %s, held by %s", m.ThreadName(w[0]), id("a", held), owner)
}

// holders names the threads that have a lock, or nobody.
func (m *Model) holders(o *AnonVMA) string {
	var names []string
	for _, t := range m.readers(o) {
		names = append(names, m.ThreadName(t))
	}
	if o.Lock != 0 || len(names) == 0 {
		names = append(names, m.holder(o.Lock))
	}
	return strings.Join(names, ", ")
}

// holder names a thread, or nobody.
func (m *Model) holder(t uint8) string {
	if t == 0 {
		return "nobody"
	}
	return m.ThreadName(t)
}

func findHeldAtRest(m *Model, s *State) (witness, bool) {
	for a := range m.Objects {
		if l := s.Anon[a].Lock; l != 0 && s.thread(l).PC == Idle {
			return witness{l, 'a', uint8(a + 1)}, false
		}
		for _, l := range m.readers(&s.Anon[a]) {
			if s.thread(l).PC == Idle {
				return witness{l, 'a', uint8(a + 1)}, false
			}
		}
	}
	for p := range m.Pages {
		if l := s.Page[p].Lock; l != 0 && s.thread(l).PC == Idle {
			return witness{l, 'p', uint8(p + 1)}, false
		}
	}
	if w := m.Inside(s); w != 0 && s.thread(w).PC == Idle {
		return witness{w, 'w'}, false
	}
	return holds, true
}

func tellHeldAtRest(m *Model, s *State, w witness) string {
	if w[1] == 'w' {
		return fmt.Sprintf("%s is idle and inside a walk", m.ThreadName(w[0]))
	}
	return fmt.Sprintf("%s is idle and holds the lock of %c%d", m.ThreadName(w[0]), w[1], w[2])
}

func findLeak(m *Model, s *State) (witness, bool) {
	if !asksGone(m, s) {
		return holds, true
	}
	for a := range m.Objects {
		if s.Anon[a].Live {
			return witness{uint8(a + 1)}, false
		}
	}
	return holds, true
}

func tellLeak(m *Model, s *State, w witness) string {
	o := s.anon(w[0])
	return fmt.Sprintf("no area is left and nothing is pinned, but a%d is live (refs %d, list %s)", w[0], o.Refs, ids("v", o.list()))
}

func findRootLive(m *Model, s *State) (witness, bool) {
	for a := range m.Objects {
		if o := &s.Anon[a]; o.Live && !s.anon(o.Root).Live {
			return witness{uint8(a + 1), o.Root}, false
		}
	}
	return holds, true
}

func tellRootLive(m *Model, s *State, w witness) string {
	return fmt.Sprintf("a%d is live (refs %d, list %s), its root a%d is free", w[0], s.anon(w[0]).Refs, ids("v", s.anon(w[0]).list()), w[1])
}

func findFailed(m *Model, s *State) (witness, bool) {
	for t := range m.threads {
		if s.History[t].Failed {
			return witness{t + 1}, false
		}
	}
	return holds, true
}

func tellFailed(m *Model, s *State, w witness) string {
	return fmt.Sprintf("%s got no lock although its page was mapped all the time", m.ThreadName(w[0]))
}

// explainDeadlock says what every thread waits for.
func (m *Model) explainDeadlock(s *State) (conjunct, values string) {
	if m.Rest(s) || len(m.Moves(s, nil)) > 0 {
		return "", ""
	}
	var parts []string
	for t := uint8(1); t <= m.threads; t++ {
		th := s.thread(t)
		switch th.PC {
		case Idle:
		case LockWalks:
			parts = append(parts, fmt.Sprintf("%s waits at LockWalks for %s", m.ThreadName(t), m.holder(m.Inside(s))))
		case LockArea:
			parts = append(parts, fmt.Sprintf("%s waits at LockArea for v%d, in which %s is", m.ThreadName(t), th.Area, m.holder(m.inArea(s, th.Area))))
		case LockPage:
			parts = append(parts, fmt.Sprintf("%s waits at LockPage for p%d, held by %s", m.ThreadName(t), th.Page, m.holder(s.page(th.Page).Lock)))
		default:
			a := m.lockTarget(s, th)
			parts = append(parts, fmt.Sprintf("%s waits at %s for a%d, held by %s", m.ThreadName(t), th.PC, a, m.holders(s.anon(a))))
		}
	}
	return "SomethingMoves", strings.Join(parts, "; ")
}

// id writes one id, ids a list of them.
func id(prefix string, x uint8) string {
	if x == 0 {
		return "none"
	}
	return fmt.Sprintf("%s%d", prefix, x)
}

func ids(prefix string, list []uint8) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = id(prefix, x)
	}
	return "<" + strings.Join(words, " ") + ">"
}
