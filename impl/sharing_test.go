package impl

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Goroutines that write to one address space, side by side: each has slots of its own among
// areas that are cut, merged, forked, moved away and back, and mapped anew by another, while
// pages are migrated. Nobody's bytes are lost, and at the end nothing is. Of RwsemRoot alone: under
// the others writes wait for each other, and Protect beside a migration may strand an entry.
func TestFaultsSideBySide(t *testing.T) {
	s := New(Options{Protocol: RwsemRoot})
	defer widen(s, 1)()
	m := s.NewAddressSpace()
	const writers, each, holes = 4, 4, 32
	const slots = writers * each
	require.NoError(t, m.Map(0, slots))
	var wrote, rounds, migrated atomic.Int64
	var group, busy sync.WaitGroup
	var done atomic.Bool
	for g := range uint32(writers) {
		busy.Add(1)
		group.Go(func() {
			defer busy.Done()
			r := rand.New(rand.NewPCG(1, uint64(g)))
			var last [each]uint64
			for n := uint64(1); n < 2000; n++ {
				i := r.Uint32N(each)
				slot := g + writers*i // neighbours belong to others
				var got [8]byte
				if err := m.Read(slot, 0, got[:]); err != nil || binary.LittleEndian.Uint64(got[:]) != last[i] {
					t.Errorf("slot %d: read %v, %v; wrote %d", slot, got, err, last[i])
					return
				}
				last[i] = n
				if err := m.Write(slot, 0, binary.LittleEndian.AppendUint64(nil, n)); err != nil {
					t.Errorf("slot %d: %v", slot, err)
					return
				}
				wrote.Add(1)
				// Slots that come and go: what is not there says so.
				if err := m.Write(holes+r.Uint32N(4), 0, got[:]); err != nil && !errors.Is(err, ErrNotMapped) {
					t.Errorf("a hole: %v", err)
					return
				}
			}
		})
	}
	group.Go(func() { // the areas
		r := rand.New(rand.NewPCG(2, 0))
		for !done.Load() || rounds.Load() == 0 {
			at := r.Uint32N(slots - 2)
			err := errors.Join(m.Protect(at, 2, Prot(r.UintN(2))), m.Map(holes, 4))
			child, forked := m.Fork()
			err = errors.Join(err, forked, child.Exit(), m.Unmap(holes, 4))
			if err != nil {
				t.Error(err)
				return
			}
			rounds.Add(1)
		}
	})
	group.Go(func() { // the pages
		r := rand.New(rand.NewPCG(3, 0))
		for !done.Load() || migrated.Load() == 0 {
			if page, err := m.Page(r.Uint32N(slots)); err == nil {
				err := s.Migrate(page)
				if err == nil {
					migrated.Add(1)
				} else if !errors.Is(err, ErrNotMapped) {
					t.Error(err)
					return
				}
			}
		}
	})
	busy.Wait()
	done.Store(true)
	group.Wait()
	require.EqualValues(t, writers*1999, wrote.Load())
	require.Positive(t, rounds.Load(), "forks beside the writes")
	require.Positive(t, migrated.Load(), "migrations beside the writes")
	require.NoError(t, m.Exit())
	requireAtRest(t, s)
	require.Zero(t, live(s))
}
