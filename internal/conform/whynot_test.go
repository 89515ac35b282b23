package conform

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// conjuncts say anew, for the world of the graphs' model, when a conjunct that an
// explanation names is true.
var conjuncts = map[string]func(m *spec.Model, s *spec.State, mv spec.Move) bool{
	"AtStep": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		if mv.Step.Begins() {
			return s.Thread[mv.Thread-1].PC == spec.Idle
		}
		return s.Thread[mv.Thread-1].PC == mv.Step
	},
	"RightKindOfThread": func(m *spec.Model, _ *spec.State, mv spec.Move) bool {
		return m.IsWalker(mv.Thread) == (mv.Step >= spec.Walk && mv.Step <= spec.Unpin)
	},
	"InOps":         func(m *spec.Model, _ *spec.State, mv spec.Move) bool { return m.Ops.Has(mv.Step) },
	"OperationLeft": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return s.Thread[mv.Thread-1].Left > 0 },
	"NotCrashed": func(_ *spec.Model, s *spec.State, _ spec.Move) bool {
		return !slices.ContainsFunc(s.Thread[:], func(th spec.Thread) bool { return th.PC == spec.Oopsed })
	},
	// The object that the next step acts upon is not locked. A walker may share it, unless
	// somebody stands before it who may not.
	"LockFree": func(m *spec.Model, s *spec.State, mv spec.Move) bool {
		alone := func(t uint8) bool {
			th := &s.Thread[t-1]
			return th.PC == spec.LockAnon || th.PC == spec.LockAdjust || th.PC == spec.LockRoot && th.Empty
		}
		object := m.Object(s, mv.Thread)
		o := &s.Anon[object-1]
		if o.Readers == 0 {
			return o.Lock == 0
		}
		for t := uint8(1); int(t) <= m.Threads(); t++ {
			if alone(t) && m.Object(s, t) == object {
				return false
			}
		}
		return !alone(mv.Thread)
	},
	"WalksFree": func(_ *spec.Model, s *spec.State, _ spec.Move) bool {
		return !slices.ContainsFunc(s.Thread[:], func(th spec.Thread) bool { return th.Mutex })
	},
	"PageLockFree": func(m *spec.Model, s *spec.State, mv spec.Move) bool {
		return s.Page[m.Object(s, mv.Thread)-1].Lock == 0
	},
	"ObjectFree": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return !s.Anon[mv.Args[0]-1].Live },
	"PageMapped": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		return slices.ContainsFunc(s.PTE[:], func(row [spec.MaxSlots]spec.PTE) bool {
			return slices.ContainsFunc(row[:], func(e spec.PTE) bool { return e.Kind == spec.Present && e.Page == mv.Args[0] })
		})
	},
	"AreaMapped": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		return s.VMA[mv.Args[0]-1].Life == spec.Mapped
	},
	"OwnArea": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return s.VMA[mv.Args[0]-1].MM == mv.Thread },
	"InsideArea": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		v := &s.VMA[mv.Args[0]-1]
		return v.Start < mv.Args[1] && mv.Args[1] < v.End
	},
	"MMExists": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return hasArea(s, mv.Thread) },
	// Nobody else forks this address space into being.
	"NotBeingForked": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return !forked(s, mv.Thread) },
	"ChildFree": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		child := mv.Args[0]
		return child != mv.Thread && !hasArea(s, child) && s.Thread[child-1].PC == spec.Idle && !forked(s, child)
	},
	"VMAsSpare":    spare,
	"ObjectsSpare": spare,
	"HasPin":       func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return s.Thread[mv.Thread-1].Pin != 0 },
	"NoPin":        func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return s.Thread[mv.Thread-1].Pin == 0 },
	"HasAnon":      func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return s.VMA[mv.Args[0]-1].Anon != 0 },
	// The address space of the area is not in an operation, nor being made by one.
	"MMIdle": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		mm := s.VMA[mv.Args[0]-1].MM
		return mm != 0 && s.Thread[mm-1].PC == spec.Idle && !forked(s, mm)
	},
	"InArea": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		v := &s.VMA[mv.Args[0]-1]
		return v.Start <= mv.Args[1] && mv.Args[1] < v.End
	},
	"NoMigrationEntry": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		return s.PTE[mv.Thread-1][mv.Args[1]].Kind != spec.Migration
	},
	"NotWritable": func(_ *spec.Model, s *spec.State, mv spec.Move) bool { return !s.PTE[mv.Thread-1][mv.Args[1]].Writable },
	"InSlots": func(m *spec.Model, _ *spec.State, mv spec.Move) bool {
		if mv.Step == spec.WalkPinned {
			return int(mv.Args[0]) < m.Slots
		}
		return mv.Args[1] > 0 && int(mv.Args[0]+mv.Args[1]) <= m.Slots
	},
	"RangeFree": func(_ *spec.Model, s *spec.State, mv spec.Move) bool {
		return !slices.ContainsFunc(s.VMA[:], func(v spec.VMA) bool {
			return v.Life == spec.Mapped && v.MM == mv.Thread && v.Start < mv.Args[0]+mv.Args[1] && mv.Args[0] < v.End
		})
	},
}

func hasArea(s *spec.State, mm uint8) bool {
	return slices.ContainsFunc(s.VMA[:], func(v spec.VMA) bool { return v.Life == spec.Mapped && v.MM == mm })
}

func forked(s *spec.State, mm uint8) bool {
	return slices.ContainsFunc(s.Thread[:], func(th spec.Thread) bool { return th.Op == spec.Fork && th.Child == mm })
}

