------------------------------------------- MODULE Trace -------------------------------------------
(***************************************************************************************************
Recorded traces of the implementation as behaviours of a protocol: TLC picks one of Traces, follows
it event by event, and prints where it stops. What an event carries, and why its order is a legal
one: package recording.

Traces is generated, a module of its own: Header, a sequence of traces, and the names of all things
in order, for a trace has numbers. The protocol in EXTENDS is a placeholder: each of the six takes
its place. The checker in Go asks the same (recording.Checker): NotEmpty, InOrder, the guard of the
step, ActsUpon, SameState, SameNext, NextUpon; at the end Complete, Counted and Ended.

A trace is [header, events, count, steps, end]. An event is [ticket, t, step, args, acts, next,
object, vma, anon, kin, page, pte,
walks]: thread t took a step, which acts upon `acts`, and stands
before `next`, which acts upon `object`; the others are functions from what changed to its new
value: `anon` of what all protocols have, `kin` of what trees have besides.
***************************************************************************************************)
EXTENDS MCRootPointer, Traces

VARIABLES
  number,  \* which of Traces
  at       \* how many of its events were followed

Events == Traces[number].events

----------------------------------------------------------------------------------------------------
(* What a thread's next step acts upon, by its number: Hooks of impl, Object of spec.             *)

Number(names, x) == IF x = None THEN 0 ELSE Place(names, x)
Area(v)          == Number(VMAName, v)
Obj(a)           == Number(ObjectName, a)
Frame(p)         == Number(PageName, p)

OopsNumber(why) == CASE why = "FreedVMA"      -> 1
                     [] why = "EmptyChain"    -> 2
                     [] why = "UnlinkedEntry" -> 3

\* Where a list is counted, the operation's reference is dropped before the root's; in RwsemRoot the
\* object in hand is what is dropped.
DroppedBy(t) == LET r == thread[t] IN
  IF Header[1] = "RwsemRoot" THEN r.anon
  ELSE IF Header[1] = "RefcountedRoot" THEN IF r.root = None THEN r.anon ELSE r.root
  ELSE IF t \in Walkers THEN r.anon ELSE r.root

Object(t) ==
  LET r == thread[t]  pc == r.pc IN
  CASE pc = "LockAnon"                                         -> Obj(MMLock(Linked(r), r.anon))
    [] pc = "LockAdjust"                                       -> Obj(MMLock(r.vma, r.anon))
    [] pc \in {"LockRoot", "TryRoot", "TryVMA", "LockVMA"}     -> Obj(r.root)
    [] pc \in {"UnlockAnon", "UnlockAdjust",
               "UnlockLeaf", "UnlockRoot"}                     -> Obj(r.held)
    [] pc = "UnlockVMA"                                        -> Obj(r.also)
    [] pc \in {"LockPage", "UnlockPage", "ReadMapping", "CheckMapped", "RecheckMapped",
               "MovePage", "CheckOwn"}                         -> Frame(r.page)
    [] pc \in {"LockLeaf", "LinkList", "UnlinkList", "ReadFirst", "ReadRoot", "GetAnon",
               "GetUnlessZero", "DropRef"}                     -> Obj(r.anon)
    [] pc = "PinRoot"                                          ->
         Obj(anon[IF Header[1] = "RwsemRoot" THEN vma[r.vma].anon ELSE r.anon].root)
    [] pc \in {"PutAnon", "PutLast"}                           -> Obj(DroppedBy(t))
    [] pc = "CheckUnlocked"                                    -> Obj(anon[Freed(t)].root)
    [] pc = "FreeAnon"                                         -> Obj(Freed(t))
    [] pc = "LinkChain"                                        -> Area(Linked(r))
    [] pc \in {"UnlinkChain", "FreeVMA", "CopyVMA", "TakeOut", "PutBack", "StoreStart", "StoreEnd", "StorePgoff",
               "ReadTail", "ReadAnon", "ReadStart", "ReadPgoff", "Visit",
               "NextEntry"}                                    -> Area(r.vma)
    [] pc = "Oopsed"                                           -> OopsNumber(r.oops)
    [] OTHER                                                   -> 0

\* A cursor that dangles has no name in the law, whatever the code calls it.
ActsUpon(t, n) == Object(t) = n \/ (t \in Walkers /\ thread[t].gone = "Area")

\* What the step of an event of thread t acts upon, if the step is e's.
IsUpon(t, e) ==
  CASE ~IsIdle(t)                        -> ActsUpon(t, e.acts)
    [] e.step \in {"Map", "Fork", "Exit"} -> e.acts = e.t
    [] e.step \in {"WalkPinned", "Unpin"} -> t \in Walkers /\ e.acts = Obj(thread[t].pin)
    [] OTHER                             -> e.acts = e.args[1]

----------------------------------------------------------------------------------------------------
(* One event.                                                                                     *)

\* The step is the one that t takes next, or begins an operation.
IsNext(t, e) == IF IsIdle(t) THEN e.step \in Operations ELSE e.step = thread[t].pc

\* The step that was taken, t's only one from here, has the event's name and arguments.
IsTaken(t, e) ==
  LET r == thread'[t]  begins == IsIdle(t)  a == e.args IN
  CASE ~begins /\ e.step = "AllocAnon" -> LET o == Named(ObjectName, a[1]) IN
                                           o \in Objects /\ ~anon[o].live /\ anon'[o].live
    [] ~begins /\ e.step # "AllocAnon" -> TRUE
    [] begins /\ e.step = "Map" ->
         /\ t \in MMs /\ r.op = "None"
         /\ LET v == vma'[Pick(Unborn)] IN v.start = a[1] /\ v.end = a[1] + a[2]
    [] begins /\ e.step = "Pin" -> LET v == Named(VMAName, a[1]) IN
         /\ t \in Walkers /\ r.op = "None" /\ v \in VMAs
         /\ vma[v].life = "Mapped" /\ Quiet(vma[v].mm)
         /\ vma[v].anon # None /\ r.pin = vma[v].anon
    [] OTHER ->
         /\ r.op = e.step
         /\ CASE e.step \in {"Fault", "SplitBelow", "SplitAbove"} ->
                   Area(r.vma) = a[1] /\ r.slot = a[2]
              [] e.step = "Unmap"               -> Area(r.vma) = a[1]
              [] e.step = "Fork"                -> Number(MMName, r.child) = a[1]
              [] e.step \in {"Walk", "Migrate"} -> Frame(r.page) = a[1]
              [] e.step = "WalkPinned"          -> r.slot = a[1]
              [] OTHER                          -> TRUE

\* What changed is what the event says, all of it, and to the same values.
Changed(f, g, changes) == \A x \in DOMAIN f :
  IF x \in DOMAIN changes THEN g[x] = changes[x] /\ g[x] # f[x] ELSE g[x] = f[x]
ChangesOf(m, e) == [i \in {x[2] : x \in {y \in DOMAIN e.pte : y[1] = m}} |-> e.pte[<<m, i>>]]
Inside          == LET in == {w \in Walkers : thread[w].mutex} IN
                   [i \in {0} |-> IF in = {} THEN 0 ELSE Number(ThreadName, Pick(in))]
Common(o)       == [x \in DOMAIN NoAnon |-> o[x]]
Kin(o)          == [x \in DOMAIN o \ DOMAIN NoAnon |-> o[x]]
IsState(e) ==
  /\ Changed(vma, vma', e.vma) /\ Changed(page, page', e.page)
  /\ Changed([a \in Objects |-> Common(anon[a])], [a \in Objects |-> Common(anon'[a])], e.anon)
  /\ Changed([a \in Objects |-> Kin(anon[a])], [a \in Objects |-> Kin(anon'[a])], e.kin)
  /\ \A m \in MMs : Changed(pte[m], pte'[m], ChangesOf(m, e))
  /\ Changed(Inside, Inside', e.walks)

Follow ==
  /\ Traces[number].header = Header /\ at < Len(Events)
  /\ \E e \in {Events[at + 1]} :  \* \E and not LET: a value, also where it is primed
       /\ e.ticket = at + 1
       /\ \E t \in Thread :
            /\ t = Named(ThreadName, e.t)
            /\ IsNext(t, e) /\ IsUpon(t, e) /\ Step(t) /\ IsTaken(t, e)
            /\ IsState(e) /\ thread'[t].pc = e.next /\ ActsUpon(t, e.object)'
  /\ at' = at + 1 /\ UNCHANGED number

----------------------------------------------------------------------------------------------------
(* The end.                                                                                       *)

StepsOf(t, trace) == Cardinality({k \in 1 .. at : Named(ThreadName, trace.events[k].t) = t})

Accepted ==
  LET trace == Traces[number] IN
  /\ trace.header = Header /\ trace.events # <<>>                     \* NotEmpty
  /\ at = Len(trace.events) /\ trace.count = at                       \* Complete
  /\ \A t \in Thread : StepsOf(t, trace) = trace.steps[Number(ThreadName, t)]  \* Counted
  /\ trace.end = "crash" => Crashed                                   \* Ended
  /\ trace.end = "rest"  => \A t \in Thread : IsIdle(t)

\* Nobody's step: says where it goes no further, and whether it was to end there.
Stop == ~ENABLED Follow /\ PrintT(<<"stopped", number, at, Accepted>>) /\ FALSE
        /\ UNCHANGED <<vars, number, at>>

TraceInit == Init /\ number \in 1 .. Len(Traces) /\ at = 0
TraceNext == Follow \/ Stop
TraceSpec == TraceInit /\ [][TraceNext]_<<vars, number, at>>

====================================================================================================
