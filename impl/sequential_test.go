package impl

// All operations, one at a time, beside the simplest model there is.

import (
	"flag"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSequential runs operations one at a time, some of them out of memory and some
// between the two walks of a migration, beside a model: for each address space, the
// bytes and protections of the slots that are in an area. After each operation,
// they agree, and a walk of every page finds exactly the places that map it.
func TestSequential(t *testing.T) {
	if testing.Short() {
		t.Skip("one thread: nothing for the race detector")
	}
	lengthen(t, 80)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		runs, done := 0, map[string]int{}
		rapid.Check(t, func(t *rapid.T) {
			runs++
			q := newSequence(p)
			require.NoError(t, q.spaces[0].Map(0, 8))
			q.spaces[0].add(0, 8, 0)
			t.Repeat(q.operations(done))
			q.close(t)
		})
		t.Logf("%d sequences: %v", runs, done)
		for _, what := range []string{
			"map", "write", "read", "fork", "unmap", "protect", "move", "swapout", "swapin", "swapdrop", "migrate", "finish",
			"map: out of memory", "write: out of memory", "fork: out of memory", "unmap: out of memory", "protect: out of memory",
		} {
			require.GreaterOrEqual(t, done[what], runs/50, what)
		}
	})
}

// lengthen makes a sequence of rapid's n operations long on average, unless it is longer.
func lengthen(t *testing.T, n int) {
	f := flag.Lookup("rapid.steps")
	if steps, err := strconv.Atoi(f.Value.String()); err == nil && steps < n {
		require.NoError(t, f.Value.Set(strconv.Itoa(n)))
		t.Cleanup(func() { _ = f.Value.Set(strconv.Itoa(steps)) })
	}
}

// operations are what may come next; done counts those that did something.
func (q *sequence) operations(done map[string]int) map[string]func(*rapid.T) {
	slot, length := rapid.Uint32Range(0, oracleSlots-1), rapid.Uint32Range(1, 6)
	count := func(what string) { done[what]++ }
	return map[string]func(*rapid.T){
		"": q.require,
		"map": func(t *rapid.T) {
			o, at, n := q.space(t), slot.Draw(t, "start"), rapid.Uint32Range(0, 6).Draw(t, "length")
			prot := Prot(rapid.IntRange(0, 1).Draw(t, "prot"))
			switch {
			case n == 0:
				require.ErrorIs(t, o.MapProt(at, n, prot), ErrRange)
				return
			case o.mapped(at, n) > 0:
				require.ErrorIs(t, o.MapProt(at, n, prot), ErrOverlap)
				return
			}
			if outOfMemory := q.short(t); outOfMemory(o.MapProt(at, n, prot)) {
				count("map: out of memory")
				return
			}
			count("map")
			o.add(at, n, prot)
		},
		"write": func(t *rapid.T) {
			o := q.space(t)
			at, b := q.slot(t, o), rapid.Byte().Draw(t, "byte")
			if o.mapped(at, 1) == 0 {
				require.ErrorIs(t, o.Write(at, 0, []byte{b}), ErrNotMapped)
				return
			}
			if q.halfway(o, at) {
				return
			}
			q.bringIn(o, at, count)
			if outOfMemory := q.short(t); outOfMemory(o.Write(at, 0, []byte{b})) {
				count("write: out of memory")
				return
			}
			count("write")
			o.bytes[at] = b
		},
		"read": func(t *rapid.T) { // brings a swapped page in; other reads are part of "", too
			o := q.space(t)
			at, b := q.slot(t, o), []byte{0}
			if o.mapped(at, 1) == 0 || q.halfway(o, at) {
				return
			}
			q.bringIn(o, at, count)
			require.NoError(t, o.Read(at, 0, b))
			require.Equal(t, o.bytes[at], b[0])
			count("read")
		},
		"fork": func(t *rapid.T) {
			o := q.space(t)
			outOfMemory := q.short(t)
			child, err := o.Fork()
			if len(o.bytes) == 0 {
				require.ErrorIs(t, err, ErrNoArea)
				return
			}
			if outOfMemory(err) {
				count("fork: out of memory")
				return
			}
			count("fork")
			q.spaces = append(q.spaces, o.fork(child))
		},
		"unmap": func(t *rapid.T) {
			o, n := q.space(t), length.Draw(t, "length")
			at := q.slot(t, o)
			if o.mapped(at, n) == 0 {
				require.ErrorIs(t, o.Unmap(at, n), ErrNotMapped)
				return
			}
			if outOfMemory := q.short(t); outOfMemory(o.Unmap(at, n)) {
				count("unmap: out of memory")
				return
			}
			count("unmap")
			o.remove(at, n)
		},
		"protect": func(t *rapid.T) { q.protect(t, length.Draw(t, "length"), count) },
		"move": func(t *rapid.T) {
			q.move(t, length.Draw(t, "length"), slot.Draw(t, "to"), count)
		},
		"exit": func(t *rapid.T) {
			i := rapid.IntRange(0, len(q.spaces)-1).Draw(t, "space")
			if len(q.spaces) < 4 { // else little would be shared
				return
			}
			require.NoError(t, q.spaces[i].Exit())
			require.ErrorIs(t, q.spaces[i].Exit(), ErrExited)
			q.spaces[i] = newOracle(q.sys.NewAddressSpace())
		},
		"pin": func(t *rapid.T) {
			o := q.space(t)
			if pin, err := o.Pin(q.slot(t, o)); err == nil {
				q.pins = append(q.pins, pin)
			} else {
				require.True(t, err == ErrNotMapped || err == ErrNoAnon, "%v", err)
			}
		},
		"unpin": func(t *rapid.T) {
			if n := len(q.pins); n > 0 {
				require.NoError(t, q.pins[n-1].Release())
				q.pins = q.pins[:n-1]
			}
		},
		"migrate": func(t *rapid.T) {
			if page := q.page(t); page != nil {
				q.migrate(t, page, rapid.Bool().Draw(t, "halfway"), count)
			}
		},
		"finish": func(t *rapid.T) {
			if len(q.pending) > 0 {
				pages := slices.SortedFunc(maps.Keys(q.pending), func(a, b *Page) int { return a.id - b.id })
				q.finish(t, rapid.SampledFrom(pages).Draw(t, "page"))
				count("finish")
			}
		},
		"swapout": func(t *rapid.T) {
			page := q.page(t)
			if page == nil {
				return
			}
			if !page.Mapped() {
				require.ErrorIs(t, q.sys.SwapOut(page), ErrNotMapped)
				return
			}
			require.NoError(t, q.sys.SwapOut(page))
			require.False(t, page.Mapped())
			count("swapout")
		},
		"swapdrop": func(t *rapid.T) {
			page := q.page(t)
			if page == nil {
				return
			}
			if page.Mapped() || q.dropped[page] {
				require.ErrorIs(t, q.sys.SwapDrop(page), ErrNotCached)
				return
			}
			require.NoError(t, q.sys.SwapDrop(page))
			q.dropped[page] = true
			count("swapdrop")
		},
	}
}

