------------------------------------------------------- MODULE Trace -------------------------------------------------------
(**************************************************************************************************************************)
(* Recorded traces of the implementation as behaviours of a protocol: TLC picks one of Traces, follows it event by event, *)
(* and prints where it stops. What an event carries, and why its order is a legal one: package recording.                 *)
(*                                                                                                                        *)
(* Traces is generated, a module of its own: Header, and a sequence of traces. The protocol in EXTENDS is a placeholder:  *)
(* each of the six takes its place. The checker in Go asks the same (recording.Checker): NotEmpty, InOrder, the guard of  *)
(* the step, ActsUpon, SameState, SameNext, NextUpon; at the end Complete, Counted and Ended.                             *)
(*                                                                                                                        *)
(* A trace is [header, events, count, steps, end]. An event is [ticket, t, step, args, acts, next, object, vma, anon,     *)
(* page, pte, walks]: thread t took a step, which acts upon `acts`, and stands before `next`, which acts upon `object`;   *)
(* the others are functions from what changed to its new value.                                                           *)
(**************************************************************************************************************************)
EXTENDS MCRootPointer, TLC, Traces

VARIABLES
  number,  \* which of Traces
  at       \* how many of its events were followed

Events == Traces[number].events

----------------------------------------------------------------------------------------------------------------------------
(* What a thread's next step acts upon: Hooks of impl, Object of spec.                                                    *)

OopsNumber(why) == CASE why = "FreedVMA" -> 1 [] why = "EmptyChain" -> 2 [] why = "UnlinkedEntry" -> 3

\* Where a list is counted, the operation's reference is dropped before the root's.
DroppedBy(t) == LET r == thread[t] IN
  IF Header[1] = "RefcountedRoot" THEN IF r.root = 0 THEN r.anon ELSE r.root
  ELSE IF t \in WalkerThread THEN r.anon ELSE r.root

Object(t) ==
  LET r == thread[t]  pc == r.pc IN
  CASE pc = "LockAnon"                                                    -> MMLock(Linked(r), r.anon)
    [] pc = "LockAdjust"                                                  -> MMLock(r.vma, r.anon)
    [] pc \in {"LockRoot", "TryRoot", "TryVMA", "LockVMA"}                -> r.root
    [] pc \in {"UnlockAnon", "UnlockAdjust", "UnlockLeaf", "UnlockRoot"}  -> r.held
    [] pc = "UnlockVMA"                                                   -> r.also
    [] pc \in {"LockPage", "UnlockPage", "ReadMapping", "CheckMapped", "RecheckMapped", "MovePage", "CheckOwn"} -> r.page
    [] pc \in {"LockLeaf", "LinkList", "UnlinkList", "ReadFirst", "ReadRoot", "GetAnon", "GetUnlessZero", "DropRef"} -> r.anon
    [] pc = "PinRoot"                                                     -> anon[r.anon].root
    [] pc \in {"PutAnon", "PutLast"}                                      -> DroppedBy(t)
    [] pc = "CheckUnlocked"                                               -> anon[Freed(t)].root
    [] pc = "FreeAnon"                                                    -> Freed(t)
    [] pc = "LinkChain"                                                   -> Linked(r)
    [] pc \in {"UnlinkChain", "FreeVMA", "CopyVMA", "StoreStart", "StoreEnd", "StorePgoff",
               "ReadTail", "ReadAnon", "ReadStart", "ReadPgoff", "Visit", "NextEntry"} -> r.vma
    [] pc = "Oopsed"                                                      -> OopsNumber(r.oops)
    [] OTHER                                                              -> 0

\* What the step of an event acts upon, if the step is e's.
Acts(e) ==
  CASE ~IsIdle(e.t)                         -> Object(e.t)
    [] e.step \in {"Map", "Fork", "Exit"}   -> e.t
    [] e.step \in {"WalkPinned", "Unpin"}    -> thread[e.t].pin
    [] OTHER                                -> e.args[1]

----------------------------------------------------------------------------------------------------------------------------
(* One event.                                                                                                             *)

\* The step is the one that t takes next, or begins an operation.
IsNext(e) == IF IsIdle(e.t) THEN e.step \in Operations ELSE e.step = thread[e.t].pc

\* The step that was taken, t's only one from here, has the event's name and arguments.
IsTaken(e) ==
  LET r == thread'[e.t]  begins == IsIdle(e.t)  a == e.args IN
  CASE ~begins /\ e.step = "AllocAnon" -> a[1] \in ObjectId /\ ~anon[a[1]].live /\ anon'[a[1]].live
    [] ~begins                         -> TRUE
    [] e.step = "Map"   -> /\ e.t \in MMThread /\ r.op = "None"
                           /\ LET v == vma'[Lowest(Unborn)] IN v.start = a[1] /\ v.end = a[1] + a[2]
    [] e.step = "Pin"   -> /\ e.t \in WalkerThread /\ r.op = "None" /\ a[1] \in VMAId
                           /\ vma[a[1]].life = "Mapped" /\ IsIdle(vma[a[1]].mm) /\ ~BusyChild(vma[a[1]].mm)
                           /\ vma[a[1]].anon # 0 /\ r.pin = vma[a[1]].anon
    [] OTHER            -> /\ r.op = e.step
                           /\ CASE e.step \in {"Fault", "SplitBelow", "SplitAbove"} -> r.vma = a[1] /\ r.slot = a[2]
                                [] e.step = "Unmap"               -> r.vma = a[1]
                                [] e.step = "Fork"                -> r.child = a[1]
                                [] e.step \in {"Walk", "Migrate"} -> r.page = a[1]
                                [] e.step = "WalkPinned"          -> r.slot = a[1]
                                [] OTHER                          -> TRUE

\* What changed is what the event says, all of it, and to the same values.
Changed(f, g, changes) == \A x \in DOMAIN f : IF x \in DOMAIN changes THEN g[x] = changes[x] /\ g[x] # f[x] ELSE g[x] = f[x]
Inside                 == LET in == {t \in Thread : thread[t].mutex} IN IF in = {} THEN 0 ELSE Lowest(in)
IsState(e) ==
  /\ Changed(vma, vma', e.vma) /\ Changed(anon, anon', e.anon) /\ Changed(page, page', e.page)
  /\ \A m \in MMThread : Changed(pte[m], pte'[m], [i \in {x[2] : x \in {y \in DOMAIN e.pte : y[1] = m}} |-> e.pte[<<m, i>>]])
  /\ Changed([i \in {0} |-> Inside], [i \in {0} |-> Inside'], e.walks)

Follow ==
  /\ Traces[number].header = Header /\ at < Len(Events)
  /\ \E e \in {Events[at + 1]} :  \* \E and not LET: a value, also where it is primed
       /\ e.ticket = at + 1 /\ e.t \in Thread
       /\ IsNext(e) /\ Acts(e) = e.acts /\ Step(e.t) /\ IsTaken(e)
       /\ IsState(e) /\ thread'[e.t].pc = e.next /\ Object(e.t)' = e.object
  /\ at' = at + 1 /\ UNCHANGED number

----------------------------------------------------------------------------------------------------------------------------
(* The end.                                                                                                               *)

Accepted ==
  LET trace == Traces[number] IN
  /\ trace.header = Header /\ trace.events # <<>>                     \* NotEmpty
  /\ at = Len(trace.events) /\ trace.count = at                       \* Complete
  /\ \A t \in Thread : Cardinality({k \in 1..at : trace.events[k].t = t}) = trace.steps[t]  \* Counted
  /\ trace.end = "crash" => Crashed                                   \* Ended
  /\ trace.end = "rest"  => \A t \in Thread : IsIdle(t)

\* Nobody's step: says where it goes no further, and whether it was to end there.
Stop == ~ENABLED Follow /\ PrintT(<<"stopped", number, at, Accepted>>) /\ FALSE /\ UNCHANGED <<vars, number, at>>

TraceInit == InitCounting(IF Header[1] = "RefcountedRoot" THEN 1 ELSE 0, 0) /\ number \in 1 .. Len(Traces) /\ at = 0
TraceNext == Follow \/ Stop
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, number, at>>

============================================================================================================================
