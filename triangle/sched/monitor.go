package sched

// A Monitor is a mutex with a condition variable, each of whose operations is a step that a
// hook is told of. It is for code that a law is about: a step gets the number that it has
// there, and the number of the thread that takes it. The zero value is ready. A Monitor runs
// in one of four ways:
//
//   - natively, without a Hook: it is a sync.Mutex with a sync.Cond;
//   - natively, with a Hook that logs: all steps are told of with the mutex held, Lock when
//     it is;
//   - under a [Scheduler], Controlled and with the Hook of that: nothing blocks. A step that
//     is not possible is refused;
//   - under [Explore], without a Hook.
//
// Hook and Controlled are set before the Monitor is used. All methods but Asleep are for the
// thread that they name; all but Lock and Step for who has the mutex.
type Monitor struct {
	Hook       func(step uint8, object uint32) (choice int) // object: the thread
	Controlled bool

	mu     Mutex
	cond   Cond
	asleep map[int]bool // under control
}

// Step is a scheduling point that is no operation of the Monitor: it gives the choice of the
// hook, and 0 where there is none.
func (m *Monitor) Step(step uint8, thread int) (choice int) {
	if m.Hook != nil {
		choice = m.Hook(step, uint32(thread))
	}
	return choice
}

// Lock takes the mutex.
func (m *Monitor) Lock(step uint8, thread int) {
	if !m.Controlled {
		m.mu.Lock()
		m.Step(step, thread)
		return
	}
	if m.Hook == nil {
		panic("sched: a Monitor is Controlled and has no Hook: set it to Scheduler.Hook")
	}
	for m.Step(step, thread); m.asleep[thread] || !m.mu.TryLock(); m.Step(0, thread) { // refused
	}
}

// Unlock gives it back.
func (m *Monitor) Unlock(step uint8, thread int) {
	m.Step(step, thread)
	m.mu.Unlock()
}

// Wait gives it back and sleeps, in one step. Somebody wakes the thread, and it takes the
// mutex again: the step lock.
func (m *Monitor) Wait(wait, lock uint8, thread int) {
	m.Step(wait, thread)
	if !m.Controlled {
		if m.cond.L == nil {
			m.cond.L = &m.mu
		}
		m.cond.Wait()
		m.Step(lock, thread)
		return
	}
	if m.asleep == nil {
		m.asleep = map[int]bool{}
	}
	m.asleep[thread] = true
	m.mu.Unlock()
	m.Lock(lock, thread)
}

// Signal wakes one thread that sleeps, if any does. Under control the choice says which: 0 is
// none.
func (m *Monitor) Signal(step uint8, thread int) {
	woken := m.Step(step, thread)
	if m.Controlled {
		delete(m.asleep, woken)
		return
	}
	m.cond.Signal()
}

// Broadcast wakes all that sleep.
func (m *Monitor) Broadcast(step uint8, thread int) {
	m.Step(step, thread)
	if m.Controlled {
		clear(m.asleep)
		return
	}
	m.cond.Broadcast()
}

// Asleep reports whether a thread sleeps, under control.
func (m *Monitor) Asleep(thread int) bool { return m.asleep[thread] }
