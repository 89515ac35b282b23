package spec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A protocol that has no second thread, or has not an operation, says so.
func TestTodaysBoundsRefused(t *testing.T) {
	b := Bounds{MMs: 1, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 1, Ops: OpsOf(Fault)}
	for want, change := range map[string]func(*Bounds){
		"rootlock: bounds: RootPointer has no second thread in an address space": func(b *Bounds) { b.Faulters = 1 },
		"rootlock: bounds: RootPointer has no MoveKeep,UffdMove":                 func(b *Bounds) { b.Ops |= OpsOf(MoveKeep, UffdMove) },
	} {
		b := b
		change(&b)
		_, err := NewModel(RootPointer, "test", b)
		require.ErrorIs(t, err, ErrBounds)
		require.EqualError(t, err, want)
		_, err = NewModel(RwsemRoot, "test", b)
		require.NoError(t, err)
	}
	b.Faulters = 2
	_, err := NewModel(RwsemRoot, "test", b)
	require.EqualError(t, err, "rootlock: bounds: Faulters is 2; a State holds 0 to 1")
}

// The locks of a process: what each keeps out, and that a refusal says who has it.
func TestLocksOfAProcess(t *testing.T) {
	m, err := NewModel(RwsemRoot, "test", Bounds{MMs: 1, VMAs: 3, Objects: 3, Pages: 3, Walkers: 1, Slots: 2, MMOps: 3, WalkerOps: 1, Faulters: 1,
		Ops: OpsOf(Fault, Unmap, Exit, UffdMove, Walk), Layout: LayoutNeighbours})
	require.NoError(t, err)
	for _, row := range []struct{ before, move, refusal string }{
		// The first fault of an area shares the mmap lock; one in an area with an anon_vma does not.
		{"f1:Fault(v2,1)", "mm1:Unmap(v1)", "MMapLockFree is false: f1 has the mmap lock: the next step of f1 is LockAnon"},
		{"f1:UffdMove(0,1)", "mm1:Unmap(v1)", "MMapLockFree is false: f1 has the mmap lock: the next step of f1 is LockAnon"},
		{"mm1:Fault(v2,1)", "f1:Fault(v2,1)", ""},
		{"mm1:Unmap(v1)", "f1:Fault(v2,1)", "MMapLockFree is false: mm1 has the mmap lock: the next step of mm1 is LockArea"},
		// An area that is locked keeps faults out, and a fault keeps it from being locked.
		{"mm1:Fault(v2,1) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon mm1:MapPage mm1:Unmap(v1)", "f1:UffdMove(1,0)", "EntryEmpty is false: pte[mm1][0] = p1, writable"},
		{"mm1:Fault(v2,1) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon mm1:MapPage mm1:Unmap(v1) mm1:LockArea", "f1:Fault(v1,0)", "AreaMapped is false: v1 is detached"},
		{"mm1:Fault(v2,1) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon f1:Fault(v2,1) mm1:MapPage mm1:Unmap(v2)", "mm1:LockArea", "AreaLockFree is false: f1 is in v2"},
		// The last fault ends before the process does.
		{"mm1:Fault(v2,1) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon f1:Fault(v2,1) mm1:MapPage", "mm1:Exit", "MMapLockFree is false: f1 is in a fault: the next step of f1 is MapPage"},
		// A faulter only faults.
		{"", "f1:Unmap(v1)", "RightKindOfThread"},
		// While a page is moved nobody else changes an entry.
		{"f1:UffdMove(0,1) f1:LockAnon f1:LinkChain f1:LinkList f1:UnlockAnon f1:LockPage f1:CheckOwn mm1:Fault(v2,1)", "mm1:MapPage",
			"TableLockFree is false: f1 has the lock of mm1's page table while it moves p1"},
	} {
		s := m.Init()
		before, err := m.ParseSchedule(row.before)
		require.NoError(t, err)
		require.NoError(t, m.Run(&s, before, nil), row.before)
		mv, err := m.ParseSchedule(row.move)
		require.NoError(t, err)
		if got := m.WhyNot(&s, mv[0]).String(); row.refusal == "" {
			assert.Empty(t, got, row.move)
		} else {
			assert.True(t, strings.HasPrefix(got, row.refusal), "%s, then %s: %s", row.before, row.move, got)
		}
	}
}
