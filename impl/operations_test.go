package impl

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForkSharesUntilWritten(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s := New(Options{Protocol: p})
		parent := s.NewAddressSpace()
		require.NoError(t, parent.Map(10, 4))
		require.Equal(t, "\x00\x00", text(t, parent, 11, 2))
		require.NoError(t, parent.Write(11, 0, []byte("parent")))
		child, err := parent.Fork()
		require.NoError(t, err)
		shared, err := child.Page(11)
		require.NoError(t, err)
		require.Equal(t, "parent", text(t, child, 11, 6))

		require.NoError(t, child.Write(11, 0, []byte("chi")))
		require.Equal(t, "parent", text(t, parent, 11, 6))
		require.Equal(t, "chient", text(t, child, 11, 6))
		copied, err := child.Page(11)
		require.NoError(t, err)
		require.NotSame(t, shared, copied)

		// The parent is the only one left on the page: it keeps it.
		require.NoError(t, parent.Write(11, 5, []byte("T")))
		kept, err := parent.Page(11)
		require.NoError(t, err)
		require.Same(t, shared, kept)
		require.Equal(t, "parenT", text(t, parent, 11, 6))
	})
}

func TestWalkFindsEveryMapping(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, root, page := family(t, p, 5)
		require.NoError(t, root.Unmap(1, 1)) // a hole: the area is split
		var found []int
		require.NoError(t, s.Walk(page, func(m Mapping) bool {
			require.Zero(t, m.Slot)
			require.False(t, m.Writable)
			found = append(found, m.AddressSpace.ID())
			return true
		}))
		want := []int{1, 2, 3, 4, 5}
		if p == RwsemRoot { // whose extent was stored to comes behind those of its offset
			want = []int{2, 3, 4, 5, 1}
		}
		require.Equal(t, want, found)

		visits := 0
		require.NoError(t, s.Walk(page, func(Mapping) bool { visits++; return visits < 2 }))
		require.Equal(t, 2, visits)
		requireAtRest(t, s)
	})
}

func TestMigrateMovesBytes(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, root, page := family(t, p, 3)
		child, own := lastborn(t, root)
		for _, page := range []*Page{page, own, page} {
			before := page.Frame()
			require.NoError(t, s.Migrate(page))
			require.NotEqual(t, before, page.Frame())
		}
		require.Equal(t, "shared", text(t, root, 0, 6))
		require.Equal(t, "ownred", text(t, child, 0, 6))
		require.NoError(t, root.Write(0, 0, []byte("S")))
		require.Equal(t, "ownred", text(t, child, 0, 6))
		requireAtRest(t, s)
	})
}

func TestUnmapSplitsAtBothEdges(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s := New(Options{Protocol: p})
		m := s.NewAddressSpace()
		require.NoError(t, m.Map(0, 100))
		for slot := range uint32(100) {
			require.NoError(t, m.Write(slot, 0, []byte{byte(slot) + 1}))
		}
		require.NoError(t, m.Unmap(40, 20))
		require.ErrorIs(t, m.Unmap(40, 20), ErrNotMapped)
		for slot := range uint32(100) {
			b := []byte{0}
			if 40 <= slot && slot < 60 {
				require.ErrorIs(t, m.Read(slot, 0, b), ErrNotMapped)
				require.ErrorIs(t, m.Write(slot, 0, b), ErrNotMapped)
				continue
			}
			require.NoError(t, m.Read(slot, 0, b))
			require.Equal(t, byte(slot)+1, b[0])
			page, err := m.Page(slot)
			require.NoError(t, err)
			visits := 0
			require.NoError(t, s.Walk(page, func(at Mapping) bool { visits++; return at.Slot == slot }))
			require.Equal(t, 1, visits, "slot %d", slot)
		}
		require.NoError(t, m.Map(45, 1))
		require.NoError(t, m.Exit())
		requireAtRest(t, s)
		require.Zero(t, live(s))
	})
}

func TestForkedNeighbourIsNotShared(t *testing.T) {
	s, root, _ := family(t, OwnLock, 1)
	child, err := root.Fork()
	require.NoError(t, err)
	for _, m := range []*AddressSpace{root, child} {
		require.NoError(t, m.MapProt(8, 4, 1)) // not merged
		require.NoError(t, m.Write(8, 0, []byte("x")))
	}
	anon := map[int]map[uint32]int{1: {}, 2: {}}
	for _, v := range s.Snapshot().VMAs {
		anon[v.MM][v.Start] = v.Anon
	}
	require.Equal(t, anon[1][0], anon[1][8], "never forked from another: shared")
	require.NotEqual(t, anon[2][0], anon[2][8], "docs/kernel.md M01: the chain of a forked area is longer")
}

