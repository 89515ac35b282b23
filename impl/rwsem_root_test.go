package impl

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// rwsemSteps are the operations of TestSteps, by their reasons, as RwsemRoot does them: a
// clone and an unlink in one locked section each, a walk with its page's lock, the object
// before its root.
var rwsemSteps = map[string]string{
	"a new area has nothing to find":                             "Map(1)",
	"the neighbour's anon_vma is taken, so nothing is allocated": "Fault(2) LockAnon(1) LinkChain(2) LinkList(1) UnlockAnon(1) MapPage(0)",
	"an area of one entry, and the object lives on":              "Unmap(2) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlockAnon(1) FreeVMA(2)",
	"clone, own object, entries": "Fork(1) CopyVMA(1) AllocAnon(0) LinkChain(2) LockAnon(1) LinkList(1) UnlockAnon(1) PinRoot(1) LinkChain(2) " +
		"LockAnon(1) LinkList(2) UnlockAnon(1) CopyEntry(0) CopyEntry(0)",
	"the list is v1, v2": "Walk(1) LockPage(1) ReadMapping(1) CheckMapped(1) ReadRoot(1) TryRoot(1) RecheckMapped(1) NextEntry(0) " +
		"ReadStart(1) ReadPgoff(1) Visit(1) NextEntry(1) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
		"UnlockPage(1)",
	"shared: a copy":          "Fault(2) LockPage(1) CheckOwn(1) UnlockPage(1) MapPage(0)",
	"no longer shared: reuse": "Fault(1) LockPage(1) CheckOwn(1) MovePage(1) AllowWrite(0) UnlockPage(1)",
	"the child's new page is in the child's own object; its root is v2's tail": "Walk(3) LockPage(3) ReadMapping(3) CheckMapped(3) ReadRoot(2) TryRoot(1) RecheckMapped(3) NextEntry(0) " +
		"ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) UnlockPage(3)",
	"three lookups, two walks; walk 2 does not ask whether the page is mapped": "Migrate(3) LockPage(3) ReadMapping(3) CheckMapped(3) GetUnlessZero(2) RecheckMapped(3) ReadMapping(3) " +
		"CheckMapped(3) ReadRoot(2) TryRoot(1) RecheckMapped(3) NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) " +
		"NextEntry(2) UnlockRoot(1) ReadMapping(3) ReadRoot(2) LockRoot(1) NextEntry(0) ReadStart(2) ReadPgoff(2) " +
		"Visit(2) NextEntry(2) UnlockRoot(1) PutAnon(2) UnlockPage(3)",
	"start, then pgoff: two stores; clone in the child's chain order": "SplitBelow(2) CopyVMA(2) LinkChain(3) LinkChain(3) LockAnon(1) LinkList(2) LinkList(1) UnlockAnon(1) " +
		"LockAdjust(1) TakeOut(2) StoreStart(2) StorePgoff(2) PutBack(2) UnlockAdjust(1)",
	"end: one store": "SplitAbove(1) CopyVMA(1) LinkChain(4) LockAnon(1) LinkList(1) UnlockAnon(1) LockAdjust(1) TakeOut(1) " +
		"StoreEnd(1) PutBack(1) UnlockAdjust(1)",
	"one step under the mmap lock": "Pin(2)",
	"all entries first; then newest to root; the pinned object is not freed": "Exit(2) ZapEntry(0) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlinkList(2) UnlockAnon(1) FreeVMA(3) LockAnon(1) " +
		"UnlinkList(2) UnlinkList(1) UnlockAnon(1) PutAnon(2) UnlinkChain(2) FreeVMA(2)",
	"the last reference on an empty list frees; the sketch finds no root then": "Unpin(2) PutAnon(2) CheckUnlocked(1) FreeAnon(2) PutAnon(1)",
	"the family's last area frees its root": "Exit(1) ZapEntry(0) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlockAnon(1) FreeVMA(1) LockAnon(1) UnlinkList(1) " +
		"UnlockAnon(1) PutAnon(1) CheckUnlocked(1) FreeAnon(1) UnlinkChain(4) FreeVMA(4)",
}

// A chain of forks whose parents exit does not grow under RwsemRoot: a fork takes an ancestor
// without areas. Under the others every generation keeps all before it.
func TestGenerations(t *testing.T) {
	const generations = 10_000
	s := New(Options{Protocol: RwsemRoot})
	m := s.NewAddressSpace()
	require.NoError(t, errors.Join(m.Map(0, 1), m.Write(0, 0, []byte("x"))))
	longest := 0
	for range generations {
		child, err := m.Fork()
		require.NoError(t, err)
		require.NoError(t, m.Exit())
		require.NoError(t, child.Write(0, 0, []byte("y")))
		m = child
		n := 0
		for e := m.areas[0].newest; e != nil; e = e.older {
			n++
		}
		longest = max(longest, n)
	}
	require.LessOrEqual(t, longest, 3)
	require.LessOrEqual(t, len(s.pool.anons), 4, "objects ever made")
	require.NoError(t, m.Exit())
	requireAtRest(t, s)
}

// Roots of pages of one family are held side by side under RwsemRoot; of one page they are
// not, as its lock is held with the family's.
func TestRootsOfOneFamily(t *testing.T) {
	s, parent, page := family(t, RwsemRoot, 2)
	_, own := lastborn(t, parent)
	first, err := s.LockRoot(page)
	require.NoError(t, err)
	second, err := s.LockRoot(own)
	require.NoError(t, err)
	require.Same(t, first.held, second.held)
	second.Unlock()
	require.Panics(t, second.Unlock)
	first.Unlock()
	requireAtRest(t, s)
}

// BenchmarkFamilyWalk is what n goroutines need for a walk each, all of pages of one family:
// own, each of a page that its own process has written to, which no other maps; shared, each of
// a page that 1,000 relatives map.
func BenchmarkFamilyWalk(b *testing.B) {
	const most = 16
	b.Run("RWMutex", func(b *testing.B) {
		var mu sync.RWMutex
		n := 0
		for b.Loop() {
			mu.RLock()
			n++
			mu.RUnlock()
		}
	})
	for _, p := range []Protocol{RootPointer, RefcountedRoot, RwsemRoot} {
		s := New(Options{Protocol: p})
		parent := s.NewAddressSpace()
		must := func(err error) {
			if err != nil {
				b.Fatal(err)
			}
		}
		must(parent.Map(0, most))
		var shared, own []*Page
		for slot := range uint32(most) {
			must(parent.Write(slot, 0, []byte("x")))
			page, err := parent.Page(slot)
			must(err)
			shared = append(shared, page)
		}
		for i := range 1000 {
			child, err := parent.Fork()
			must(err)
			if i < most {
				must(child.Write(0, 0, []byte("x")))
				page, err := child.Page(0)
				must(err)
				own = append(own, page)
			}
		}
		for _, kind := range []struct {
			name  string
			pages []*Page
			walks int
		}{{"own", own, 100}, {"shared", shared, 4}} {
			for _, n := range []int{1, 2, 4, 16} {
				b.Run(fmt.Sprintf("%s/%s/%d", p, kind.name, n), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						var all sync.WaitGroup
						for i := range n {
							all.Go(func() {
								for range kind.walks {
									if err := s.Walk(kind.pages[i], func(Mapping) bool { return true }); err != nil {
										panic(err)
									}
								}
							})
						}
						all.Wait()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*kind.walks), "ns/walk")
				})
			}
		}
	}
}
