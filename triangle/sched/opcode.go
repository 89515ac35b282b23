package sched

import "fmt"

// An opcode is a step of the wrapped types: what Point.Step is in an exploration.
type opcode uint8

const (
	opLock  opcode = iota + 1
	opDrain        // RWMutex.Lock, when new readers are kept out and the old ones have to leave
	opTryLock
	opUnlock
	opRLock
	opTryRLock
	opRUnlock
	opWait // Cond
	opSignal
	opBroadcast
	opAdd
	opDone
	opGo
	opWaitZero // WaitGroup.Wait
	opDo
	opSend
	opTrySend
	opRecv
	opTryRecv
	opClose
	opLen
	opSelect
	opTrySelect
	opLoad
	opStore
	opSwap
	opCompareAndSwap
	opAnd
	opOr
	opGosched
)

var opNames = [...]string{
	opLock: "Lock", opDrain: "Lock", opTryLock: "TryLock", opUnlock: "Unlock",
	opRLock: "RLock", opTryRLock: "TryRLock", opRUnlock: "RUnlock",
	opWait: "Wait", opSignal: "Signal", opBroadcast: "Broadcast",
	opAdd: "Add", opDone: "Done", opGo: "Go", opWaitZero: "Wait", opDo: "Do",
	opSend: "Send", opTrySend: "TrySend", opRecv: "Recv", opTryRecv: "TryRecv", opClose: "Close", opLen: "Len",
	opSelect: "Select", opTrySelect: "TrySelect",
	opLoad: "Load", opStore: "Store", opSwap: "Swap", opCompareAndSwap: "CompareAndSwap", opAnd: "And", opOr: "Or",
	opGosched: "Gosched",
}

func (op opcode) String() string {
	if int(op) < len(opNames) && opNames[op] != "" {
		return opNames[op]
	}
	return fmt.Sprintf("opcode(%d)", uint8(op))
}

// ready reports whether op is possible in the present state. Whatever can wait
// without having left a trace waits here; who waits in a queue is blocked.
func (o *object) ready(op opcode) bool {
	switch op {
	case opLock, opRLock, opDo:
		return !o.held
	case opDrain:
		return o.readers == 0
	case opWaitZero:
		return o.count == 0
	}
	return true
}

// choices is the number of ways in which the next step of t can go: a Select
// takes any case that is possible.
func (t *virtual) choices() int {
	n := 0
	if t.op == opSelect || t.op == opTrySelect {
		for _, c := range t.cases {
			if c.possible() {
				n++
			}
		}
	}
	return max(n, 1)
}

// independent reports whether the next steps of two threads commute: in either
// order they lead to the same state, and neither makes the other impossible.
// What threads do between steps is taken to commute, as it does in code without
// data races.
func (r *run) independent(a, b *virtual) bool {
	switch {
	case wide(a.op) || wide(b.op):
		return false
	case r.selects && onChan(a.op) && onChan(b.op):
		return false // both may wake the same Select
	}
	return a.object != b.object || reads(a.op) && reads(b.op)
}

func onChan(op opcode) bool { return opSend <= op && op <= opClose }

// wide steps touch more than their object.
func wide(op opcode) bool {
	switch op {
	case opWait, opSelect, opTrySelect, opGosched, opGo:
		return true
	}
	return false
}

func reads(op opcode) bool { return op == opLoad || op == opLen }
