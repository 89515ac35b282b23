package impl_test

import (
	"fmt"
	"log"

	"github.com/rootlock/rootlock/impl"
)

// A Store keeps one short value per key, in a page of its own. A snapshot of it is a
// fork: it takes no copy of any value until one side puts another there.
type Store struct {
	sys   *impl.System
	space *impl.AddressSpace
}

// NewStore makes a Store for the keys below keys.
func NewStore(sys *impl.System, keys uint32) (*Store, error) {
	s := &Store{sys, sys.NewAddressSpace()}
	return s, s.space.Map(0, keys)
}

// Put stores a value, at most a page less one byte long.
func (s *Store) Put(key uint32, value string) error {
	return s.space.Write(key, 0, append([]byte{byte(len(value))}, value...))
}

// Get finds the value of a key.
func (s *Store) Get(key uint32) (string, error) {
	page := make([]byte, s.sys.PageSize())
	err := s.space.Read(key, 0, page)
	return string(page[1 : 1+page[0]]), err
}

// Snapshot is the Store as it is now.
func (s *Store) Snapshot() (*Store, error) {
	space, err := s.space.Fork()
	return &Store{s.sys, space}, err
}

// Close gives up the Store's share of the pages.
func (s *Store) Close() error { return s.space.Exit() }

// pages collects the pages of stores, each of them once.
func pages(stores map[int]*Store, keys uint32) map[*impl.Page]bool {
	found := map[*impl.Page]bool{}
	for _, s := range stores {
		for key := range keys {
			if page, err := s.space.Page(key); err == nil {
				found[page] = true
			}
		}
	}
	return found
}

// frames is the number of frames from the first to the last that holds a page.
func frames(pages map[*impl.Page]bool) int64 {
	first, last := int64(1<<62), int64(0)
	for page := range pages {
		first, last = min(first, page.Frame()), max(last, page.Frame())
	}
	return last - first + 1
}

// A store is forked a thousand times; some of the snapshots write, and some of these
// are closed. Then every page is migrated, so that memory has no holes any more.
func Example_store() {
	const keys, snapshots = 16, 1000
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	original, err := NewStore(sys, keys)
	must(err)
	for key := range uint32(keys) {
		must(original.Put(key, fmt.Sprint("prepared ", key)))
	}
	shared, err := original.space.Page(7)
	must(err)

	stores := map[int]*Store{0: original}
	report := func(what string) {
		sharers := 0
		must(sys.Walk(shared, func(impl.Mapping) bool { sharers++; return true }))
		used := pages(stores, keys)
		fmt.Printf("%s: %d stores, %d pages in %d frames, page 7 shared by %d\n", what, len(stores), len(used), frames(used), sharers)
	}
	for i := 1; i <= snapshots; i++ {
		stores[i], err = original.Snapshot()
		must(err)
	}
	report("forked")
	for i := 10; i <= snapshots; i += 10 {
		must(stores[i].Put(7, fmt.Sprint("changed by ", i)))
	}
	report("written")
	for i := 20; i <= snapshots; i += 20 {
		must(stores[i].Close())
		delete(stores, i)
	}
	report("closed")
	for page := range pages(stores, keys) {
		must(sys.Migrate(page))
	}
	report("migrated")
	for _, i := range []int{0, 9, 10, 990} {
		value, err := stores[i].Get(7)
		must(err)
		fmt.Printf("store %d: %s\n", i, value)
	}
	// Output:
	// forked: 1001 stores, 16 pages in 16 frames, page 7 shared by 1001
	// written: 1001 stores, 116 pages in 116 frames, page 7 shared by 901
	// closed: 951 stores, 66 pages in 115 frames, page 7 shared by 901
	// migrated: 951 stores, 66 pages in 66 frames, page 7 shared by 901
	// store 0: prepared 7
	// store 9: prepared 7
	// store 10: changed by 10
	// store 990: changed by 990
}
