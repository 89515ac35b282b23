// Package spec is the law: the anon_vma world and its lock protocols as pure Go.
//
// A [State] is a small comparable value. A [Model] is a protocol in a bounded
// world; [Model.Moves] lists the steps that its threads may take in a state,
// [Model.Next] takes one. Every [Step] is one atomic action of one thread and
// bears the name that the TLA+ action in tla/ and the scheduling point in impl/
// bear. A [Claim] is a property asked of a protocol; [Model.Check] decides those
// that one state shows. [Model.Law] is the model as triangle/law wants it: package
// triangle/explore looks at all states within the bounds, and for fair cycles.
//
// What is modelled is Linux 2.6.34 to 3.0, mm/rmap.c and the parts of
// mm/mmap.c, mm/memory.c, mm/migrate.c and kernel/fork.c that touch anon_vmas;
// [Step.Kernel] names the function. Abstracted away: file mappings, page tables
// below the entry, RCU beyond "the memory stays an anon_vma", memory ordering
// (steps are sequentially consistent), and vm_start and vm_end as separate stores.
//
// There are two worlds. The smaller one is tla/'s too; the wide one (Bounds.Prots,
// Bounds.Failures) also merges areas and has mprotect, mremap, swap and failing
// allocations: wide.go, adjust.go.
//
// Where things are: step.go the list of steps; state.go, world.go and object.go the
// state; operation.go when an operation may begin, and possible.go the same said anew;
// mm.go, walker.go, adjust.go and wide.go the steps; protocol.go what a protocol decides, and own_lock.go,
// deepest_lock.go, trylock_retry.go, walk_mutex.go, root_pointer.go and
// refcounted_root.go what they decide; next.go the law as a function; claims.go the
// claims, conjuncts.go, memory.go, structure.go and done.go their parts; refusal.go why a step is not enabled; schedule.go
// schedules as text; law.go the model as a law, pack.go its states in few words,
// symmetry.go states that differ in names only.
//
// The package imports nothing of this module but triangle/law: it is a corner of the
// triangle, written independently of tla/ and impl/.
package spec
