package spec

import "fmt"

// A Step names one atomic action of one thread. The same names are the TLA+
// actions of tla/ and the scheduling points of impl/; a test compares the lists.
type Step uint8

// Idle and Oopsed are not steps: they are what a thread's PC says when it has
// no next step.
const (
	Idle   Step = iota // between operations
	Oopsed             // touched what it must not touch: the kernel has oopsed

	// An mm thread begins an operation.
	Map
	Fault
	Fork
	Unmap
	Exit
	SplitBelow
	SplitAbove
	Protect
	MoveArea
	MoveKeep
	UffdMove
	UnmapRange
	Read

	// A walker begins an operation.
	Walk
	Migrate
	SwapOut
	SwapDrop
	WalkPinned
	Pin
	Unpin

	// Steps of the mm side.
	AllocAnon
	PinRoot
	LockAnon
	LinkChain
	LinkList
	UnlockAnon
	FailAlloc
	MapPage
	CheckOwn
	MovePage
	StoreIndex
	AllowWrite
	SwapIn
	LockArea
	CopyVMA
	CopyEntry
	LockMove
	MoveEntry
	UnlockMove
	DenyWrite
	ZapEntry
	UnlinkList
	UnlinkChain
	FreeVMA
	LockAdjust
	TakeOut
	StoreStart
	StoreEnd
	StorePgoff
	PutBack
	UnlockAdjust

	// Steps of both sides.
	LockPage
	UnlockPage
	CheckUnlocked
	FreeAnon

	// Steps of a walker: finding and taking the lock, the walk, references.
	LockWalks
	ReadMapping
	CheckMapped
	LockLeaf
	ReadFirst
	ReadTail
	UnlockLeaf
	ReadRoot
	TryRoot
	GetUnlessZero
	LockRoot
	RecheckMapped
	DropRef
	NextEntry
	ReadAnon
	TryVMA
	LockVMA
	ReadStart
	ReadPgoff
	Visit
	UnlockVMA
	UnlockRoot
	UnlockWalks
	GetAnon
	PutAnon
	PutLast
	AddToSwap

	NumSteps // number of Step values, Idle and Oopsed included
)

// args says what kinds of argument a step takes in a schedule, as a string of
// 'v' VMA, 'a' anon_vma, 'p' page, 'm' address space, 's' slot, length or other
// number, 'o' a number that is left out where it is 0.
type stepInfo struct {
	name   string
	args   string
	kernel string // the kernel function that it models; its order: docs/kernel.md 1
	does   string // before -> after, in a few words
}

