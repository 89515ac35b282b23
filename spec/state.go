package spec

// Ids are small integers from 1; 0 means none. Slots count from 0.

// The capacity of a State. NewModel refuses bounds beyond it. All that a model
// does not use stays zero, and is neither copied nor compared.
const (
	MaxMMs     = 4
	MaxVMAs    = 64
	MaxObjects = 32
	MaxPages   = 62
	MaxWalkers = 8
	MaxSlots   = 16
	MaxThreads = MaxMMs + MaxWalkers + MaxMMs
	MaxProts   = 3
)

// Unlimited as a thread's Left means that operations are not counted.
const Unlimited = 255

// Life of a VMA. Its name is free again as soon as the area is freed. A walker that
// still points to it is marked then (Thread.Gone), so that its next touch is seen to
// be a use after free. Its pointer has no name any more.
type Life uint8

const (
	Unborn   Life = iota // no area has the name
	Detached             // allocated, but not among the areas of its mm: being built, or dying
	Mapped
)

// Gone says what became of the area that a walker points to.
type Gone uint8

const (
	NotGone   Gone = iota
	EntryGone      // its chain entry was taken off the leaf's list and freed (list_del poisons)
	AreaGone       // the area was freed, its entries before it
)

// Kind of a page-table entry.
type Kind uint8

const (
	Empty Kind = iota
	Present
	Migration
	Swapped // Page is the id of the swap entry too
)

// Phase of an operation that has more than one.
type Phase uint8

const (
	NoPhase  Phase = iota
	New            // Fault: the entry was empty
	Cow            // Fault: the entry was read-only
	Plain          // Walk
	Get            // Migrate: taking the reference
	One            // Migrate: walk 1, entries -> migration entries
	Two            // Migrate: walk 2, back
	Put            // Migrate, Unpin: dropping the reference
	Out            // SwapOut: entries -> swap entries
	Pinned         // WalkPinned
	Together       // Map, Protect, MoveArea, MoveKeep: an area grows towards its extent
	Apart          // ... and cannot, for want of memory
)

// OopsKind says what an Oopsed thread did.
type OopsKind uint8

const (
	NoOops        OopsKind = iota
	FreedVMA               // read a field of a freed VMA
	EmptyChain             // took the tail of a chain that has no entry any more
	UnlinkedEntry          // followed a chain entry that is off the list (list_del poisons)
)

// A VMA is an area [Start,End) of page slots of one mm.
type VMA struct {
	Life       Life
	MM         uint8
	Start, End uint8 // stored together; Pgoff is a store of its own (docs/kernel.md 1.10)
	Pgoff      uint8
	Prot       uint8 // areas of different protection are not merged
	Anon       uint8 // where its new pages go; 0 before the first fault
	Locked     bool  // the mm thread keeps faulters out, to the end of its operation
	NChain     uint8
	Chain      [MaxObjects]uint8 // newest first, root last. (v, a) is a chain entry while a is in it
}

// An AnonVMA is a recycled object: type-stable, never identity-stable.
type AnonVMA struct {
	Live  bool
	Root  uint8 // the family's root, given at allocation; outlives the object
	Refs  uint8 // references other than membership of VMAs; where the protocol counts it, one for the list
	Lock  uint8 // the thread that holds it
	NList uint8
	List  [MaxVMAs]uint8 // same_anon_vma order

	// Where areas are in trees. List has the order of the tree then.
	Readers  uint8 // the walkers that share the lock: a bit for each
	Parent   uint8 // what the object was forked from; a root's is itself
	Children uint8 // objects of which it is the parent; a root counts itself
	Active   uint8 // areas whose Anon it is
}

// A Page is a page frame's descriptor.
type Page struct {
	Mapping uint8 // never cleared, only overwritten: reliable only while the page is mapped
	Index   uint8
	Lock    uint8 // the thread that holds the page lock
	Cached  bool  // in the swap cache
}

// A PTE is a page-table entry.
type PTE struct {
	Kind     Kind
	Page     uint8
	Writable bool
}

// A Thread is the registers of one thread; what each holds for which operation
// stands beside the steps that use it.
type Thread struct {
	PC         Step // the step it will take next
	Op         Step // the operation it is in; Idle if none
	Phase      Phase
	Left       uint8 // operations it may still begin
	VMA        uint8 // mm: subject area; walker: cursor, 0 before the first entry, and where Gone is AreaGone
	New        uint8 // the area being built
	Area       uint8 // mm: the area whose lock it takes next
	Anon       uint8 // mm: object being linked, unlinked, locked; walker: the leaf
	Root       uint8 // walker: what ReadTail, ReadRoot or ReadAnon found
	Held       uint8 // the object whose lock it will unlock
	Also       uint8 // walker: the second object whose lock it holds, for the area in hand
	Mutex      bool  // walker: it is inside the mutex of all walks
	Page       uint8
	Slot       uint8 // fault: slot; fork: next slot to copy; split: where; walker: address
	Pos        uint8 // clone: 1-based index in the source chain; 0 outside the loop
	Child      uint8 // fork: the child's mm; faulter: the mm whose mmap lock it has
	Need       uint8 // objects that the operation has still to allocate (reserved)
	Births     uint8 // areas that the operation has still to make (reserved)
	Start, End uint8 // walker: the extent that ReadStart read; mm: the extent that an area is to have
	Low, High  uint8 // mm: the range of the operation, still to be done
	To         uint8 // Move: target; Protect: end of this round
	Prot       uint8
	Empty      bool  // list found empty and no reference: FreeAnon follows
	Last       bool  // the root is without a user: FreeAnon of the root follows
	Error      bool  // the operation ends for want of memory, or its last one did
	Pin        uint8 // walker: the object that it holds a reference on
	Gone       Gone  // walker: what became of the area in VMA
	Oops       OopsKind
}

// A World is what the threads share: all that an implementation must agree on.
// Index 0 of each array is id 1.
type World struct {
	VMA  [MaxVMAs]VMA
	Anon [MaxObjects]AnonVMA
	Page [MaxPages]Page
	PTE  [MaxMMs][MaxSlots]PTE
}

// A State is a World and its threads, and what the claims remember of how it came to
// be: a comparable value without pointers.
type State struct {
	World
	Thread  [MaxThreads]Thread  // ids 1..MMs are the mm threads, MMs+1..MMs+Walkers the walkers, then come the faulters
	History [MaxThreads]History // by thread: no step reads it
	Stale   [MaxPages]bool      // by page, history too: the object in Mapping was freed since Mapping was written
}
