// Package impl is a reverse map with a family lock: address spaces that share
// pages by fork, and from a page back to every place that maps it. It is the concurrent
// implementation of the law that tla/ and spec/ state: goroutines, mutexes,
// atomics and recycled objects. What it models: mm/rmap.c and its callers,
// Linux 2.6.34 to 3.0 (KERNEL.md section 1).
//
// The public interface is System, AddressSpace, Page, Root, Pin. Files, from the
// public to the inner:
//
//	system.go operations.go bytes.go   what a program calls
//	root.go walk.go migrate.go         locking a family, walking it, moving a page
//	protocol.go, own_lock.go ...       one file per protocol, behind one interface
//	fault.go fork.go unmap.go split.go the mm side, step by step
//	reference.go                       references beside the lists' entries
//	anon_vma.go vma.go page.go         what there is, and who may touch which word
//	page_table.go pool.go              where it is kept
//	hooks.go control.go snapshot.go    the same code under a controlled scheduler
//
// # Steps
//
// Every atomic action of the law stands at one call of step, acquire or release that
// names it: see Hooks. Natively the actions are atomic by the locks that the
// protocol prescribes, or because they are one atomic load or store. Where the
// protocol protects nothing, the words are atomics: a broken protocol gives wrong results
// (ErrUseAfterFree, ErrStranded, a missed mapping), never a Go data race.
//
// # What is abstracted away
//
// Areas are never merged, and there is no mprotect, mremap or swap. mmap locks are exclusive.
// Page tables are not freed before their address space. VMAs, chain entries and page
// descriptors are garbage collected, so a use after free is found by its mark instead of
// by a crash; anon_vmas are recycled, last in, first out.
package impl