func TestReusedPageMovesToTheChild(t *testing.T) {
	s, root, page := family(t, OwnLock, 1)
	child, err := root.Fork()
	require.NoError(t, err)
	mapping := func() int { return s.Snapshot().Pages[0].Mapping }
	require.Equal(t, 1, mapping())
	require.NoError(t, root.Write(0, 0, []byte("x")))
	require.NoError(t, child.Write(0, 0, []byte("y")))
	kept, err := child.Page(0)
	require.NoError(t, err)
	require.Same(t, page, kept)
	require.Equal(t, 2, mapping())
}

func TestFarSlots(t *testing.T) {
	m := New(Options{PageSize: 8}).NewAddressSpace()
	for _, slot := range []uint32{0, 31, 32, 1 << 10, 1<<20 + 7, 1<<32 - 2} {
		require.NoError(t, m.Map(slot, 1))
		require.NoError(t, m.Write(slot, 7, []byte{1}))
	}
	child, err := m.Fork()
	require.NoError(t, err)
	require.NoError(t, m.Exit())
	for _, slot := range []uint32{0, 31, 32, 1 << 10, 1<<20 + 7, 1<<32 - 2} {
		require.Equal(t, "\x00\x00\x00\x00\x00\x00\x00\x01", text(t, child, slot, 8))
	}
}

func TestPinOutlivesProcesses(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, root, _ := family(t, p, 1)
		pins := make([]*Pin, 2)
		for i := range pins {
			pin, err := root.Pin(3)
			require.NoError(t, err)
			pins[i] = pin
		}
		require.NoError(t, root.Exit())
		require.Equal(t, 1, live(s))
		require.NoError(t, pins[0].Release())
		require.ErrorIs(t, pins[0].Release(), ErrReleased)
		require.Equal(t, 1, live(s))
		require.NoError(t, pins[1].Release())
		require.Zero(t, live(s))
		requireAtRest(t, s)
	})
}

// TestPageOnTheMove: a page in migration is not mapped, until it is finished.
func TestPageOnTheMove(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s, root, page := family(t, p, 3)
		frame := page.Frame()
		pending, err := s.BeginMigrate(page)
		require.NoError(t, err)
		before := s.Snapshot()
		for i, err := range []error{s.Walk(page, func(Mapping) bool { return true }), s.Migrate(page), second(s.BeginMigrate(page)), s.SwapOut(page)} {
			require.ErrorIs(t, err, ErrNotMapped, "call %d", i)
		}
		require.Equal(t, before, s.Snapshot())
		child, err := root.Fork()
		require.NoError(t, err)
		require.NoError(t, pending.Finish())
		require.NotEqual(t, frame, page.Frame())
		require.Equal(t, "shared", text(t, child, 0, 6), "the entry was copied while the page was on the move")
		requireAtRest(t, s)
	})
}

// TestMovedBackToNobody: 2.6.36, not 7.2, lets mremap give pages to an area that has no anon_vma,
// because their page offsets fit; mprotect had cut it off before they were written.
// No walk finds them and no fork copies them, but their own process keeps them.
func TestMovedBackToNobody(t *testing.T) {
	for name, away := range map[string]func(*System, *Page) error{
		"present": func(*System, *Page) error { return nil },
		"swapped": (*System).SwapOut,
		"dropped": func(s *System, p *Page) error { return errors.Join(s.SwapOut(p), s.SwapDrop(p)) },
	} {
		t.Run(name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, p Protocol) {
				for _, fork := range []bool{false, true} {
					s := New(Options{Protocol: p})
					m := s.NewAddressSpace()
					require.NoError(t, errors.Join(m.Map(0, 4), m.Protect(2, 2, 1), m.Write(2, 0, []byte("old"))))
					if fork {
						require.NoError(t, second(m.Fork()))
					}
					page, err := m.Page(2)
					require.NoError(t, err)
					require.NoError(t, errors.Join(away(s, page), m.Move(2, 2, 20), m.Protect(20, 2, 0), m.Move(20, 2, 2)))
					require.Equal(t, p == RwsemRoot, m.find(2).anon != nil)
					require.Equal(t, "old", text(t, m, 2, 3))
					require.NoError(t, m.Write(2, 0, []byte("n")))
					require.Equal(t, "nld", text(t, m, 2, 3))
					require.NoError(t, m.Exit())
					requireAtRest(t, s)
				}
			})
		})
	}
}

func TestProtocolNames(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		found, err := ProtocolByName(p.String())
		require.NoError(t, err)
		require.Equal(t, p, found)
	})
	_, err := ProtocolByName("BigKernelLock")
	require.EqualError(t, err, `rootlock: unknown protocol "BigKernelLock"`)
}

func live(s *System) (n int) {
	for _, a := range s.Snapshot().Anons {
		if a.Live {
			n++
		}
	}
	return n
}

// requireAtRest checks that no lock is held.
func requireAtRest(t testing.TB, s *System) {
	t.Helper()
	for _, a := range s.pool.anons {
		require.False(t, a.lock.taken(s), "a%d is locked", a.id)
	}
}
