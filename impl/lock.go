package impl

import (
	"sync"
	"sync/atomic"

	"github.com/rootlock/rootlock/spec"
)

// A lock guards an anon_vma's family, a page, an address space or all walks. It is never
// initialised again: objects are type-stable, so one that was recycled may
// still be locked by a late walker.
//
// owner is kept only under control, by the thread that holds mu.
// ticket counts the Roots that were unlocked through this lock; see Root.
type lock struct {
	mu     sync.Mutex
	owner  int
	ticket atomic.Uint64
}

// acquire takes the lock as the given step: free -> held. It reports false if
// the scheduler lets an allocation fail that belongs to the step.
func (l *lock) acquire(s *System, step spec.Step, object int) bool {
	if s.seam == nil {
		l.mu.Lock()
		return true
	}
	return l.ask(s, step, object)
}

// ask is acquire where somebody wants to know of the step; only under control it
// must not block.
func (l *lock) ask(s *System, step spec.Step, object int) bool {
	for {
		if s.seam(step, object) == FailAlloc {
			return false
		}
		if s.hooks == nil {
			l.mu.Lock()
			return true
		}
		if l.mu.TryLock() {
			l.owner = s.hooks.Thread()
			return true
		}
		s.hooks.Refused()
	}
}

// try takes the lock as the given step if it is free: free -> held, or nothing.
// It is never refused, and never waits.
func (l *lock) try(s *System, step spec.Step, object int) bool {
	s.step(step, object)
	if !l.mu.TryLock() {
		return false
	}
	if s.hooks != nil {
		l.owner = s.hooks.Thread()
	}
	return true
}

// held reports whether anybody holds the lock. Who sees that nobody does
// synchronizes after the last release.
func (l *lock) held() bool {
	if !l.mu.TryLock() {
		return true
	}
	l.mu.Unlock()
	return false
}

// release gives the lock back as the given step: held -> free.
func (l *lock) release(s *System, step spec.Step, object int) {
	if s.seam == nil {
		l.mu.Unlock()
		return
	}
	s.seam(step, object)
	l.drop(s)
}

// drop gives the lock back without a step. Under control a protocol may be
// wrong about what it holds; the lock is free afterwards in any case, as in the
// law, where sync.Mutex would end the process.
func (l *lock) drop(s *System) {
	if s.hooks != nil {
		l.owner = 0
		l.mu.TryLock()
	}
	l.mu.Unlock()
}