var stepTable = [NumSteps]stepInfo{
	Idle:   {name: "Idle"},
	Oopsed: {name: "Oopsed"},

	Map:        {"Map", "sso", "mmap_region", "a new area without anon_vma, or a neighbour grows"},
	Fault:      {"Fault", "vs", "handle_mm_fault", "write fault: empty or read-only entry"},
	Fork:       {"Fork", "m", "dup_mmap", "both mmap locks taken; objects and areas reserved"},
	Unmap:      {"Unmap", "v", "do_munmap", "the area leaves its mm"},
	Exit:       {"Exit", "", "exit_mmap", "all areas leave their mm"},
	SplitBelow: {"SplitBelow", "vs", "split_vma", "the new area will be the lower part"},
	SplitAbove: {"SplitAbove", "vs", "split_vma", "the new area will be the upper part"},

	Protect:    {"Protect", "sss", "mprotect_fixup", "areas are split, merged, and get a protection"},
	MoveArea:   {"MoveArea", "sss", "move_vma", "an area's pages go to other slots"},
	MoveKeep:   {"MoveKeep", "sss", "-", "an area's pages go to other slots, and the area stays"},
	UffdMove:   {"UffdMove", "ss", "-", "one page goes from its slot to another, where an area has none"},
	UnmapRange: {"UnmapRange", "ss", "do_munmap", "areas are cut, and those within leave their mm"},
	Read:       {"Read", "vs", "do_swap_page", "read fault: swapped entry"},

	Walk:       {"Walk", "p", "page_referenced", "a plain walk of a mapped page"},
	Migrate:    {"Migrate", "p", "unmap_and_move", "walk 1 leaves migration entries, walk 2 removes them"},
	SwapOut:    {"SwapOut", "p", "shrink_page_list", "the page enters the swap cache; a walk leaves swap entries"},
	SwapDrop:   {"SwapDrop", "p", "remove_mapping", "an unmapped page leaves the swap cache and is gone"},
	WalkPinned: {"WalkPinned", "s", "rmap_walk_ksm", "a walk of the pinned anon_vma's list, for an address"},

	Pin:   {"Pin", "v", "hold_anon_vma (ksm)", "refs + 1, under the mmap lock"},
	Unpin: {"Unpin", "", "drop_anon_vma (ksm)", "gives the reference back"},

	AllocAnon:    {"AllocAnon", "a", "anon_vma_alloc", "free -> live; its lock may be held by a late walker"},
	PinRoot:      {"PinRoot", "", "anon_vma_fork (2.6.36)", "refs of the root + 1: a child keeps its root"},
	LockAnon:     {"LockAnon", "", "spin_lock(&anon_vma->lock)", "free -> held: the lock that the protocol prescribes"},
	LinkChain:    {"LinkChain", "", "anon_vma_chain_link", "same_vma: at the head"},
	LinkList:     {"LinkList", "", "anon_vma_chain_link, anon_vma_prepare", "same_anon_vma: tail (link) or head (prepare)"},
	UnlockAnon:   {"UnlockAnon", "", "spin_unlock", "held -> free"},
	FailAlloc:    {"FailAlloc", "", "kmem_cache_alloc", "the next allocation fails: what was half done is undone"},
	MapPage:      {"MapPage", "", "page_add_new_anon_rmap, set_pte_at", "entry -> new page, mapping = vma's anon_vma"},
	CheckOwn:     {"CheckOwn", "", "reuse_swap_page", "is this the only mapping?"},
	MovePage:     {"MovePage", "", "page_move_anon_rmap", "mapping -> vma's anon_vma"},
	StoreIndex:   {"StoreIndex", "", "-", "index -> the target's"},
	AllowWrite:   {"AllowWrite", "", "do_wp_page", "entry read-only -> writable"},
	SwapIn:       {"SwapIn", "", "do_swap_page", "swapped entry -> present"},
	LockArea:     {"LockArea", "", "-", "free -> held alone: no thread of the process is in a fault there"},
	CopyVMA:      {"CopyVMA", "", "dup_mmap, __split_vma", "no area -> detached copy"},
	CopyEntry:    {"CopyEntry", "", "copy_one_pte", "entry read-only in parent and child"},
	LockMove:     {"LockMove", "", "-", "free -> held, around the moves of entries"},
	MoveEntry:    {"MoveEntry", "", "move_ptes", "entry -> the same entry at the target"},
	UnlockMove:   {"UnlockMove", "", "-", "held -> free"},
	DenyWrite:    {"DenyWrite", "", "change_pte_range", "entry -> read-only"},
	ZapEntry:     {"ZapEntry", "", "zap_pte_range", "entry -> empty"},
	UnlinkList:   {"UnlinkList", "", "anon_vma_unlink", "off the same_anon_vma list; empty?"},
	UnlinkChain:  {"UnlinkChain", "", "unlink_anon_vmas", "off the chain; the chain entry is freed"},
	FreeVMA:      {"FreeVMA", "", "remove_vma", "detached -> freed: its name may be given out again at once"},
	LockAdjust:   {"LockAdjust", "", "vma_adjust (2.6.36)", "free -> held, around the stores"},
	TakeOut:      {"TakeOut", "", "-", "the areas to be stored to leave their trees"},
	StoreStart:   {"StoreStart", "", "vma_adjust", "start -> at"},
	StoreEnd:     {"StoreEnd", "", "vma_adjust", "end -> at"},
	StorePgoff:   {"StorePgoff", "", "vma_adjust", "pgoff -> pgoff + (at - start)"},
	PutBack:      {"PutBack", "", "-", "they are in their trees again, by their page offsets"},
	UnlockAdjust: {"UnlockAdjust", "", "vma_adjust (2.6.36)", "held -> free"},

	LockPage:      {"LockPage", "", "lock_page", "free -> held"},
	UnlockPage:    {"UnlockPage", "", "unlock_page", "held -> free"},
	CheckUnlocked: {"CheckUnlocked", "", "anon_vma_free (3.0)", "is the lock of the root held by anybody?"},
	FreeAnon:      {"FreeAnon", "", "anon_vma_free", "live -> free, at once for anybody to allocate"},

	LockWalks:     {"LockWalks", "", "mutex_lock (Mel, 5 May 2010)", "free -> held: the mutex of all walks"},
	ReadMapping:   {"ReadMapping", "", "page_anon_vma", "the leaf := page.mapping, no validity"},
	CheckMapped:   {"CheckMapped", "", "page_mapped", "gives up if no entry maps the page"},
	LockLeaf:      {"LockLeaf", "", "spin_lock(&anon_vma->lock)", "free -> held: the leaf's own lock"},
	ReadFirst:     {"ReadFirst", "", "list_first_entry (the sketch)", "the VMA of the first chain entry of the leaf"},
	ReadTail:      {"ReadTail", "", "anon_vma_chain.prev (the sketch)", "the root := that VMA's chain tail"},
	UnlockLeaf:    {"UnlockLeaf", "", "spin_unlock (seed; Mel, 5 May 2010)", "held -> free"},
	ReadRoot:      {"ReadRoot", "", "page_lock_anon_vma (2.6.36)", "the root := leaf.root, no validity"},
	TryRoot:       {"TryRoot", "", "page_lock_anon_vma (3.0)", "free -> held, or goes on without"},
	GetUnlessZero: {"GetUnlessZero", "", "page_get_anon_vma (3.0)", "refs of the leaf + 1, unless there is none"},
	LockRoot:      {"LockRoot", "", "spin_lock(&root->lock)", "free -> held"},
	RecheckMapped: {"RecheckMapped", "", "page_lock_anon_vma (2.6.36)", "under the lock: gives up if no entry maps the page"},
	DropRef:       {"DropRef", "", "page_lock_anon_vma (3.0)", "under the lock: refs - 1; was it the last?"},
	NextEntry:     {"NextEntry", "", "list_for_each_entry", "cursor -> next entry, or the end"},
	ReadAnon:      {"ReadAnon", "", "rmap_walk_anon (Mel, 5 May 2010)", "reads vma->anon_vma without a lock: a second one to lock?"},
	TryVMA:        {"TryVMA", "", "spin_trylock (Mel, 5 May 2010)", "free -> held: the area's own; or begins the walk again"},
	LockVMA:       {"LockVMA", "", "spin_lock_nested (Mel, 5 May 2010)", "free -> held: the area's own"},
	ReadStart:     {"ReadStart", "", "vma_address", "reads vm_start, vm_end"},
	ReadPgoff:     {"ReadPgoff", "", "vma_address", "reads vm_pgoff; the address, or not here"},
	Visit:         {"Visit", "", "page_check_address, *_one", "looks at the entry; migration changes it"},
	UnlockVMA:     {"UnlockVMA", "", "spin_unlock (Mel, 5 May 2010)", "held -> free: the area's own"},
	UnlockRoot:    {"UnlockRoot", "", "page_unlock_anon_vma", "held -> free; the walk is complete"},
	UnlockWalks:   {"UnlockWalks", "", "mutex_unlock (Mel, 5 May 2010)", "held -> free: the mutex of all walks"},
	GetAnon:       {"GetAnon", "", "get_anon_vma", "refs + 1 (a plain increment)"},
	PutAnon:       {"PutAnon", "", "atomic_dec_and_lock", "refs - 1 unless it is the last"},
	PutLast:       {"PutLast", "", "drop_anon_vma", "refs - 1 under the lock; empty?"},
	AddToSwap:     {"AddToSwap", "", "add_to_swap", "the page enters the swap cache"},
}

