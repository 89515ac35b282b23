package impl

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// A Page is a page frame's descriptor (struct page), and the swap entry that
// stands for the page while it has no frame.
//
//	mapping   the anon_vma that finds the entries of the page, in the life it
//	          had when mapping was written. Not cleared, only overwritten, unless
//	          the page leaves the swap cache: reliable only while the page is mapped
//	index     the page offset in its areas. Written with mapping
//	lock      the page lock: migration, swapping, and the check before a page is
//	          reused. No entry becomes Present or ceases to be Swapped without it,
//	          except by fork, zap and copy-on-write
//	mapped    Present entries, anywhere (_mapcount)
//	swapped   Swapped entries, anywhere (the swap map)
//	entries   entries of any kind
//	hands     operations in progress
//	cached    in the swap cache. Set and cleared under the page lock, or cleared
//	          with the last entry
//	frame     the bytes, and the number of the frame that holds them; under content
//
// The last two are outside the law. A page that nothing refers to any more is
// garbage; a *Page that is kept stays valid and is "not mapped" from then on.
type Page struct {
	id      int
	sys     *System
	mapping atomic.Pointer[tenure]
	index   atomic.Uint64
	lock    lock
	mapped  gauge
	swapped gauge
	entries gauge
	hands   atomic.Int64
	cached  atomic.Bool
	values  [numKinds][2]entry // every entry that can refer to the page: kind, writable

	content sync.Mutex
	number  int64
	bytes   []byte
}

// A gauge is an atomic number at whose reading a thread may be kept waiting.
type gauge struct{ atomic.Int64 }

func (g *gauge) Load() int64 {
	gap()
	n := g.Int64.Load()
	gap()
	return n
}

// Kind of a page-table entry.
type Kind uint8

const (
	Empty Kind = iota
	Present
	Migration
	Swapped // the page is the swap entry, too

	numKinds
)

// An entry is the value of a page-table entry. It never changes, and belongs to
// its page, so that a page table holds pointers and changes by one store. nil is
// the empty entry.
type entry struct {
	page     *Page
	kind     Kind
	writable bool
}

func newPage(s *System, id int) *Page {
	p := &Page{id: id, sys: s}
	for k := range p.values {
		p.values[k] = [2]entry{{p, Kind(k), false}, {p, Kind(k), true}}
	}
	return p
}

func (p *Page) entry(k Kind, writable bool) *entry {
	if writable {
		return &p.values[k][1]
	}
	return &p.values[k][0]
}

// is reports whether e is an entry of p of that kind.
func (e *entry) is(k Kind, p *Page) bool { return e != nil && e.page == p && e.kind == k }

// maps reports whether e is a Present entry of p.
func (e *entry) maps(p *Page) bool { return e.is(Present, p) }

// free reports whether the descriptor may be used for another page.
func (p *Page) free() bool {
	return p.entries.Load() == 0 && p.hands.Load() == 0 && !p.cached.Load()
}

// uncache takes a page that no entry refers to out of the swap cache
// (free_swap_and_cache). That no entry does is final: entries come from entries.
func (p *Page) uncache() {
	if p.cached.Load() && p.entries.Load() == 0 {
		gap()
		p.cached.Store(false)
	}
}

// ID numbers the pages of a System, from 1.
func (p *Page) ID() int { return p.id }

// String names the page: page 3.
func (p *Page) String() string {
	if p == nil {
		return "no page"
	}
	return fmt.Sprintf("page %d", p.id)
}

// away says why a page that has no Present entry has none.
func (p *Page) away() error {
	switch n := p.entries.Load(); {
	case n == 0:
		return ErrNotMapped
	case p.swapped.Load() >= n:
		return errAwaySwapped
	default:
		return errAwayMigrating
	}
}

// Mapped reports whether any address space maps the page at this moment. Steps
// surround it: nobody need wait here.
func (p *Page) Mapped() bool { return p.mapped.Int64.Load() > 0 }

// Frame numbers the frame that holds the bytes of the page: a migration changes
// the number, and so does a way through the swap device.
func (p *Page) Frame() int64 {
	p.content.Lock()
	defer p.content.Unlock()
	return p.number
}

// load copies bytes of the page to b.
func (p *Page) load(offset int, b []byte) {
	p.content.Lock()
	copy(b, p.bytes[offset:])
	p.content.Unlock()
}

// store copies b into the page.
func (p *Page) store(offset int, b []byte) {
	gap()
	p.content.Lock()
	copy(p.bytes[offset:], b)
	p.content.Unlock()
}

// fill makes the bytes of a page that nobody can see yet: those of from, or zero.
func (p *Page) fill(s *System, from *Page) {
	p.content.Lock()
	defer p.content.Unlock()
	if p.bytes == nil {
		p.bytes = make([]byte, s.pageSize)
	}
	clear(p.bytes)
	p.number = s.frames.Add(1)
	if from != nil {
		from.load(0, p.bytes)
	}
}

// move puts the bytes into another frame (move_to_new_page, swap_readpage). The
// caller holds the page lock and no Present entry is left, so that nobody writes them.
func (p *Page) move(s *System) {
	p.content.Lock()
	bytes := make([]byte, len(p.bytes))
	copy(bytes, p.bytes)
	p.bytes, p.number = bytes, s.frames.Add(1)
	p.content.Unlock()
}