// spare reports whether the bounds have the areas and objects that an operation is
// going to need beside those that others in progress have still to take: a fork one
// of each for each area, a split or a map one area, a fault one object for an area that
// has none and whose neighbours have none to lend.
func spare(m *spec.Model, s *spec.State, mv spec.Move) bool {
	vmas, objects := m.VMAs, m.Objects
	for _, v := range s.VMA {
		if v.Life != spec.Unborn {
			vmas--
		}
	}
	for _, a := range s.Anon {
		if a.Live {
			objects--
		}
	}
	for _, th := range s.Thread {
		vmas -= int(th.Births)
		objects -= int(th.Need)
	}
	switch mv.Step {
	case spec.Fork:
		for _, v := range s.VMA {
			if v.Life == spec.Mapped && v.MM == mv.Thread {
				vmas--
				if v.Anon != 0 {
					objects--
				}
			}
		}
		return vmas >= 0 && objects >= 0
	case spec.Fault:
		v := &s.VMA[mv.Args[0]-1]
		return v.Anon != 0 || lent(s, v) || objects >= 1
	}
	return vmas >= 1
}

// lent reports whether an area beside v, never forked, would go on where v ends, or ends
// where v goes on, in memory and in the file offset: prepare takes its anon_vma.
func lent(s *spec.State, v *spec.VMA) bool {
	return slices.ContainsFunc(s.VMA[:], func(o spec.VMA) bool {
		if o.Life != spec.Mapped || o.MM != v.MM || o.Anon == 0 || o.NChain != 1 {
			return false
		}
		return o.End == v.Start && o.Pgoff+o.End-o.Start == v.Pgoff || v.End == o.Start && v.Pgoff+v.End-v.Start == o.Pgoff
	})
}

// guard lists the conjuncts of a step's guard.
func guard(m *spec.Model, mv spec.Move) []string {
	names := append(make([]string, 0, 12), "NotCrashed", "AtStep")
	switch mv.Step {
	case spec.LockAnon, spec.LockAdjust, spec.LockLeaf, spec.LockRoot, spec.LockVMA:
		return append(names, "LockFree")
	case spec.LockWalks:
		return append(names, "WalksFree")
	case spec.LockPage:
		return append(names, "PageLockFree")
	case spec.AllocAnon:
		return append(names, "ObjectFree")
	}
	if !mv.Step.Begins() {
		return names
	}
	names = append(names, "RightKindOfThread", "InOps")
	if mv.Step == spec.Unpin {
		return append(names, "HasPin")
	}
	names = append(names, "OperationLeft")
	if !m.IsWalker(mv.Thread) {
		names = append(names, "NotBeingForked")
	}
	switch mv.Step {
	case spec.WalkPinned:
		return append(names, "HasPin", "InSlots")
	case spec.Walk:
		return append(names, "PageMapped")
	case spec.Migrate:
		return append(names, "PageMapped", "NoPin")
	case spec.Pin:
		return append(names, "AreaMapped", "HasAnon", "MMIdle", "NoPin")
	case spec.Map:
		return append(names, "InSlots", "RangeFree", "VMAsSpare")
	case spec.Fault:
		return append(names, "AreaMapped", "OwnArea", "InArea", "NoMigrationEntry", "NotWritable", "ObjectsSpare")
	case spec.Exit:
		return append(names, "MMExists")
	case spec.Fork:
		return append(names, "MMExists", "ChildFree", "VMAsSpare", "ObjectsSpare")
	case spec.Unmap:
		return append(names, "AreaMapped", "OwnArea")
	case spec.SplitBelow, spec.SplitAbove:
		return append(names, "AreaMapped", "OwnArea", "InsideArea", "VMAsSpare")
	}
	return names // InOps is false
}

// In every state of every graph a move is enabled exactly if all conjuncts of its guard
// are true, as they are evaluated here; and the one that an explanation names as false
// is, and comes with values. A step at which the thread does not stand is asked of a
// sample of the states.
func TestWhyNot(t *testing.T) {
	const one = 64
	some(t, func(t *testing.T, found *models.Model, g *Graph) {
		m := found.Model
		var moves []spec.Move
		named := map[string]int{}
		enabled := 0
		for i := range g.States {
			s := &g.States[i]
			moves = m.Moves(s, moves[:0])
			for th := uint8(1); int(th) <= m.Threads(); th++ {
				pc := s.Thread[th-1].PC
				for _, step := range spec.Steps() {
					if i%one != 0 && step != pc && (pc != spec.Idle || !m.Ops.Has(step) || !step.Begins()) {
						continue
					}
					for _, mv := range m.Choices(th, step) {
						name, all, names := m.Refusal(s, mv), true, guard(m, mv)
						for _, c := range names {
							all = all && conjuncts[c](m, s, mv)
							if !all {
								break
							}
						}
						if is := slices.Contains(moves, mv); is != all || is != (name == "") {
							t.Fatalf("%s in state %d: enabled %t, its conjuncts are all true %t, refused because of %q; %s", m.Format(mv), i, is, all, name, m.FormatSchedule(pathTo(g, i)))
						}
						if all {
							enabled++
							continue
						}
						named[name]++
						if !slices.Contains(names, name) || conjuncts[name](m, s, mv) {
							t.Fatalf("%s in state %d: %s is said to be false; %s", m.Format(mv), i, name, m.FormatSchedule(pathTo(g, i)))
						}
						if named[name]%64 == 1 {
							why := m.WhyNot(s, mv)
							assert.Equal(t, name, why.Conjunct)
							assert.NotEmpty(t, why.Values, "%s: %s", m.Format(mv), name)
						}
					}
				}
			}
		}
		assert.Equal(t, g.Size(), enabled, "every enabled move was among the choices")
		assert.GreaterOrEqual(t, len(named), 10)
		t.Logf("%d enabled; disabled %v", enabled, named)
	})
}

func pathTo(g *Graph, i int) spec.Schedule {
	paths := g.Paths()
	return paths.To(i)
}
