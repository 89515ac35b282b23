package impl

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/rootlock/rootlock/spec"
	"github.com/stretchr/testify/require"
)

// TestErrorsChangeNothing provokes every error that a caller can get by a wrong call.
func TestErrorsChangeNothing(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		s := New(Options{Protocol: p})
		m := s.NewAddressSpace()
		require.NoError(t, errors.Join(m.Map(10, 4), m.MapProt(14, 2, 1), m.Write(10, 0, []byte("x")), m.Write(11, 0, []byte("y"))))
		_, err := m.Fork()
		require.NoError(t, err)
		here, err := m.Page(10)
		require.NoError(t, err)
		out, err := m.Page(11)
		require.NoError(t, err)
		require.NoError(t, s.SwapOut(out))
		pin, err := m.Pin(10)
		require.NoError(t, err)
		require.NoError(t, pin.Release())
		pending, err := s.BeginMigrate(here)
		require.NoError(t, err)
		require.NoError(t, pending.Finish())
		root, err := s.LockRoot(here)
		require.NoError(t, err)
		root.Unlock()

		void := s.NewAddressSpace()
		gone := s.NewAddressSpace()
		require.NoError(t, errors.Join(gone.Map(0, 1), gone.Write(0, 0, []byte("z"))))
		lost, err := gone.Page(0)
		require.NoError(t, err)
		require.NoError(t, gone.Exit())

		const last = 1<<32 - 2 // slot
		b := make([]byte, s.PageSize()+1)
		all := func(Mapping) bool { return true }
		before := s.Snapshot()
		for _, c := range []struct {
			reason string
			want   error
			errs   []error
		}{
			{"length 0", ErrRange, []error{m.Map(3, 0), m.MapProt(3, 0, 1), m.Protect(10, 0, 1), m.Move(10, 0, 20), m.Unmap(10, 0)}},
			{"beyond the last slot", ErrRange, []error{m.Map(last, 2), m.Map(last+1, 1), m.Protect(last, 2, 1), m.Move(last, 2, 20), m.Move(10, 2, last), m.Unmap(last, 2)}},
			{"an area is there", ErrOverlap, []error{m.Map(10, 4), m.Map(12, 1), m.Map(0, 11), m.Map(15, 9), m.Map(0, 99), m.Move(10, 2, 14)}},
			{"a target that is its own source", ErrOverlap, []error{m.Move(10, 2, 10), m.Move(10, 2, 9), m.Move(10, 2, 11)}},
			{"no area is there", ErrNotMapped, []error{m.Protect(20, 1, 1), m.Move(20, 1, 30), m.Unmap(0, 10), m.Unmap(16, 9), m.Write(9, 0, b[:1]), m.Read(16, 0, b[:1]), second(m.Page(9)), second(m.Pin(9))}},
			{"an area is there, but not everywhere", ErrNotMapped, []error{m.Protect(9, 2, 1), m.Protect(15, 2, 0), m.Move(9, 2, 30), m.Move(15, 2, 30), m.Move(13, 2, 30)}},
			{"no page is there", ErrNotMapped, []error{second(m.Page(12)), second(m.Page(15))}},
			{"outside of the page", ErrOffset, []error{m.Write(10, -1, nil), m.Write(10, 0, b), m.Write(10, 60, b[:5]), m.Write(10, 65, nil), m.Write(10, math.MaxInt, b[:1]), m.Read(10, -1, nil), m.Read(10, 0, b), m.Read(10, 60, b[:5]), m.Read(10, math.MaxInt, b[:1])}},
			{"nothing to fork", ErrNoArea, []error{second(void.Fork())}},
			{"an area without pages", ErrNoAnon, []error{second(m.Pin(14))}},
			{"a page that was given up", ErrNotMapped, []error{second(s.LockRoot(lost)), s.Walk(lost, all), s.Migrate(lost), second(s.BeginMigrate(lost)), s.SwapOut(lost)}},
			{"a page that is swapped out", ErrNotMapped, []error{s.Walk(out, all), s.Migrate(out), second(s.BeginMigrate(out)), s.SwapOut(out)}},
			{"never swapped out, or mapped", ErrNotCached, []error{s.SwapDrop(lost), s.SwapDrop(here)}},
			{"twice", ErrReleased, []error{pin.Release()}},
			{"twice", ErrFinished, []error{pending.Finish()}},
			{"after exit", ErrExited, []error{
				gone.Map(0, 1), gone.MapProt(0, 1, 1), gone.Protect(0, 1, 1), gone.Move(0, 1, 2), gone.Unmap(0, 1), gone.Exit(),
				gone.Write(0, 0, b[:1]), gone.Read(0, 0, b[:1]), second(gone.Fork()), second(gone.Page(0)), second(gone.Pin(0)),
			}},
		} {
			for i, err := range c.errs {
				require.ErrorIs(t, err, c.want, "%s, call %d", c.reason, i)
			}
		}
		require.PanicsWithValue(t, "rootlock: unlock of unlocked root", root.Unlock)
		require.Equal(t, before, s.Snapshot())
		require.False(t, lost.Mapped())
		require.Panics(t, func() { New(Options{Protocol: numProtocols}) })
		requireAtRest(t, s)
	})
}

