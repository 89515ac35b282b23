package spec

import (
	"fmt"
	"strings"
)

// A Refusal is why a move is not enabled: the false conjunct of its guard and
// the values that make it false.
type Refusal struct {
	Conjunct string
	Values   string
}

func (r Refusal) String() string {
	if r.Values == "" {
		return r.Conjunct
	}
	return r.Conjunct + " is false: " + r.Values
}

// WhyNot says why mv is not enabled in s; the zero Refusal if it is.
func (m *Model) WhyNot(s *State, mv Move) Refusal {
	name := m.Refusal(s, mv)
	if name == "" {
		return Refusal{}
	}
	return Refusal{name, m.refusalValues(s, mv, name)}
}

func (m *Model) refusalValues(s *State, mv Move, name string) string {
	t, arg := mv.Thread, mv.Args[0]
	who := m.holder(t)
	switch name {
	case "ThreadExists":
		return fmt.Sprintf("thread %d of %d", t, m.threads)
	case "NotCrashed":
		c := m.Crashed(s)
		_, values := m.Explain(s, NoUseAfterFree)
		return fmt.Sprintf("%s has crashed (%s)", m.ThreadName(c), values)
	case "AtStep":
		return m.nextStep(s, t)
	case "LockFree":
		a := m.lockTarget(s, s.thread(t))
		if th, o := s.thread(t), s.anon(a); m.shared && o.Lock == 0 && !th.wantsAlone() {
			return fmt.Sprintf("lock[a%d] is shared by %s, and somebody waits to have it alone", a, m.holders(o))
		}
		return fmt.Sprintf("lock[a%d] is held by %s", a, m.holders(s.anon(a)))
	case "WalksFree":
		return fmt.Sprintf("%s is inside a walk", m.holder(m.Inside(s)))
	case "PageLockFree":
		p := s.thread(t).Page
		return fmt.Sprintf("lock[p%d] is held by %s", p, m.holder(s.page(p).Lock))
	case "TableLockFree":
		mm := m.tableOf(s, t)
		u := m.tableHolder(s, mm)
		return fmt.Sprintf("%s has the lock of mm%d's page table while it moves p%d", m.holder(u), mm, s.thread(u).Page)
	case "AreaLockFree":
		if f := m.inArea(s, s.thread(t).Area); s.thread(t).Area != 0 {
			return fmt.Sprintf("%s is in v%d", m.holder(f), s.thread(t).Area)
		}
		return fmt.Sprintf("mm%d has the lock of the area: %s", m.MM(t), m.nextStep(s, m.MM(t)))
	case "MMapLockFree":
		u := m.faulterOf(t)
		if m.isFaulter(t) {
			u = m.MM(t)
		}
		if m.isFaulter(u) && s.thread(u).Child == 0 {
			return fmt.Sprintf("%s is in a fault: %s", m.holder(u), m.nextStep(s, u))
		}
		return fmt.Sprintf("%s has the mmap lock: %s", m.holder(u), m.nextStep(s, u))
	case "ObjectFree":
		if arg < 1 || int(arg) > m.Objects {
			return fmt.Sprintf("there is no a%d", arg)
		}
		return fmt.Sprintf("a%d is live (root a%d, list %s)", arg, s.anon(arg).Root, ids("v", s.anon(arg).list()))
	case "RightKindOfThread":
		if m.IsWalker(t) {
			return fmt.Sprintf("%s is a walker", who)
		}
		return fmt.Sprintf("%s is an mm thread", who)
	case "InOps":
		return fmt.Sprintf("the model's operations are %s", m.Ops)
	case "HasPin", "NoPin":
		return fmt.Sprintf("%s holds a reference on %s", who, id("a", s.thread(t).Pin))
	case "OperationLeft":
		return fmt.Sprintf("%s has begun all the operations that the bounds give it", who)
	case "NotBeingForked":
		return fmt.Sprintf("mm%d is being made by a fork", m.MM(t))
	case "PageMapped":
		return fmt.Sprintf("no entry maps p%d", arg)
	case "MMExists":
		return fmt.Sprintf("%s has no area", who)
	case "AreaMapped":
		if arg < 1 || int(arg) > m.VMAs {
			return fmt.Sprintf("there is no v%d", arg)
		}
		return fmt.Sprintf("v%d is %s", arg, lifeNames[s.vma(arg).Life])
	case "OwnArea":
		return fmt.Sprintf("v%d belongs to mm%d", arg, s.vma(arg).MM)
	case "HasAnon":
		return fmt.Sprintf("v%d has no anon_vma", arg)
	case "MMIdle":
		mm := s.vma(arg).MM
		return fmt.Sprintf("v%d belongs to mm%d: %s", arg, mm, m.nextStep(s, mm))
	case "InArea", "InsideArea":
		if mv.Step == MoveArea || mv.Step == MoveKeep {
			return fmt.Sprintf("%s has the areas %s", who, m.areasOf(s, t))
		}
		return fmt.Sprintf("v%d = [%d,%d)", arg, s.vma(arg).Start, s.vma(arg).End)
	case "NoMigrationEntry", "NotWritable":
		return fmt.Sprintf("pte[mm%d][%d] = %s", m.MM(t), mv.Args[1], s.pte(m.MM(t), mv.Args[1]))
	case "SwappedEntry":
		return fmt.Sprintf("pte[mm%d][%d] = %s", m.MM(t), mv.Args[1], s.pte(m.MM(t), mv.Args[1]))
	case "EntryPresent":
		return fmt.Sprintf("pte[mm%d][%d] = %s", m.MM(t), arg, s.pte(m.MM(t), arg))
	case "EntryEmpty":
		return fmt.Sprintf("pte[mm%d][%d] = %s", m.MM(t), mv.Args[1], s.pte(m.MM(t), mv.Args[1]))
	case "SameProtection":
		return fmt.Sprintf("the areas of %s at %d and %d have different protections", who, arg, mv.Args[1])
	case "CachedUnmapped":
		if arg < 1 || int(arg) > m.Pages {
			return fmt.Sprintf("there is no p%d", arg)
		}
		return fmt.Sprintf("p%d: in the swap cache %t, mapped %t, locked by %s", arg, s.page(arg).Cached, m.mapped(&s.World, arg), m.holder(s.page(arg).Lock))
	case "AnyArea", "NoHole":
		return fmt.Sprintf("%s has the areas %s", who, m.areasOf(s, t))
	case "Protection":
		return fmt.Sprintf("the protections are 0 to %d", max(m.Prots, 1)-1)
	case "InSlots":
		return fmt.Sprintf("an mm has slots 0 to %d", m.Slots-1)
	case "RangeFree":
		return fmt.Sprintf("%s has an area there", who)
	case "ChildFree":
		if int(arg) <= m.MMs && arg > 0 && arg != t {
			return fmt.Sprintf("mm%d exists or is busy: %s", arg, m.nextStep(s, arg))
		}
		return fmt.Sprintf("mm%d cannot be the child of mm%d", arg, t)
	case "VMAsSpare", "ObjectsSpare":
		vmas, objects := m.spare(s)
		return fmt.Sprintf("%d VMAs and %d objects are spare in these bounds", vmas, objects)
	}
	return ""
}

