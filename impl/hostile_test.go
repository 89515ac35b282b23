package impl

import (
	"bytes"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shared is a page that three address spaces map.
func shared(t *testing.T, p Protocol) (*System, []*AddressSpace, *Page) {
	t.Helper()
	sys := New(Options{Protocol: p})
	m := sys.NewAddressSpace()
	require.NoError(t, m.Map(0, 4))
	require.NoError(t, m.Write(1, 0, []byte("x")))
	list := []*AddressSpace{m}
	for range 2 {
		c, err := m.Fork()
		require.NoError(t, err)
		list = append(list, c)
	}
	page, err := m.Page(1)
	require.NoError(t, err)
	return sys, list, page
}

// A visit that panics or ends its goroutine leaves nothing locked.
func TestVisitThatDoesNotReturn(t *testing.T) {
	for p := range numProtocols {
		t.Run(p.String(), func(t *testing.T) {
			sys, list, page := shared(t, p)
			pin, err := list[0].Pin(1)
			require.NoError(t, err)
			walks := []func(func(Mapping) bool) error{
				func(visit func(Mapping) bool) error { return sys.Walk(page, visit) },
				func(visit func(Mapping) bool) error { return pin.Walk(1, visit) },
			}
			for _, walk := range walks {
				for last := range 2 {
					n := 0
					assert.PanicsWithValue(t, "mine", func() {
						_ = walk(func(Mapping) bool {
							if n++; n > last {
								panic("mine")
							}
							return true
						})
					}, "the panic is passed on")
					var wg sync.WaitGroup
					wg.Go(func() { _ = walk(func(Mapping) bool { runtime.Goexit(); return true }) })
					wg.Wait()
				}
			}
			// Whoever needs the family gets it: a fork, a write, a walk, a migration.
			_, err = list[0].Fork()
			require.NoError(t, err)
			require.NoError(t, list[0].Write(2, 0, []byte("y")))
			n := 0
			require.NoError(t, sys.Walk(page, func(Mapping) bool { n++; return true }))
			assert.Equal(t, 4, n)
			require.NoError(t, sys.Migrate(page))
			require.NoError(t, pin.Release())
			assert.Zero(t, page.hands.Load())
		})
	}
}

func TestMisuse(t *testing.T) {
	sys, list, page := shared(t, RootPointer)
	_, _, stranger := shared(t, RootPointer)
	for name, do := range map[string]func() error{
		"Walk":     func() error { return sys.Walk(stranger, func(Mapping) bool { return true }) },
		"LockRoot": func() error { _, err := sys.LockRoot(stranger); return err },
		"Migrate":  func() error { return sys.Migrate(stranger) },
		"Begin":    func() error { _, err := sys.BeginMigrate(stranger); return err },
		"SwapOut":  func() error { return sys.SwapOut(stranger) },
		"SwapDrop": func() error { return sys.SwapDrop(stranger) },
		"Mappings": func() (err error) {
			for _, err = range sys.Mappings(stranger) {
			}
			return err
		},
	} {
		assert.ErrorIs(t, do(), ErrForeign, name)
	}
	visit := func(Mapping) bool { return true }
	for reason, test := range map[string]struct {
		do   func()
		want string
	}{
		"a zero System":           {func() { _ = new(System).Walk(page, visit) }, "a System that New did not make"},
		"no System":               {func() { (*System)(nil).NewAddressSpace() }, "a System that New did not make"},
		"no page":                 {func() { _ = sys.Migrate(nil) }, "a Page that no System made"},
		"a zero Page":             {func() { _, _ = sys.LockRoot(new(Page)) }, "a Page that no System made"},
		"no visit":                {func() { _ = sys.Walk(page, nil) }, "Walk without a visit"},
		"a zero AddressSpace":     {func() { _ = new(AddressSpace).Map(0, 1) }, "an AddressSpace that neither NewAddressSpace nor Fork made"},
		"no AddressSpace":         {func() { _, _ = (*AddressSpace)(nil).Fork() }, "an AddressSpace that neither NewAddressSpace nor Fork made"},
		"a read of none":          {func() { _ = (*AddressSpace)(nil).Read(0, 0, nil) }, "an AddressSpace that neither NewAddressSpace nor Fork made"},
		"a zero Pin":              {func() { _ = new(Pin).Release() }, "a Pin that AddressSpace.Pin did not make"},
		"a zero PendingMigration": {func() { _ = new(PendingMigration).Finish() }, "a PendingMigration that BeginMigrate did not make"},
	} {
		assert.PanicsWithValue(t, "rootlock: "+test.want, test.do, reason)
	}
	assert.Equal(t, "RwsemRoot", Options{}.Protocol.String(), "the zero Options are safe")
	assert.Equal(t, []string{"page 1", "no page", "address space 1", "no address space"},
		[]string{page.String(), (*Page)(nil).String(), list[0].String(), (*AddressSpace)(nil).String()})
}

// "Not mapped" tells gone from try again, and from swapped out.
func TestNotMappedForNow(t *testing.T) {
	for p := range numProtocols {
		t.Run(p.String(), func(t *testing.T) {
			sys, list, page := shared(t, p)
			calls := map[string]func() error{
				"Walk": func() error { return sys.Walk(page, func(Mapping) bool { return true }) },
			}
			if p != DeepestLock { // which locks without asking whether the page is mapped
				calls["LockRoot"] = func() error { _, err := sys.LockRoot(page); return err }
			}
			m, err := sys.BeginMigrate(page)
			require.NoError(t, err)
			for name, do := range calls {
				assert.ErrorIs(t, do(), ErrNotMapped, name)
				assert.ErrorIs(t, do(), ErrMigrating, name)
			}
			require.NoError(t, m.Finish())
			require.NoError(t, sys.SwapOut(page))
			calls["Migrate"] = func() error { return sys.Migrate(page) }
			calls["SwapOut"] = func() error { return sys.SwapOut(page) }
			for name, do := range calls {
				assert.ErrorIs(t, do(), ErrNotMapped, name)
				assert.ErrorIs(t, do(), ErrSwappedOut, name)
			}
			for _, m := range list {
				require.NoError(t, m.Exit())
			}
			for name, do := range calls {
				assert.Equal(t, ErrNotMapped, do(), name)
			}
		})
	}
}

func TestView(t *testing.T) {
	sys := New(Options{PageSize: 8})
	m := sys.NewAddressSpace()
	require.NoError(t, m.Map(2, 3))
	require.NoError(t, m.MapProt(8, 1, 1))
	areas, err := m.Areas()
	require.NoError(t, err)
	assert.Equal(t, []Area{{2, 3, 0}, {8, 1, 1}}, areas)

	row := m.Bytes()
	n, err := row.WriteAt([]byte("over a border"), 2*8+5)
	require.NoError(t, err)
	assert.Equal(t, 13, n)
	got, err := io.ReadAll(io.NewSectionReader(row, 2*8+5, 13))
	require.NoError(t, err)
	assert.Equal(t, "over a border", string(got))
	n, err = row.WriteAt(bytes.Repeat([]byte("z"), 20), 4*8)
	assert.ErrorIs(t, err, ErrNotMapped, "slot 5 is in no area")
	assert.Equal(t, 8, n, "slot 4 was written")
	_, err = row.ReadAt(make([]byte, 1), -1)
	assert.ErrorIs(t, err, ErrOffset)
	_, err = row.ReadAt(make([]byte, 1), 1<<40)
	assert.ErrorIs(t, err, ErrOffset)

	var slots []uint32
	for slot, page := range m.Written() {
		slots = append(slots, slot)
		n := 0
		for mapping, err := range sys.Mappings(page) {
			require.NoError(t, err)
			assert.Equal(t, Mapping{m, slot, true}, mapping)
			n++
		}
		assert.Equal(t, 1, n)
	}
	assert.Equal(t, []uint32{2, 3, 4}, slots)

	vast := sys.NewAddressSpace()
	require.NoError(t, vast.Map(0, 1<<32-1))
	require.NoError(t, vast.Write(1<<31, 0, []byte("x")))
	begun := time.Now()
	for slot := range vast.Written() {
		assert.Equal(t, uint32(1<<31), slot)
	}
	assert.Less(t, time.Since(begun), 2*time.Second, "what is empty is not looked at, slot by slot")
	require.NoError(t, m.Exit())
	_, err = m.Areas()
	assert.ErrorIs(t, err, ErrExited)
}
