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

// A familyLock is the lock of an anon_vma, which walkers may share: then it is an rwsem, and
// the mutex is not used. Who waits to have it alone stops new readers.
//
// readers and waiting are kept only under control: a bit for each thread that shares the
// lock, and how many stand before it that want it alone.
type familyLock struct {
	lock
	rw      sync.RWMutex
	readers uint32
	waiting int32
}

// acquire takes the lock alone: as lock.acquire.
func (l *familyLock) acquire(s *System, step spec.Step, object int) bool {
	switch {
	case !s.shared:
		return l.lock.acquire(s, step, object)
	case s.hooks == nil:
		if s.step(step, object) == FailAlloc {
			return false
		}
		l.rw.Lock()
		return true
	}
	l.waiting++
	for {
		if s.seam(step, object) == FailAlloc {
			l.waiting--
			return false
		}
		if l.rw.TryLock() {
			l.owner = s.hooks.Thread()
			break
		}
		s.hooks.Refused()
	}
	l.waiting--
	return true
}

// share takes the lock beside others, as the given step.
func (l *familyLock) share(s *System, step spec.Step, object int) {
	for {
		s.step(step, object)
		if s.hooks == nil {
			l.rw.RLock()
			return
		}
		if l.shares(s) {
			return
		}
		s.hooks.Refused()
	}
}

// tryShare is share, or nothing: it is never refused, and never waits.
func (l *familyLock) tryShare(s *System, step spec.Step, object int) bool {
	s.step(step, object)
	if s.hooks == nil {
		return l.rw.TryRLock()
	}
	return l.shares(s)
}

// shares is the attempt to share under control.
func (l *familyLock) shares(s *System) bool {
	if l.readers != 0 && l.waiting > 0 || !l.rw.TryRLock() {
		return false
	}
	l.readers |= 1 << s.hooks.Thread()
	return true
}

// leave gives back what a walker has, as the given step.
func (l *familyLock) leave(s *System, step spec.Step, object int) {
	s.step(step, object)
	if s.shared && s.hooks == nil { // as leaveNow, but inlined
		l.rw.RUnlock()
		return
	}
	l.leaveNow(s)
}

// leaveNow is leave without a step.
func (l *familyLock) leaveNow(s *System) {
	if !s.shared {
		l.lock.drop(s)
		return
	}
	if s.hooks == nil {
		l.rw.RUnlock()
		return
	}
	if bit := uint32(1) << s.hooks.Thread(); l.readers&bit != 0 {
		l.readers &^= bit
		l.rw.RUnlock()
		return
	}
	l.drop(s)
}

// release gives back what was taken alone: as lock.release.
func (l *familyLock) release(s *System, step spec.Step, object int) {
	s.step(step, object)
	l.drop(s)
}

// drop is lock.drop.
func (l *familyLock) drop(s *System) {
	if !s.shared {
		l.lock.drop(s)
		return
	}
	if s.hooks != nil {
		l.owner = 0
		if l.readers == 0 {
			l.rw.TryLock()
		} else {
			return // a protocol that is wrong about what it holds
		}
	}
	l.rw.Unlock()
}

// taken reports whether anybody has the lock, alone or with others. Who sees that nobody has
// synchronizes after the last release.
func (l *familyLock) taken(s *System) bool {
	if !s.shared {
		return l.held()
	}
	if !l.rw.TryLock() {
		return true
	}
	l.rw.Unlock()
	return false
}
