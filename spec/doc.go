// Package spec is the law: the anon_vma world and its lock protocols as pure Go.
//
// A [State] is a small comparable value. A [Model] is a protocol in a bounded
// world; [Model.Moves] lists the steps that its threads may take in a state,
// [Model.Next] takes one. Every [Step] is one atomic action of one thread and
// bears the name that the TLA+ action in tla/ and the scheduling point in impl/
// bear. A [Claim] is a property asked of a protocol; [Model.Check] decides those
// that one state shows, [Explore] looks at all states within the bounds, and
// [CheckWalkTerminates] looks for fair cycles.
//
// What is modelled is Linux 2.6.34 to 3.0, mm/rmap.c and the parts of
// mm/mmap.c, mm/memory.c, mm/migrate.c and kernel/fork.c that touch anon_vmas;
// [Step.Kernel] names the function. Abstracted away: file mappings, page tables
// below the entry, RCU beyond "the memory stays an anon_vma", memory ordering
// (steps are sequentially consistent), failing allocations, and vm_start and
// vm_end as separate stores.
//
// Where things are: step.go the list of steps; state.go the state; operation.go
// when an operation may begin; mm.go and walker.go the steps; own_lock.go and
// deepest_lock.go what the protocols decide; next.go the law as a function;
// claims.go and conjuncts.go the claims; refusal.go why a step is not enabled;
// schedule.go schedules as text; explore.go and cycle.go the explorer.
//
// The package imports nothing else of this module: it is a corner of the
// triangle, written independently of tla/ and impl/.
package spec
