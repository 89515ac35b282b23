// Package impl is a reverse map with a family lock: address spaces that share
// pages by fork, and from a page back to every place that maps it. It is the concurrent
// implementation of the law that spec/ states, and in its core tla/: goroutines,
// mutexes, atomics and recycled objects. It models mm/rmap.c, mm/mmap.c and their callers in
// Linux 2.6.34 to 3.0 (docs/kernel.md 1) and 7.2 (docs/kernel.md 4).
//
//	sys := impl.New(impl.Options{})
//	parent := sys.NewAddressSpace()
//	err := parent.Map(0, 16)              // 16 page slots
//	err = parent.Write(3, 0, []byte("x")) // the first write makes a page
//	child, err := parent.Fork()           // all pages shared until one side writes
//	page, err := child.Page(3)
//	for m, err := range sys.Mappings(page) { ... } // who maps it?
//
// A System holds address spaces. An AddressSpace has areas of page slots, which are mapped,
// written to, read, protected, moved and unmapped, and Bytes, Areas and Written. From a Page
// a System finds every place that maps it: Walk and Mappings. LockRoot locks the family of
// a page, Migrate moves its bytes while processes use it, SwapOut takes it away, and
// AddressSpace.Pin keeps what finds it. Example_store is a copy-on-write store of a thousand
// snapshots.
//
// # Choosing a protocol
//
// RwsemRoot (Linux 7.2), the zero value, is the one to use. Walks of one family run beside each
// other, and so do reads and writes of one address space. OwnLock, DeepestLock,
// TrylockRetry and WalkMutex are known to be broken and are here for study. RootPointer (Linux 2.6.36)
// and RefcountedRoot (3.0) have the hazards of the kernel of their time. Only a program that calls
// Protect or Move meets them:
//
//   - Move merges its target into an area that stands earlier on the list: a walk
//     at the same time may miss the page.
//   - Protect moves a boundary and the area that is adjusted first has no anon_vma: no lock
//     is taken, and a walk at the same time may miss pages of its neighbour.
//   - Move gives pages to an area next to the target that was never written to, as
//     when slots cut off by Protect are moved away and back: from then on no walk
//     finds these pages, and no fork copies them.
//
// A walk that misses an entry makes Migrate and SwapOut return ErrNotMoved, or leaves
// a migration entry behind. A read or a write there then returns ErrStranded.
//
// # Concurrency
//
// Any number of goroutines may call all methods. Operations of one address space are
// serialised; those of others and of pages run beside them. Under RwsemRoot reads, writes and
// UffdMove of one address space run beside each other, and beside operations on other areas. A goroutine that holds a
// Root, or is in the visit of a Walk, must not call into the System, except to unlock. Between
// BeginMigrate and Finish a goroutine that reads or writes the page waits, and keeps its
// address space locked meanwhile; one that walks, migrates or swaps the page waits, or gets
// ErrNotMapped with ErrMigrating. Snapshot must run alone.
// Write happens before a later Read of that address space; Root.Unlock synchronizes before
// the next LockRoot of the family.
//
// # Costs
//
// A: areas of the address space. C: the area's chain, 1 and one more for each generation
// of forks. E: entries in the range, and its page-table leaves. L: the list of the
// page's anon_vma. These are all areas made, by fork or split, from the area where the page was
// first written, whether they still share the page or not. P: bytes of a page.
// Measured with P = 64, one area of 8 slots with one page, RwsemRoot, 2 cores, one
// run (go test -bench Operation ./impl); "+" undoes the operation within the figure:
//
//	                                                       ns  bytes  allocs
//	NewAddressSpace + Exit  1                             140    176       1
//	Map + Unmap             log A, and A words moved      260    120       2
//	  merged, then split    the same, and C each          487    168       3
//	Protect                 log A + areas cut * C + E     519    168       3
//	Move                    log A + C + E                 488    168       3
//	Fork + Exit             the sum of C + E over areas   756    704       9
//	  of 1,000 pages                                    79073   9912      40
//	  of generation 100                                  9322   5496     108
//	Write, page is there    log A + bytes                  73      0       0
//	  first write           log A + P                     302    352       2
//	  copies the page       log A + P                     364    352       2
//	  keeps it, sole user   log A                         143      0       0
//	Read                    log A + bytes                  70      0       0
//	Pin + Release           log A                          49     24       1
//	LockRoot + Unlock       1                              22      0       0
//	Walk                    L                              59      0       0
//	Migrate                 2 L + P                       153     64       1
//	BeginMigrate + Finish   2 L + P                       184     96       2
//	SwapOut + Read          L                             183      0       0
//	  SwapDrop + Write      L + P                         263     64       1
//
// Read and Write pay for the locks of a process, which let them run beside each other: under
// RootPointer, where they run one at a time, they took 51 and 52 ns beside 65 and 70 in one run.
//
// With relatives, children of one parent (-bench Growth), in ns per call:
//
//	relatives          1       10    1,000     100,000
//	LockRoot + Unlock 21       20       22          23
//	Walk              51      145   13,010   6,183,253
//	Migrate          154      499   45,131  17,442,238
//
// Walks of one family of 1,000 by several goroutines, each of a page of its own, on 2
// cores (-bench FamilyWalk), in ns per walk:
//
//	goroutines         1        2       16
//	RootPointer   12,571   15,208   13,065
//	RwsemRoot     12,918    8,607    7,351
//
// Sizes in bytes, before the allocator rounds up, on 64 bits:
//
//	AddressSpace      168  and 8 for each area
//	area              104  each, and C chain entries
//	chain entry        48  one per area and anon_vma
//	anon_vma          128  one per area written to, and per fork of that; recycled, never given back
//	tenure              8  with each anon_vma, a new one when it is freed
//	Page              264  and P
//	page-table leaf   280  for 32 slots; kept until the address space is given up
//	Root               32  a value
//	Pin                24
//	PendingMigration   32
//
// # Errors
//
// What a caller can get wrong or meet; nothing has changed, unless it says so:
//
//	ErrOverlap    Map over an area; Move to one, or to slots of its own source
//	ErrRange      length 0, or an end beyond 2^32-1
//	ErrOffset     Read or Write beyond the page
//	ErrNotMapped  a slot without area; for Page, without page; a page that nobody maps
//	ErrMigrating  beside ErrNotMapped: another goroutine migrates the page; try again
//	ErrSwappedOut beside ErrNotMapped: the page is in swap; a read or a write brings it back
//	ErrForeign    a page of another System
//	ErrNoArea     Fork of an address space without areas
//	ErrNoAnon     Pin of an area that was never written to
//	ErrExited     any operation after Exit
//	ErrNotCached  SwapDrop of a page that is mapped, or was not swapped out
//	ErrReleased ErrFinished  a second Release, or Walk after Release; a second Finish
//	ErrNoMemory   FailAlloc said so; what has changed then: see the operation
//	ErrNotMoved ErrStranded  a walk missed an entry: see above; entries may have changed
//	ErrUseAfterFree  a walk of a broken protocol touched what was freed
//	ErrProtocol   UffdMove and MoveKeep under any protocol but RwsemRoot
//	ErrShared     UffdMove of a page that is at another slot too
//	ErrProt       no such protection; UffdMove between two
//	ErrNotEmpty ErrBusy ErrWritable ErrNotSwapped ErrUnknown  only under Bounds or Hooks
//
// Misuse panics: a Root that is unlocked twice; a System, AddressSpace, Page, Pin or
// PendingMigration that no System made; a Walk without a visit; New with an
// unknown protocol.
//
// # Files
//
// From the public to the inner:
//
//	system.go operations.go bytes.go   what a program calls
//	view.go                            areas, written slots, bytes in a row
//	root.go walk.go migrate.go swap.go locking a family, walking it, moving a page
//	protocol.go own_lock.go ... refcounted_root.go  the protocols, one interface
//	fault.go fork.go unmap.go          the mm side, step by step
//	remap.go adjust.go                 areas that are cut, merged, protected, moved
//	trees.go uffd.go                   what Linux 7.2 does otherwise, and what it has beside it
//	reference.go                       references beside the lists' entries
//	anon_vma.go vma.go page.go         what there is, and who may touch which word
//	address_space.go page_table.go pool.go  where it is kept
//	lock.go sharing.go                 what guards it
//	hooks.go control.go snapshot.go    the same code under a controlled scheduler
//
// # Steps, and what is abstracted away
//
// Every atomic action of the law stands at one call of step, acquire or release that
// names it: see Hooks. Where a protocol protects nothing, the words are atomics: a
// broken one gives wrong results, never a Go data race.
//
// There is anonymous memory only; mmap locks are exclusive, except under RwsemRoot; a protection only keeps areas
// apart, and accesses are not checked against it. Page tables live as long as their
// address space. VMAs, chain entries and page descriptors are garbage collected, so a use
// after free is found by its mark, not by a crash; anon_vmas are recycled, last in, first out.
package impl