// areasOf lists the extents of the areas of mm.
func (m *Model) areasOf(s *State, mm uint8) string {
	var list []string
	for v := m.area(&s.World, mm, Mapped, 0); v != 0; v = m.after(&s.World, v) {
		list = append(list, fmt.Sprintf("v%d=[%d,%d)", v, s.vma(v).Start, s.vma(v).End))
	}
	return strings.Join(list, " ")
}

// nextStep says where thread t stands.
func (m *Model) nextStep(s *State, t uint8) string {
	if s.thread(t).PC == Idle {
		return fmt.Sprintf("%s is idle", m.ThreadName(t))
	}
	return fmt.Sprintf("the next step of %s is %s", m.ThreadName(t), s.thread(t).PC)
}

var lifeNames = [...]string{"unborn", "detached", "mapped", "freed"}

func (l Life) String() string { return lifeNames[l] }

func (e PTE) String() string {
	mode := "read-only"
	if e.Writable {
		mode = "writable"
	}
	switch e.Kind {
	case Present:
		return fmt.Sprintf("p%d, %s", e.Page, mode)
	case Migration:
		return fmt.Sprintf("migration entry of p%d, %s", e.Page, mode)
	case Swapped:
		return fmt.Sprintf("swap entry of p%d", e.Page)
	}
	return "empty"
}
