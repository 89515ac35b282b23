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
// It models Linux 2.6.34 to 3.0 and, as RwsemRoot, 7.2: mm/rmap.c and the parts of
// mm/mmap.c, mm/memory.c, mm/migrate.c and kernel/fork.c that touch anon_vmas.
// [Step.Kernel] and [Step.Today] name the functions. Abstracted away: file mappings, page tables
// below the entry, RCU beyond "the memory stays an anon_vma", memory ordering
// (steps are sequentially consistent), and vm_start and vm_end as separate stores.
//
// There are two worlds. tla/ has the smaller one too. The wide one (Bounds.Prots,
// Bounds.Failures) also merges areas and has mprotect, mremap, swap and failing
// allocations: wide.go, adjust.go.
//
// Where things are:
//
//	step.go today.go              the list of steps; what Linux 7.2 calls them
//	state.go world.go object.go history.go  the state
//	operation.go possible.go      when an operation may begin, written twice
//	mm.go walker.go adjust.go wide.go  the steps
//	protocol.go, and one file per protocol  what a protocol decides
//	trees.go faulter.go uffd.go   what only RwsemRoot has
//	next.go                       the law as a function
//	claims.go conjuncts.go guards.go quick.go  the claims, their parts, and how they are asked
//	memory.go structure.go reuse.go done.go    the parts, by what they are about
//	refusal.go                    why a step is not enabled
//	schedule.go move.go           schedules as text
//	model.go law.go               the model as a law
//	pack.go symmetry.go areas.go  states in few words; states that differ in names only
//
// The package imports only triangle/law of this module: it is a corner of the triangle, written
// independently of tla/ and impl/.
package spec
