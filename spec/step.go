package spec

import "fmt"

// A Step names one atomic action of one thread. The same names are the TLA+
// actions of tla/ and the scheduling points of impl/; a test compares the lists.
type Step uint8

// Idle and Faulted are not steps: they are what a thread's PC says when it has
// no next step.
const (
	Idle    Step = iota // between operations
	Faulted             // touched what it must not touch: the kernel has oopsed

	// An mm thread begins an operation.
	Map
	Fault
	Fork
	Unmap
	Exit
	SplitBelow
	SplitAbove

	// A walker begins an operation.
	Walk
	Migrate
	Pin
	Unpin

	// Steps of the mm side.
	AllocAnon
	LockAnon
	LinkChain
	LinkList
	UnlockAnon
	MapPage
	CheckOwn
	MovePage
	AllowWrite
	CopyVMA
	CopyEntry
	ZapEntry
	UnlinkList
	UnlinkChain
	FreeVMA
	LockAdjust
	StoreStart
	StoreEnd
	StorePgoff
	UnlockAdjust

	// Steps of both sides.
	LockPage
	UnlockPage
	FreeAnon

	// Steps of a walker: finding and taking the lock, the walk, references.
	ReadMapping
	CheckMapped
	LockLeaf
	ReadFirst
	ReadTail
	UnlockLeaf
	LockRoot
	NextEntry
	ReadStart
	ReadPgoff
	Visit
	UnlockRoot
	GetAnon
	PutAnon
	PutLast

	NumSteps // number of Step values, Idle and Faulted included
)

// args says what kinds of argument a step takes in a schedule, as a string of
// 'v' VMA, 'a' anon_vma, 'p' page, 'm' address space, 's' slot or length.
type stepInfo struct {
	name   string
	args   string
	kernel string // the kernel function and line of KERNEL.md that it models
	does   string // before -> after, in a few words
}

