package impl

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// BenchmarkLockRoot compares LockRoot + Unlock with a bare pair of sync.Mutex, or of
// sync.RWMutex for reading, in one run: the ratio is what counts, and that it does not grow
// with the family.
// The page is the root's own (its object is the root) or a child's (it is not).
func BenchmarkLockRoot(b *testing.B) {
	b.Run("Mutex", func(b *testing.B) {
		b.ReportAllocs()
		var mu sync.Mutex
		n := 0
		for b.Loop() {
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	b.Run("RLock", func(b *testing.B) {
		b.ReportAllocs()
		var mu sync.RWMutex
		n := 0
		for b.Loop() {
			mu.RLock()
			n++
			mu.RUnlock()
		}
	})
	for p := range numProtocols {
		for _, n := range []int{1, 10, 1000, 100_000} {
			s, parent, page := family(b, p, n)
			_, own := lastborn(b, parent)
			for _, of := range []struct {
				whose string
				page  *Page
			}{{"root", page}, {"child", own}} {
				b.Run(fmt.Sprintf("%s/%s/%d", p, of.whose, n), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						root, _ := s.LockRoot(of.page)
						root.Unlock()
					}
				})
			}
		}
	}
}

// BenchmarkFork forks an address space that has relatives, and lets the child exit:
// the parent's area has one anon_vma, whose list is long.
func BenchmarkFork(b *testing.B) {
	for p := range numProtocols {
		for _, n := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/%d", p, n), func(b *testing.B) {
				b.ReportAllocs()
				_, root, _ := family(b, p, n)
				for b.Loop() {
					forkAndExit(b, root)
				}
			})
		}
	}
}

// BenchmarkOperation is what a call of each operation costs under the default, RwsemRoot: one
// address space, one area of 8 slots with one page, no relatives, unless the name says
// otherwise. Where two operations undo each other ("and"), both are in the figure.
func BenchmarkOperation(b *testing.B) {
	data := []byte("12345678")
	buffer := make([]byte, 8)
	measure := func(name string, operation func(s *System, m *AddressSpace, page *Page) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			s, m, page := family(b, RwsemRoot, 1)
			for b.Loop() {
				if err := operation(s, m, page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	measure("NewAddressSpaceAndExit", func(s *System, _ *AddressSpace, _ *Page) error {
		return s.NewAddressSpace().Exit()
	})
	measure("MapAndUnmap", func(_ *System, m *AddressSpace, _ *Page) error {
		return errors.Join(m.Map(100, 8), m.Unmap(100, 8))
	})
	measure("MapAndUnmapMerged", func(_ *System, m *AddressSpace, _ *Page) error {
		return errors.Join(m.Map(8, 8), m.Unmap(8, 8)) // the area grows, and is split
	})
	measure("WriteHit", func(_ *System, m *AddressSpace, _ *Page) error {
		return m.Write(0, 8, data)
	})
	measure("ReadHit", func(_ *System, m *AddressSpace, _ *Page) error {
		return m.Read(0, 8, buffer)
	})
	measure("ProtectThereOrBack", func(_ *System, m *AddressSpace, _ *Page) error {
		return m.Protect(2, 4, m.find(2).prot^1) // three areas, or one
	})
	measure("MoveThereOrBack", func(_ *System, m *AddressSpace, _ *Page) error {
		from := m.areas[0].start()
		return m.Move(from, 8, 100-from)
	})
	measure("SwapOutAndRead", func(s *System, m *AddressSpace, page *Page) error {
		return errors.Join(s.SwapOut(page), m.Read(0, 8, buffer))
	})
	measure("SwapOutSwapDropAndWrite", func(s *System, m *AddressSpace, page *Page) error {
		return errors.Join(s.SwapOut(page), s.SwapDrop(page), m.Write(0, 8, data))
	})
	measure("PinAndRelease", func(_ *System, m *AddressSpace, _ *Page) error {
		pin, err := m.Pin(0)
		if err != nil {
			return err
		}
		return pin.Release()
	})
	measure("LockRootAndUnlock", func(s *System, _ *AddressSpace, page *Page) error {
		root, err := s.LockRoot(page)
		if err != nil {
			return err
		}
		root.Unlock()
		return nil
	})
	measure("Walk", func(s *System, _ *AddressSpace, page *Page) error {
		return s.Walk(page, func(Mapping) bool { return true })
	})
	measure("Migrate", func(s *System, _ *AddressSpace, page *Page) error {
		return s.Migrate(page)
	})
	measure("BeginMigrateAndFinish", func(s *System, _ *AddressSpace, page *Page) error {
		pending, err := s.BeginMigrate(page)
		if err != nil {
			return err
		}
		return pending.Finish()
	})
	measure("ForkAndExit", func(_ *System, m *AddressSpace, _ *Page) error {
		forkAndExit(b, m)
		return nil
	})

	b.Run("ForkAndExit1000Pages", func(b *testing.B) {
		b.ReportAllocs()
		m := image(b, 1000)
		for b.Loop() {
			forkAndExit(b, m)
		}
	})
	b.Run("ForkAndExit100Generations", func(b *testing.B) {
		b.ReportAllocs()
		_, m, _ := family(b, RwsemRoot, 1)
		for range 100 {
			child, err := m.Fork()
			if err != nil {
				b.Fatal(err)
			}
			m = child
		}
		for b.Loop() {
			forkAndExit(b, m)
		}
	})

	// Writes that fault: each to another of 1,000 pages, which are then made ready again
	// beside the clock.
	each := func(name string, m *AddressSpace, renew func(*testing.B, *AddressSpace) *AddressSpace) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			at, slot := m, uint32(1000)
			for b.Loop() {
				if slot == 1000 {
					b.StopTimer()
					at, slot = renew(b, at), 0
					b.StartTimer()
				}
				if err := at.Write(slot, 8, data); err != nil {
					b.Fatal(err)
				}
				slot++
			}
		})
	}
	each("WriteNewPage", image(b, 1001), func(b *testing.B, m *AddressSpace) *AddressSpace {
		if err := errors.Join(m.Unmap(0, 1000), m.Map(0, 1000)); err != nil {
			b.Fatal(err)
		}
		return m
	})
	parent := image(b, 1000)
	each("WriteCopy", parent, func(b *testing.B, m *AddressSpace) *AddressSpace {
		if m != parent {
			if err := m.Exit(); err != nil {
				b.Fatal(err)
			}
		}
		child, err := parent.Fork()
		if err != nil {
			b.Fatal(err)
		}
		return child
	})
	each("WriteAgainSole", image(b, 1000), func(b *testing.B, m *AddressSpace) *AddressSpace {
		forkAndExit(b, m) // read-only, and nobody else has them
		return m
	})
}