func (s Step) String() string {
	if s < NumSteps {
		return stepTable[s].name
	}
	return fmt.Sprintf("Step(%d)", uint8(s))
}

// Kernel names the kernel function that s models.
func (s Step) Kernel() string { return stepTable[s].kernel }

// Does says in a few words what s does.
func (s Step) Does() string { return stepTable[s].does }

// Begins reports whether s begins an operation (the thread is idle before).
func (s Step) Begins() bool { return s >= Map && s <= Unpin }

// Wide reports whether s belongs to the wide world only, which tla/ does not
// model: protections and merging, mremap, swap, failing allocations. A second thread in a
// process and UffdMove it has for RwsemRoot, in a page of their own.
func (s Step) Wide() bool {
	switch s {
	case Protect, MoveArea, MoveKeep, UffdMove, StoreIndex, UnmapRange, Read, SwapOut, SwapDrop, FailAlloc, SwapIn, MoveEntry, DenyWrite, AddToSwap, LockMove, UnlockMove, LockArea:
		return true
	}
	return false
}

// Steps lists all steps, without Idle and Oopsed, in table order.
func Steps() []Step {
	var steps []Step
	for s := Oopsed + 1; s < NumSteps; s++ {
		steps = append(steps, s)
	}
	return steps
}

// StepByName finds a step by its name.
func StepByName(name string) (Step, bool) {
	for s := Oopsed + 1; s < NumSteps; s++ {
		if stepTable[s].name == name {
			return s, true
		}
	}
	return Idle, false
}
