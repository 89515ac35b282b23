// Package recording records what the implementation does while its threads run
// freely, as goroutines that Go schedules, and decides whether that is a behaviour
// of the law: in Go by spec, in time linear in the trace, and for a batch of traces
// by TLC on the modules of tla/.
//
// # Why the recorded order is a legal order of the atomic actions
//
// A step of the law is what the code does after its hook returns, until the thread calls
// the next hook or the operation ends (impl.Hooks). The recorder's mutex is held during
// exactly that time:
//
//	hook returns -> action, thread-local code -> next hook: event written, mutex given back,
//	`------------- the mutex is held ------------------------------------'
//	others run; mutex taken -> hook returns -> ...
//
// So no two actions overlap, and the order in which the mutex was held is the
// order in which they happened: of any two one ended before the other began, and
// the ticket of an event is its place in that order. Nothing of impl runs outside:
// an operation begins and ends with the mutex held. What a thread reads between two steps
// of its own is therefore part of the first of them, for the code as for the law. Nothing
// blocks inside: under hooks every lock is taken with TryLock, and
// a thread that is refused gives the mutex back and comes again; a refused step
// changed nothing and is no event. The lock that orders the events says also who
// calls the hook: the thread that holds it.
//
// Which thread is next is nobody's choice: goroutines meet at a mutex, on as many
// cores as there are; before it each yields none to three times, by chance, since
// a goroutine that gives a mutex back otherwise often has it again before a
// waiting one wakes up.
//
// What this does not see: actions that overlap in time. That each of them is atomic
// is assumed here, and is for the race detector and the linearizability tests
// of impl to doubt, which run without hooks.
//
// # What an event carries, and why
//
// The ticket, the thread, and its step with the arguments. All that the action changed of what
// threads share: this is found by comparing snapshots, and not told by the code. The thread's
// next step with what it acts upon. The text is in Trace.Text; Check and
// Trace.tla ask the same of it. At the end stands how many events there are, and how
// many each thread counted of its own.
//
// So a trace that was tampered with contradicts itself or the law:
//
//	an event is missing      the thread's next one is not at its step, or the thread's count
//	events at the end are    a thread is amid an operation, or its count
//	another thread's         that thread is elsewhere, or the two counts
//	two swapped              the law, if the one depends on the other; else only the tickets
//	a value                  the law, which is asked for all of them
//
// Two events that do not depend on each other are a legal behaviour in either order,
// with the same values: which was first is known from the tickets alone. Who forges
// these too has another trace of the same law, and both checkers accept it; a Tally
// counts such as Equivalent, and asks that the end is the same.
package recording
