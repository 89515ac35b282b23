package impl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRootExcludes(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, _, page := family(t, p, 3)
		shared := 0
		done := make(chan struct{})
		for range 4 {
			go func() {
				defer func() { done <- struct{}{} }()
				for range 1000 {
					root, err := s.LockRoot(page)
					if err != nil {
						panic(err)
					}
					shared++
					root.Unlock()
				}
			}()
		}
		for range 4 {
			<-done
		}
		require.Equal(t, 4000, shared)
	})
}

func TestUnlockMisusePanics(t *testing.T) {
	const message = "rootlock: unlock of unlocked root"
	require.PanicsWithValue(t, message, Root{}.Unlock)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, _, page := family(t, p, 1)
		first, err := s.LockRoot(page)
		require.NoError(t, err)
		first.Unlock()
		require.PanicsWithValue(t, message, first.Unlock)
		second, err := s.LockRoot(page)
		require.NoError(t, err)
		require.PanicsWithValue(t, message, first.Unlock) // not the second's lock
		second.Unlock()
		requireAtRest(t, s)
	})
}

func TestLockRootAllocatesNothing(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, parent, page := family(t, p, 10)
		_, own := lastborn(t, parent)
		for _, page := range []*Page{page, own} {
			require.Zero(t, testing.AllocsPerRun(1000, func() {
				root, err := s.LockRoot(page)
				if err != nil {
					panic(err)
				}
				root.Unlock()
			}))
		}
	})
}

func TestSnapshotAllocatesNothing(t *testing.T) {
	c, _ := faulted(t, OwnLock)
	c.SetHooks(nil)
	require.NoError(t, c.Fork(1))
	var snap Snapshot
	require.Zero(t, testing.AllocsPerRun(100, func() { c.System().SnapshotInto(&snap) }))
}
