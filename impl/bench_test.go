package impl

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/rootlock/rootlock/spec"
)

// BenchmarkLockRoot compares LockRoot + Unlock with a bare sync.Mutex pair, in
// one run: the ratio is what counts, and that it does not grow with the family.
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

// BenchmarkFork forks an address space of one page and lets the child exit.
func BenchmarkFork(b *testing.B) {
	for p := range numProtocols {
		for _, n := range []int{1, 1000} {
			b.Run(fmt.Sprintf("%s/%d", p, n), func(b *testing.B) {
				b.ReportAllocs()
				_, root, _ := family(b, p, n)
				for b.Loop() {
					child, err := root.Fork()
					if err == nil {
						err = child.Exit()
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkWrite writes to an entry that is writable.
func BenchmarkWrite(b *testing.B) {
	_, root, _ := family(b, OwnLock, 1)
	data := []byte("12345678")
	for b.Loop() {
		if err := root.Write(0, 8, data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCopyOnWrite forks, writes to the shared page and lets the child exit.
func BenchmarkCopyOnWrite(b *testing.B) {
	_, root, _ := family(b, OwnLock, 1)
	data := []byte("12345678")
	for b.Loop() {
		child, err := root.Fork()
		if err == nil {
			err = child.Write(0, 8, data)
		}
		if err == nil {
			err = child.Exit()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMigrate moves a page that n address spaces share.
func BenchmarkMigrate(b *testing.B) {
	for p := range numProtocols {
		for _, n := range []int{1, 10, 1000} {
			b.Run(fmt.Sprintf("%s/%d", p, n), func(b *testing.B) {
				s, _, page := family(b, p, n)
				for b.Loop() {
					if err := s.Migrate(page); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
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

// BenchmarkControl makes a closed world in the law's layout "Faulted".
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