// TestErrorsUnderBounds: what only a closed world refuses.
func TestErrorsUnderBounds(t *testing.T) {
	eachProtocol(t, func(t *testing.T, p Protocol) {
		for prots, first := range []Prot{1, 1, 2} { // 0 stands for 1
			c := NewControl(Options{Protocol: p}, Bounds{MMs: 3, VMAs: 4, Objects: 2, Pages: 1, Slots: 4, Prots: prots})
			require.NoError(t, errors.Join(c.Map(1, 0, 2, 0), c.Fault(1, 0)))
			m := c.AddressSpace(1)
			before := c.System().Snapshot()
			for _, prot := range []Prot{first, first + 1, 255} {
				require.ErrorIs(t, m.MapProt(2, 1, prot), ErrProt)
				require.ErrorIs(t, m.Protect(0, 1, prot), ErrProt)
			}
			require.ErrorIs(t, m.Map(2, 3), ErrRange)
			require.ErrorIs(t, c.AddressSpace(2).Exit(), ErrNoArea)
			require.ErrorIs(t, second(c.AddressSpace(2).Fork()), ErrNoArea)
			require.ErrorIs(t, m.Write(1, 0, []byte("x")), ErrNoMemory, "there is one page")
			require.ErrorIs(t, c.Fault(1, 0), ErrWritable)
			require.ErrorIs(t, c.Read(1, 0), ErrNotSwapped)
			require.ErrorIs(t, c.Fault(5, 0), ErrUnknown)
			require.ErrorIs(t, c.Exit(4), ErrUnknown)
			require.ErrorIs(t, c.Migrate(2), ErrUnknown)
			require.Equal(t, before, c.System().Snapshot())

			c.SetHooks(&Hooks{Step: func(spec.Step, int) int { return 0 }, Thread: func() int { return 1 }})
			m.mmap.rw.Lock()
			require.ErrorIs(t, second(m.Page(0)), ErrBusy)
			m.mmap.rw.Unlock()
			pending, err := c.System().BeginMigrate(c.Page(1))
			require.NoError(t, err)
			require.ErrorIs(t, c.System().SwapDrop(c.Page(1)), ErrBusy)
			require.ErrorIs(t, c.Fault(1, 0), ErrMigrating)
			require.ErrorIs(t, m.Write(0, 0, []byte("x")), ErrMigrating)
			require.ErrorIs(t, m.Read(0, 0, []byte("x")), ErrMigrating)
			require.NoError(t, pending.Finish())
			require.Equal(t, before, c.System().Snapshot())

			c.SetHooks(nil)
			require.NoError(t, errors.Join(c.Map(2, 0, 1, 0), c.Map(3, 0, 1, 0)))
			require.ErrorIs(t, c.Fork(1), ErrNotEmpty)
		}
	})
}

