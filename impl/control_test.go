package impl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rootlock/rootlock/spec"
	"github.com/stretchr/testify/require"
)

// A recorder grants every step and writes it down.
type recorder struct {
	steps   []string
	choose  map[spec.Step]int
	refused int
}

func (r *recorder) hooks() *Hooks {
	return &Hooks{
		Step: func(step spec.Step, object int) int {
			r.steps = append(r.steps, fmt.Sprintf("%s(%d)", step, object))
			return r.choose[step]
		},
		Refused: func() { r.refused++; panic("refused") },
		Thread:  func() int { return 1 },
	}
}

// faulted is the law's layout of that name, with a second page at slot 0.
func faulted(t testing.TB, p Protocol) (*Control, *recorder) {
	t.Helper()
	c := NewControl(Options{Protocol: p}, Bounds{MMs: 3, VMAs: 8, Objects: 5, Pages: 5, Slots: 3})
	require.NoError(t, c.Map(1, 0, 2, 0))
	require.NoError(t, c.Fault(1, 1))
	require.NoError(t, c.Fault(1, 0))
	r := &recorder{}
	c.SetHooks(r.hooks())
	return c, r
}

// TestSteps runs every operation alone, one after the other in one world, and
// compares its steps with those that the law prescribes.
func TestSteps(t *testing.T) {
	const ownWalk = "NextEntry(0) ReadStart(1) ReadPgoff(1) Visit(1) NextEntry(1) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1)"
	var pin *Pin
	operations := []struct {
		reason  string
		run     func(*Control) error
		own     string
		deepest string // own, if empty
		pointer string // deepest, or own
		trylock string // own, if empty
		mutex   string // trylock, or own
	}{
		{
			reason: "a new area has nothing to find",
			run:    func(c *Control) error { return c.Map(1, 2, 1, 0) },
			own:    "Map(1)",
		},
		{
			reason: "the neighbour's anon_vma is taken, so nothing is allocated",
			run:    func(c *Control) error { return c.Fault(2, 2) },
			own:    "Fault(2) LockAnon(1) LinkChain(2) LinkList(1) UnlockAnon(1) MapPage(0)",
		},
		{
			reason: "an area of one entry, and the object lives on",
			run:    func(c *Control) error { return c.Unmap(2) },
			own:    "Unmap(2) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(2) FreeVMA(2)",
		},
		{
			reason: "clone, own object, entries",
			run:    func(c *Control) error { return c.Fork(1) },
			own: "Fork(1) CopyVMA(1) LinkChain(2) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"AllocAnon(0) LinkChain(2) LockAnon(2) LinkList(2) UnlockAnon(2) CopyEntry(0) CopyEntry(0)",
			deepest: "Fork(1) CopyVMA(1) LinkChain(2) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"AllocAnon(0) LinkChain(2) LockAnon(1) LinkList(2) UnlockAnon(1) CopyEntry(0) CopyEntry(0)",
			pointer: "Fork(1) CopyVMA(1) LinkChain(2) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"AllocAnon(0) PinRoot(1) LinkChain(2) LockAnon(1) LinkList(2) UnlockAnon(1) CopyEntry(0) CopyEntry(0)",
		},
		{
			reason: "the list is v1, v2",
			run:    func(c *Control) error { return c.Walk(1) },
			own:    "Walk(1) ReadMapping(1) CheckMapped(1) LockLeaf(1) " + ownWalk,
			deepest: "Walk(1) ReadMapping(1) LockLeaf(1) ReadFirst(1) ReadTail(1) " +
				ownWalk,
			pointer: "Walk(1) ReadMapping(1) CheckMapped(1) ReadRoot(1) LockRoot(1) RecheckMapped(1) " +
				ownWalk,
			trylock: "Walk(1) ReadMapping(1) CheckMapped(1) LockLeaf(1) NextEntry(0) ReadAnon(1) ReadStart(1) ReadPgoff(1) Visit(1) " +
				"NextEntry(1) ReadAnon(2) TryVMA(2) ReadStart(2) ReadPgoff(2) Visit(2) UnlockVMA(2) NextEntry(2) UnlockRoot(1)",
			mutex: "Walk(1) LockWalks(0) ReadMapping(1) CheckMapped(1) LockLeaf(1) NextEntry(0) ReadAnon(1) ReadStart(1) ReadPgoff(1) Visit(1) " +
				"NextEntry(1) ReadAnon(2) LockVMA(2) ReadStart(2) ReadPgoff(2) Visit(2) UnlockVMA(2) NextEntry(2) UnlockRoot(1) UnlockWalks(0)",
		},
		{
			reason: "shared: a copy",
			run:    func(c *Control) error { return c.Fault(2, 1) },
			own:    "Fault(2) LockPage(1) CheckOwn(1) UnlockPage(1) MapPage(0)",
		},
		{
			reason: "no longer shared: reuse",
			run:    func(c *Control) error { return c.Fault(1, 1) },
			own:    "Fault(1) LockPage(1) CheckOwn(1) MovePage(1) AllowWrite(0) UnlockPage(1)",
		},
		{
			reason: "the child's new page is in the child's own object; its root is v2's tail",
			run:    func(c *Control) error { return c.Walk(3) },
			own: "Walk(3) ReadMapping(3) CheckMapped(3) LockLeaf(2) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2)",
			deepest: "Walk(3) ReadMapping(3) LockLeaf(2) ReadFirst(2) ReadTail(2) UnlockLeaf(2) LockRoot(1) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1)",
			pointer: "Walk(3) ReadMapping(3) CheckMapped(3) ReadRoot(2) LockRoot(1) RecheckMapped(3) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1)",
			trylock: "Walk(3) ReadMapping(3) CheckMapped(3) LockLeaf(2) " +
				"NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2)",
			mutex: "Walk(3) LockWalks(0) ReadMapping(3) CheckMapped(3) LockLeaf(2) " +
				"NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) UnlockWalks(0)",
		},
		{
			reason: "three lookups, two walks; walk 2 does not ask whether the page is mapped",
			run:    func(c *Control) error { return c.Migrate(3) },
			own: "Migrate(3) LockPage(3) ReadMapping(3) CheckMapped(3) LockLeaf(2) GetAnon(2) UnlockRoot(2) " +
				"ReadMapping(3) CheckMapped(3) LockLeaf(2) NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) " +
				"ReadMapping(3) LockLeaf(2) NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) " +
				"PutAnon(2) LockLeaf(2) PutLast(2) UnlockRoot(2) UnlockPage(3)",
			deepest: "Migrate(3) LockPage(3) " +
				"ReadMapping(3) LockLeaf(2) ReadFirst(2) ReadTail(2) UnlockLeaf(2) LockRoot(1) GetAnon(2) UnlockRoot(1) " +
				"ReadMapping(3) LockLeaf(2) ReadFirst(2) ReadTail(2) UnlockLeaf(2) LockRoot(1) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
				"ReadMapping(3) LockLeaf(2) ReadFirst(2) ReadTail(2) UnlockLeaf(2) LockRoot(1) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
				"PutAnon(2) LockLeaf(2) ReadFirst(2) ReadTail(2) UnlockLeaf(2) LockRoot(1) PutLast(2) UnlockRoot(1) UnlockPage(3)",
			pointer: "Migrate(3) LockPage(3) " +
				"ReadMapping(3) CheckMapped(3) ReadRoot(2) LockRoot(1) RecheckMapped(3) GetAnon(2) UnlockRoot(1) " +
				"ReadMapping(3) CheckMapped(3) ReadRoot(2) LockRoot(1) RecheckMapped(3) " +
				"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
				"ReadMapping(3) ReadRoot(2) LockRoot(1) NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
				"PutAnon(2) ReadRoot(2) LockRoot(1) PutLast(2) UnlockRoot(1) UnlockPage(3)",
			trylock: "Migrate(3) LockPage(3) ReadMapping(3) CheckMapped(3) LockLeaf(2) GetAnon(2) UnlockRoot(2) " +
				"ReadMapping(3) CheckMapped(3) LockLeaf(2) NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) " +
				"ReadMapping(3) LockLeaf(2) NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) " +
				"PutAnon(2) LockLeaf(2) PutLast(2) UnlockRoot(2) UnlockPage(3)",
			mutex: "Migrate(3) LockPage(3) ReadMapping(3) CheckMapped(3) LockLeaf(2) GetAnon(2) UnlockRoot(2) " +
				"LockWalks(0) ReadMapping(3) CheckMapped(3) LockLeaf(2) " +
				"NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) UnlockWalks(0) " +
				"LockWalks(0) ReadMapping(3) LockLeaf(2) " +
				"NextEntry(0) ReadAnon(2) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(2) UnlockWalks(0) " +
				"PutAnon(2) LockLeaf(2) PutLast(2) UnlockRoot(2) UnlockPage(3)",
		},
		{
			reason: "start, then pgoff: two stores; clone in the child's chain order",
			run:    func(c *Control) error { return c.SplitBelow(2, 1) },
			own: "SplitBelow(2) CopyVMA(2) LinkChain(3) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"LinkChain(3) LockAnon(2) LinkList(2) UnlockAnon(2) StoreStart(2) StorePgoff(2)",
			deepest: "SplitBelow(2) CopyVMA(2) LinkChain(3) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"LinkChain(3) LockAnon(1) LinkList(2) UnlockAnon(1) LockAdjust(1) StoreStart(2) StorePgoff(2) UnlockAdjust(1)",
			trylock: "SplitBelow(2) CopyVMA(2) LinkChain(3) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"LinkChain(3) LockAnon(2) LinkList(2) UnlockAnon(2) LockAdjust(2) StoreStart(2) StorePgoff(2) UnlockAdjust(2)",
		},
		{
			reason: "end: one store",
			run:    func(c *Control) error { return c.SplitAbove(1, 1) },
			own:    "SplitAbove(1) CopyVMA(1) LinkChain(4) LockAnon(1) LinkList(1) UnlockAnon(1) StoreEnd(1)",
			deepest: "SplitAbove(1) CopyVMA(1) LinkChain(4) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"LockAdjust(1) StoreEnd(1) UnlockAdjust(1)",
			trylock: "SplitAbove(1) CopyVMA(1) LinkChain(4) LockAnon(1) LinkList(1) UnlockAnon(1) " +
				"LockAdjust(1) StoreEnd(1) UnlockAdjust(1)",
		},
		{
			reason: "one step under the mmap lock",
			run:    func(c *Control) (err error) { pin, err = c.Pin(2); return err },
			own:    "Pin(2)",
		},
		{
			reason: "all entries first; then newest to root; the pinned object is not freed",
			run:    func(c *Control) error { return c.Exit(2) },
			own: "Exit(2) ZapEntry(0) ZapEntry(0) " +
				"LockAnon(2) UnlinkList(2) UnlockAnon(2) UnlinkChain(3) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(3) FreeVMA(3) " +
				"LockAnon(2) UnlinkList(2) UnlockAnon(2) UnlinkChain(2) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(2) FreeVMA(2)",
			deepest: "Exit(2) ZapEntry(0) ZapEntry(0) " +
				"LockAnon(1) UnlinkList(2) UnlockAnon(1) UnlinkChain(3) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(3) FreeVMA(3) " +
				"LockAnon(1) UnlinkList(2) UnlockAnon(1) UnlinkChain(2) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(2) FreeVMA(2)",
		},
		{
			reason:  "the last reference on an empty list frees; the sketch finds no root then",
			run:     func(*Control) error { return pin.Release() },
			own:     "Unpin(2) PutAnon(2) LockLeaf(2) PutLast(2) UnlockRoot(2) FreeAnon(2)",
			deepest: "Unpin(2) PutAnon(2) LockLeaf(2) ReadFirst(2) UnlockLeaf(2) PutLast(2) FreeAnon(2)",
			pointer: "Unpin(2) PutAnon(2) ReadRoot(2) LockRoot(1) PutLast(2) UnlockRoot(1) FreeAnon(2)",
		},
		{
			reason: "the family's last area frees its root",
			run:    func(c *Control) error { return c.Exit(1) },
			own: "Exit(1) ZapEntry(0) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(1) FreeVMA(1) " +
				"LockAnon(1) UnlinkList(1) UnlockAnon(1) FreeAnon(1) UnlinkChain(4) FreeVMA(4)",
		},
	}
	for p := range numProtocols {
		t.Run(p.String(), func(t *testing.T) {
			c, r := faulted(t, p)
			for i, op := range operations {
				r.steps = nil
				require.NoError(t, op.run(c), "%d: %s", i, op.reason)
				want := op.own
				for _, other := range map[Protocol][]string{
					DeepestLock:    {op.deepest},
					RootPointer:    {op.pointer, op.deepest},
					RefcountedRoot: {op.pointer, op.deepest},
					TrylockRetry:   {op.trylock},
					WalkMutex:      {op.mutex, op.trylock},
				}[p] {
					if other != "" {
						want = other
						break
					}
				}
				if counted := countedSteps[op.reason]; p == RefcountedRoot && counted != "" {
					want = counted
				}
				if p == RwsemRoot {
					want = rwsemSteps[op.reason]
				}
				if diff := cmp.Diff(strings.Fields(want), r.steps); diff != "" {
					t.Fatalf("operation %d (%s): (-law +impl)\n%s", i, op.reason, diff)
				}
			}
			snap := c.System().Snapshot()
			for _, a := range snap.Anons {
				require.False(t, a.Live, "a%d", a.ID)
				require.Zero(t, a.Lock, "a%d", a.ID)
			}
		})
	}
}

// Without a choice a fork takes the lowest other address space that has no area.
func TestForkChoosesLowest(t *testing.T) {
	c := NewControl(Options{}, Bounds{MMs: 4, VMAs: 8, Objects: 1, Pages: 1, Slots: 1})
	require.NoError(t, c.Map(2, 0, 1, 0))
	for _, want := range []int{1, 3, 4} {
		require.NoError(t, c.Fork(2))
		require.NotEmpty(t, c.AddressSpace(want).areas, "into %d", want)
	}
	require.ErrorIs(t, c.Fork(2), ErrNotEmpty)
	require.NoError(t, c.Exit(3))
	require.NoError(t, c.Fork(1))
	require.NotEmpty(t, c.AddressSpace(3).areas)
}
