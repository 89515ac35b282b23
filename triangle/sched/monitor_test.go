package sched_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/sched"
)

// Steps of a turnstile: who comes waits until it is open.
const (
	turnIdle uint8 = iota
	turnLock
	turnWait
	turnPass
	turnOpen
	turnUnlock
)

type turnstile struct {
	monitor sched.Monitor
	open    bool
	passed  int
}

func (s *turnstile) pass(thread int) {
	m := &s.monitor
	m.Lock(turnLock, thread)
	for !s.open {
		m.Wait(turnWait, turnLock, thread)
	}
	m.Step(turnPass, thread)
	s.passed++
	m.Unlock(turnUnlock, thread)
}

func (s *turnstile) let(thread int, all bool) {
	m := &s.monitor
	m.Lock(turnLock, thread)
	s.open = true
	if all {
		m.Broadcast(turnOpen, thread)
	} else {
		m.Signal(turnOpen, thread)
	}
	m.Unlock(turnUnlock, thread)
}

// Natively a Monitor is a mutex with a condition variable; a hook is told of every step, with
// the mutex held.
func TestMonitorNative(t *testing.T) {
	for _, logs := range []bool{false, true} {
		var s turnstile
		seen := map[uint8]int{}
		if logs {
			s.monitor.Hook = func(step uint8, _ uint32) int { seen[step]++; return 0 }
		}
		var group sync.WaitGroup
		for k := 1; k <= 8; k++ {
			group.Go(func() { s.pass(k) })
		}
		group.Go(func() { s.let(9, true) })
		group.Wait()
		assert.Equal(t, 8, s.passed)
		if logs {
			assert.Equal(t, [...]int{9 + seen[turnWait], 8, 1, 9}, [...]int{seen[turnLock], seen[turnPass], seen[turnOpen], seen[turnUnlock]})
		}
	}
}

// Under a Scheduler nothing blocks: who sleeps is refused until it is woken, and the choice
// says who that is.
func TestMonitorControlled(t *testing.T) {
	s := sched.New(3)
	defer func() { require.NoError(t, s.Close()) }()
	var gate turnstile
	gate.monitor.Hook, gate.monitor.Controlled = s.Hook, true
	s.Start(1, func() { gate.pass(1) })
	s.Start(2, func() { gate.pass(2) })
	s.Start(3, func() { gate.let(3, false) })
	grant := func(thread, choice int, step uint8, outcome sched.Outcome) {
		t.Helper()
		p, o := s.Grant(thread, choice)
		assert.Equal(t, outcome, o)
		if o != sched.Finished {
			assert.Equal(t, step, p.Step)
		}
	}
	for _, thread := range []int{1, 2} {
		grant(thread, 0, turnWait, sched.Parked)
		if thread == 1 {
			grant(2, 0, turnLock, sched.Refused) // 1 has the mutex
		}
		grant(thread, 0, turnLock, sched.Parked)
		grant(thread, 0, turnLock, sched.Refused) // it sleeps
		assert.True(t, gate.monitor.Asleep(thread))
	}
	grant(3, 0, turnOpen, sched.Parked)
	grant(3, 2, turnUnlock, sched.Parked)
	assert.True(t, gate.monitor.Asleep(1))
	assert.False(t, gate.monitor.Asleep(2))
	grant(2, 0, turnLock, sched.Refused) // 3 has the mutex
	grant(3, 0, turnIdle, sched.Finished)
	grant(2, 0, turnPass, sched.Parked)
	grant(1, 0, turnLock, sched.Refused)
	grant(2, 0, turnUnlock, sched.Parked)
	grant(2, 0, turnIdle, sched.Finished)
	assert.Equal(t, 1, gate.passed)
	grant(1, 0, turnLock, sched.Refused)
	assert.True(t, s.Stuck(), "nobody wakes thread 1")

	var alone turnstile
	alone.monitor.Controlled = true
	assert.PanicsWithValue(t, "sched: a Monitor is Controlled and has no Hook: set it to Scheduler.Hook", func() { alone.let(1, true) })
}

// Without a law its schedules are explored as those of a Mutex and a Cond are.
func TestMonitorExplored(t *testing.T) {
	for _, all := range []bool{true, false} {
		c := sched.Search(func(t *sched.T) {
			gate := new(turnstile)
			t.Name("gate", gate)
			t.Go("one", func() { gate.pass(1) })
			t.Go("two", func() { gate.pass(2) })
			t.Go("three", func() { gate.let(3, all) })
		}, sched.Options{}).Counterexample
		if all {
			assert.Nil(t, c)
		} else {
			require.NotNil(t, c)
			assert.Equal(t, "deadlock", c.Kind)
			assert.Contains(t, c.Message, "waits in gate.monitor.cond.Wait")
		}
	}
}