// TestOutOfMemory lets every allocation of every operation fail in turn, alone or with
// all that follow it, and asks what the operation promises for that.
func TestOutOfMemory(t *testing.T) {
	const bytes = "abcdefghijkl" // one per slot
	read := func(m *AddressSpace, slot uint32) byte {
		b := []byte{'?'}
		if m.Read(slot, 0, b) != nil {
			b[0] = '-'
		}
		return b[0]
	}
	slots := func(m *AddressSpace, from, length uint32) string {
		var b []byte
		for slot := range length {
			b = append(b, read(m, from+slot))
		}
		return string(b)
	}
	prots := func(m *AddressSpace, low, high uint32) (prots []Prot) {
		for slot := low; slot < high; slot++ {
			prots = append(prots, m.find(slot).prot)
		}
		return prots
	}
	same := func(t *testing.T, _ *AddressSpace, before, after Snapshot) { require.Equal(t, before, after) }
	asBefore := func(t *testing.T, m *AddressSpace, _, _ Snapshot) { require.Equal(t, bytes, slots(m, 0, 12)) }
	type operation struct {
		name        string
		allocations int
		retries     bool // splits if it cannot merge
		run         func(*AddressSpace) error
		failed      func(t *testing.T, m *AddressSpace, before, after Snapshot)
	}
	operations := []operation{
		{"Map", 1, false, func(m *AddressSpace) error { return m.Map(50, 8) }, same},
		{"Write", 2, false, func(m *AddressSpace) error { return m.Write(30, 0, []byte("x")) }, same},
		{"Fork", 12, false, func(m *AddressSpace) error { return second(m.Fork()) }, func(t *testing.T, m *AddressSpace, before, after Snapshot) {
			asBefore(t, m, before, after)
			for _, snap := range []Snapshot{before, after} {
				for _, row := range snap.PTEs {
					for i := range row {
						row[i].Writable = false
					}
				}
			}
			same(t, m, before, after)
		}},
		{"Unmap", 6, false, func(m *AddressSpace) error { return m.Unmap(2, 4) }, asBefore},
		{"UnmapOfTwo", 6, false, func(m *AddressSpace) error { return m.Unmap(2, 8) }, asBefore},
		{"Protect", 6, false, func(m *AddressSpace) error { return m.Protect(2, 8, 3) }, func(t *testing.T, m *AddressSpace, before, after Snapshot) {
			asBefore(t, m, before, after)
			got := prots(m, 0, 12)
			require.Contains(t, [][]Prot{
				{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1},
				{0, 0, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1},
			}, got, "a prefix of the range, area by area")
		}},
		{"ProtectImports", 2, true, func(m *AddressSpace) error { return m.Protect(10, 2, 3) }, func(t *testing.T, m *AddressSpace, before, after Snapshot) {
			asBefore(t, m, before, after)
			require.Equal(t, []Prot{1, 1, 1, 1, 3, 3, 3, 3}, prots(m, 8, 16), "neither merged nor split")
		}},
		{"Move", 9, false, func(m *AddressSpace) error { return m.Move(2, 4, 102) }, func(t *testing.T, m *AddressSpace, before, after Snapshot) {
			if read(m, 102) == '-' {
				asBefore(t, m, before, after)
				same(t, m, before, after)
				return
			}
			require.Equal(t, "cdef", slots(m, 102, 4))
			require.Equal(t, "ab\x00\x00\x00\x00ghijkl", slots(m, 0, 12), "the source is still mapped")
		}},
	}
	// try lets allocations fail from the one at on, and reports whether it was asked for.
	try := func(t *testing.T, p Protocol, o operation, at, failures int) (asked bool) {
		left := -1 // until the first that fails; -1: none does
		s := New(Options{Protocol: p, FailAlloc: func() bool {
			if left != 0 {
				left--
				return false
			}
			asked = true
			failures--
			return failures >= 0
		}})
		parent := s.NewAddressSpace()
		require.NoError(t, errors.Join(parent.Map(0, 8), parent.MapProt(8, 4, 1), parent.MapProt(12, 4, 3), parent.MapProt(30, 4, 2)))
		for slot := range uint32(len(bytes)) {
			require.NoError(t, parent.Write(slot, 0, []byte(bytes[slot:])))
		}
		m, err := parent.Fork()
		require.NoError(t, err)
		require.NoError(t, m.Write(0, 0, []byte("a"))) // an own page beside shared ones
		before := lively(s)

		left = at
		err = o.run(m)
		left = -1
		if err != nil {
			require.ErrorIs(t, err, ErrNoMemory)
			o.failed(t, m, before, lively(s))
		}
		require.Equal(t, asked && !(o.retries && failures <= 0), err != nil)
		for slot := range uint32(128) {
			page, err := m.Page(slot)
			if err != nil {
				continue
			}
			found := false
			require.NoError(t, s.Walk(page, func(at Mapping) bool { found = found || at.AddressSpace == m && at.Slot == slot; return true }))
			require.True(t, found, "slot %d", slot)
		}
		for _, m := range s.spaces {
			require.NoError(t, m.Exit())
		}
		require.Zero(t, live(s))
		requireAtRest(t, s)
		return asked
	}
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			eachProtocol(t, func(t *testing.T, p Protocol) {
				o := o
				if p == RwsemRoot && o.retries { // forked areas do not merge: it is a split
					o.retries, o.allocations = false, 3
				}
				n := 0
				for try(t, p, o, n, 1) {
					require.True(t, try(t, p, o, n, 1000))
					n++
				}
				require.Equal(t, o.allocations, n)
			})
		})
	}
}

// second is the error of an operation that returns something, too.
func second[T any](_ T, err error) error { return err }

// lively is a Snapshot without the anon_vmas that are free: these stay for the next.
func lively(s *System) Snapshot {
	snap := s.Snapshot()
	snap.Anons = slices.DeleteFunc(snap.Anons, func(a AnonState) bool { return !a.Live })
	return snap
}