// bringIn: who touches a slot brings the page back, if it is swapped.
func (q *sequence) bringIn(o *oracle, slot uint32, count func(string)) {
	if e := o.table.load(slot); e != nil && e.kind == Swapped {
		count("swapin")
		delete(q.dropped, e.page)
	}
}

// protect: if memory runs out a prefix of the range has the protection. What has it
// newly is not writable.
func (q *sequence) protect(t *rapid.T, n uint32, count func(string)) {
	o, prot := q.space(t), Prot(rapid.IntRange(0, 1).Draw(t, "prot"))
	at := q.slot(t, o)
	if o.mapped(at, n) < n {
		require.ErrorIs(t, o.Protect(at, n, prot), ErrNotMapped)
		return
	}
	upTo := at + n
	if outOfMemory := q.short(t); outOfMemory(o.Protect(at, n, prot)) {
		count("protect: out of memory")
		for upTo = at; upTo < at+n && o.find(upTo).prot == prot; {
			upTo++
		}
		require.Less(t, upTo, at+n)
	} else {
		count("protect")
	}
	for slot := at; slot < upTo; slot++ {
		if e := o.table.load(slot); e != nil && o.prots[slot] != prot {
			require.False(t, e.writable, "slot %d", slot)
		}
		o.prots[slot] = prot
	}
}

// move: if memory runs out nothing was moved, or everything; the source stays.
func (q *sequence) move(t *rapid.T, n, to uint32, count func(string)) {
	o := q.space(t)
	at := q.slot(t, o)
	if v := o.find(at); v == nil || v.end() < at+n {
		require.ErrorIs(t, o.Move(at, n, to), ErrNotMapped)
		return
	}
	if o.mapped(to, n) > 0 || to < at+n && at < to+n {
		require.ErrorIs(t, o.Move(at, n, to), ErrOverlap)
		return
	}
	if o.strays(at, n, to) {
		count("move: would stray")
		return
	}
	if outOfMemory := q.short(t); outOfMemory(o.Move(at, n, to)) {
		count("move: out of memory")
		if o.find(to) != nil {
			count("move: everything, and out of memory")
			o.move(at, n, to)
		}
		return
	}
	count("move")
	o.move(at, n, to)
	o.remove(at, n)
}

func (q *sequence) migrate(t *rapid.T, page *Page, halfway bool, count func(string)) {
	frame, mapped := page.Frame(), page.Mapped()
	m, err := q.sys.BeginMigrate(page)
	if !mapped {
		require.ErrorIs(t, err, ErrNotMapped)
		return
	}
	require.NoError(t, err)
	require.Greater(t, page.Frame(), frame)
	q.pending[page] = m
	count("migrate")
	if !halfway {
		q.finish(t, page)
	}
}

func (q *sequence) finish(t *rapid.T, page *Page) {
	m := q.pending[page]
	delete(q.pending, page)
	require.NoError(t, m.Finish())
	require.ErrorIs(t, m.Finish(), ErrFinished)
}

// close ends everything, in one order or the other: then nothing is left.
func (q *sequence) close(t *rapid.T) {
	finish := func() {
		for page := range q.pending {
			q.finish(t, page)
		}
	}
	if rapid.Bool().Draw(t, "finish before exit") {
		finish()
		q.require(t)
	}
	for _, o := range q.spaces {
		require.NoError(t, o.Exit())
	}
	for _, pin := range q.pins {
		require.NoError(t, pin.Release())
	}
	finish()
	require.Empty(t, q.sys.Snapshot().VMAs)
	require.Zero(t, live(q.sys))
}