// image is an address space of one area, all of whose pages were written.
func image(b *testing.B, pages uint32) *AddressSpace {
	m := New(Options{}).NewAddressSpace()
	err := m.Map(0, pages)
	for slot := range pages {
		err = errors.Join(err, m.Write(slot, 0, []byte{1}))
	}
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func forkAndExit(b *testing.B, m *AddressSpace) {
	child, err := m.Fork()
	if err == nil {
		err = child.Exit()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSnapshot projects a world of the law's largest size.
func BenchmarkSnapshot(b *testing.B) {
	c := NewControl(Options{}, Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Slots: 4})
	for _, err := range []error{c.Map(1, 0, 4, 0), c.Fault(1, 0), c.Fault(1, 3), c.SplitBelow(1, 2), c.Fork(1), c.Fork(2)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	var snap Snapshot
	for b.Loop() {
		c.System().SnapshotInto(&snap)
	}
}

// BenchmarkControl makes a closed world in the law's layout "OnePage".
func BenchmarkControl(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		c := NewControl(Options{}, Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Slots: 4})
		if err := errors.Join(c.Map(1, 0, 4, 0), c.Fault(1, 3)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSteps is what one step costs under hooks that grant everything at once.
func BenchmarkSteps(b *testing.B) {
	c := NewControl(Options{Protocol: DeepestLock}, Bounds{MMs: 3, VMAs: 8, Objects: 8, Pages: 3, Slots: 4})
	if err := errors.Join(c.Map(1, 0, 4, 0), c.Fault(1, 0), c.Fork(1), c.Fork(2)); err != nil {
		b.Fatal(err)
	}
	steps := 0
	c.SetHooks(&Hooks{Step: func(spec.Step, int) int { steps++; return 0 }, Thread: func() int { return 1 }})
	for b.Loop() {
		if err := c.Migrate(1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
}