var stepTable = [NumSteps]stepInfo{
	Idle:    {name: "Idle"},
	Faulted: {name: "Faulted"},

	Map:        {"Map", "ss", "mmap_region", "a new area without anon_vma"},
	Fault:      {"Fault", "vs", "handle_mm_fault", "write fault: empty or read-only entry"},
	Fork:       {"Fork", "m", "dup_mmap", "both mmap locks taken; objects and areas reserved"},
	Unmap:      {"Unmap", "v", "do_munmap", "the area leaves its mm"},
	Exit:       {"Exit", "", "exit_mmap", "all areas leave their mm"},
	SplitBelow: {"SplitBelow", "vs", "split_vma", "the new area will be the lower part"},
	SplitAbove: {"SplitAbove", "vs", "split_vma", "the new area will be the upper part"},

	Walk:    {"Walk", "p", "page_referenced", "a plain walk of a mapped page"},
	Migrate: {"Migrate", "p", "unmap_and_move", "walk 1 leaves migration entries, walk 2 removes them"},
	Pin:     {"Pin", "v", "hold_anon_vma (ksm)", "refs + 1, under the mmap lock"},
	Unpin:   {"Unpin", "", "drop_anon_vma (ksm)", "gives the reference back"},

	AllocAnon:    {"AllocAnon", "a", "anon_vma_alloc", "free -> live; its lock may be held by a late walker"},
	LockAnon:     {"LockAnon", "", "spin_lock(&anon_vma->lock)", "free -> held: the lock that the protocol prescribes"},
	LinkChain:    {"LinkChain", "", "anon_vma_chain_link", "same_vma: at the head"},
	LinkList:     {"LinkList", "", "anon_vma_chain_link, anon_vma_prepare", "same_anon_vma: tail (link) or head (prepare)"},
	UnlockAnon:   {"UnlockAnon", "", "spin_unlock", "held -> free"},
	MapPage:      {"MapPage", "", "page_add_new_anon_rmap, set_pte_at", "entry -> new page, mapping = vma's anon_vma"},
	CheckOwn:     {"CheckOwn", "", "reuse_swap_page", "is this the only mapping?"},
	MovePage:     {"MovePage", "", "page_move_anon_rmap", "mapping -> vma's anon_vma"},
	AllowWrite:   {"AllowWrite", "", "do_wp_page", "entry read-only -> writable"},
	CopyVMA:      {"CopyVMA", "", "dup_mmap, __split_vma", "unborn -> detached copy"},
	CopyEntry:    {"CopyEntry", "", "copy_one_pte", "entry read-only in parent and child"},
	ZapEntry:     {"ZapEntry", "", "zap_pte_range", "entry -> empty"},
	UnlinkList:   {"UnlinkList", "", "anon_vma_unlink", "off the same_anon_vma list; empty?"},
	UnlinkChain:  {"UnlinkChain", "", "unlink_anon_vmas", "off the chain; the chain entry is freed"},
	FreeVMA:      {"FreeVMA", "", "remove_vma", "detached -> freed"},
	LockAdjust:   {"LockAdjust", "", "vma_adjust (2.6.36)", "free -> held, around the stores"},
	StoreStart:   {"StoreStart", "", "vma_adjust", "start -> at"},
	StoreEnd:     {"StoreEnd", "", "vma_adjust", "end -> at"},
	StorePgoff:   {"StorePgoff", "", "vma_adjust", "pgoff -> pgoff + (at - start)"},
	UnlockAdjust: {"UnlockAdjust", "", "vma_adjust (2.6.36)", "held -> free"},

	LockPage:   {"LockPage", "", "lock_page", "free -> held"},
	UnlockPage: {"UnlockPage", "", "unlock_page", "held -> free"},
	FreeAnon:   {"FreeAnon", "", "anon_vma_free", "live -> free, at once for anybody to allocate"},

	ReadMapping: {"ReadMapping", "", "page_anon_vma", "the leaf := page.mapping, no validity"},
	CheckMapped: {"CheckMapped", "", "page_mapped", "gives up if no entry maps the page"},
	LockLeaf:    {"LockLeaf", "", "spin_lock(&anon_vma->lock)", "free -> held: the leaf's own lock"},
	ReadFirst:   {"ReadFirst", "", "list_first_entry (seed)", "the VMA of the first chain entry of the leaf"},
	ReadTail:    {"ReadTail", "", "anon_vma_chain.prev (seed)", "the root := that VMA's chain tail"},
	UnlockLeaf:  {"UnlockLeaf", "", "spin_unlock (seed)", "held -> free"},
	LockRoot:    {"LockRoot", "", "spin_lock(&root->lock)", "free -> held"},
	NextEntry:   {"NextEntry", "", "list_for_each_entry", "cursor -> next entry, or the end"},
	ReadStart:   {"ReadStart", "", "vma_address", "reads vm_start, vm_end"},
	ReadPgoff:   {"ReadPgoff", "", "vma_address", "reads vm_pgoff; the address, or not here"},
	Visit:       {"Visit", "", "page_check_address, *_one", "looks at the entry; migration changes it"},
	UnlockRoot:  {"UnlockRoot", "", "page_unlock_anon_vma", "held -> free; the walk is complete"},
	GetAnon:     {"GetAnon", "", "get_anon_vma", "refs + 1 (a plain increment)"},
	PutAnon:     {"PutAnon", "", "atomic_dec_and_lock", "refs - 1 unless it is the last"},
	PutLast:     {"PutLast", "", "drop_anon_vma", "refs - 1 under the lock; empty?"},
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

// Steps lists all steps, without Idle and Faulted, in table order.
func Steps() []Step {
	var steps []Step
	for s := Faulted + 1; s < NumSteps; s++ {
		steps = append(steps, s)
	}
	return steps
}

// StepByName finds a step by its name.
func StepByName(name string) (Step, bool) {
	for s := Faulted + 1; s < NumSteps; s++ {
		if stepTable[s].name == name {
			return s, true
		}
	}
	return Idle, false
}
