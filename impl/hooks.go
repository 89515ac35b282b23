package impl

import "github.com/rootlock/rootlock/spec"

// Hooks puts a System under control: a scheduler, a recorder, or a test decides
// when each step happens. Without hooks the same code runs natively.
//
// Step is called immediately before each atomic action, in the goroutine or
// coroutine that is about to take it; when it returns, the action follows. So
// the step of a thread's pending call is what the law calls the thread's pc. What it
// returns is read by the steps that choose something (last column), 0 = choose
// freely.
//
//	step                                   object                      choice
//	Map Exit Protect MoveArea MoveKeep
//	UffdMove UnmapRange                    the address space           -
//	Fork                                   the parent address space    the child address space
//	Fault Read Unmap SplitBelow SplitAbove
//	Pin                                    the VMA                     -
//	Walk Migrate SwapOut SwapDrop          the page                    -
//	WalkPinned Unpin                       the pinned anon_vma         -
//	AllocAnon                              0                           the object to take, or FailAlloc
//	LockAnon LockAdjust LockLeaf LockRoot
//	TryVMA LockVMA TryRoot                 the object to be locked     -
//	CheckUnlocked                          the root that is asked      -
//	UnlockAnon UnlockAdjust
//	UnlockLeaf UnlockVMA UnlockRoot        the object to be unlocked   -
//	LockWalks UnlockWalks                  0                           -
//	LockPage UnlockPage                    the page                    -
//	LockArea                               the VMA                     -
//	LockMove UnlockMove                    the object                  -
//	TakeOut PutBack                        the VMA                     -
//	LinkList UnlinkList FreeAnon ReadFirst
//	ReadRoot GetAnon PutAnon PutLast       the anon_vma                -
//	GetUnlessZero DropRef                  the anon_vma                -
//	PinRoot                                the root                    -
//	LinkChain                              the VMA that gets the entry FailAlloc
//	UnlinkChain FreeVMA                    the VMA                     -
//	CopyVMA                                the VMA that is copied, or 0 FailAlloc
//	StoreStart StoreEnd StorePgoff         the VMA                     -
//	ReadTail ReadAnon
//	ReadStart ReadPgoff Visit              the VMA                     -
//	NextEntry                              the cursor's VMA, 0 before the first
//	MapPage                                0                           the page to use
//	ReadMapping CheckMapped RecheckMapped
//	MovePage CheckOwn SwapIn AddToSwap     the page                    -
//	AllowWrite CopyEntry MoveEntry
//	DenyWrite ZapEntry StoreIndex          0                           -
//	Oopsed                                1 FreedVMA, 2 EmptyChain, 3 UnlinkedEntry
//
// The choice FailAlloc (-1) lets an allocation fail that belongs to the step; the
// step is not taken, and what was half done is undone. LockAnon takes it too, where
// a fault shares a neighbour's anon_vma and allocates the chain entry.
//
// Oopsed is no step: it announces that the thread touched what it must not
// touch. A scheduler does not grant it. If it returns all the same, the thread
// lets go of its locks and returns the error, as it does natively.
//
// Refused is called when the step just granted could not be taken, because a
// lock was held or the chosen object was not free. Nothing has changed; Step
// is then called again with the same step. Both may unwind by panicking.
//
// Thread names the calling thread (from 1). It is asked when a lock is taken, so that
// a Snapshot can tell the owner.
//
// Under hooks no lock blocks: all are taken with TryLock. TryVMA is never refused:
// the step is that it was tried.
type Hooks struct {
	Step    func(step spec.Step, object int) (choice int)
	Refused func()
	Thread  func() int
}

// FailAlloc as a choice: see Hooks.
const FailAlloc = -1

// step marks the point of an atomic action. Under control the seam is the hook; a
// test of free threads has one that yields, without hooks, so that locks block.
func (s *System) step(step spec.Step, object int) int {
	if s.seam == nil {
		return 0
	}
	return s.seam(step, object)
}

// pause yields where two accesses have no step between them, so that nobody finds
// time to come between. Only a test sets it, before anything runs.
var pause func()

func gap() {
	if pause != nil {
		pause()
	}
}

// fails reports whether one of the n allocations of a step fails: by the choice of
// the scheduler, or by injection.
func (s *System) fails(choice, n int) bool {
	if choice == FailAlloc {
		return true
	}
	if s.injected == nil {
		return false
	}
	for range n {
		if s.injected() {
			return true
		}
	}
	return false
}
