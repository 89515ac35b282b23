------------------------------------------ MODULE History ------------------------------------------
(***************************************************************************************************
What happened, for the claims: auxiliary variables. No guard reads them and no step depends on them.
Each step ends with Record, which watches what the step did. A model in which Record is replaced by
Forget has the same graph: a test erases the history so (see tla.go).

`history` is about the operation that a walker is in, `stale` about what a page names.
***************************************************************************************************)
EXTENDS AnonVMA

VARIABLES
  history,  \* history[w]: what walker w has seen
  stale     \* stale[p]: the object in page[p].mapping was freed since the mapping was written

vars == <<vma, anon, page, pte, thread, history, stale>>

NoHistory ==
  [stale  |-> FALSE,  \* the leaf was freed since page.mapping was written, or since it was read
   steady |-> FALSE,  \* the page was mapped at every moment since the operation began
   owed   |-> {},     \* the entries that this walk has still to visit
   missed |-> FALSE,  \* its last walk ended with entries owed; until its next operation
   failed |-> FALSE]  \* an attempt to lock returned nothing although steady; until then, too

HistoryStart == history = [w \in Walkers |-> NoHistory] /\ stale = [p \in Pages |-> FALSE]
Forget(t)    == UNCHANGED <<history, stale>>

----------------------------------------------------------------------------------------------------
(* Each is said of a step of thread t, from the state before to the state after.                  *)

\* Object a is freed in this step.
IsFreed(a) == a # None /\ anon[a].live /\ ~anon'[a].live

\* The pages whose mapping is written, even if with the value that it had.
Written(t) == LET r == thread[t] IN
  CASE r.pc = "MapPage"  -> {pte'[t][r.slot].page} \ {None, pte[t][r.slot].page}
    [] r.pc = "MovePage" -> {r.page}
    [] OTHER             -> {}

\* What the walk of w owes a visit, if it takes the lock now. A walk of a page: the entries that map
\* it; the second walk of a migration: those that the first one left. A walk of a pinned object: its
\* address in each process of which an area on the list has that address.
Due(w) == LET r == thread[w] IN
  IF r.phase = "Pinned"
  THEN {<<vma[v].mm, r.slot>> : v \in {u \in Members(anon[r.anon].list) :
                                         vma[u].life = "Mapped" /\ Covers(u, r.slot)}}
  ELSE Entries(pte, r.page, IF r.phase = "Two" THEN "Migration" ELSE "Present")

\* A look is a visit. But one that is to change an entry has to change it.
Looked(t, w) == LET r == thread[w] IN
  IF t = w /\ r.pc = "Visit" /\ thread'[w].pc # "Oopsed" /\ r.phase \in {"Plain", "Pinned"}
  THEN {<<vma[r.vma].mm, r.slot>>} ELSE {}

\* An entry that is gone, or that another has changed, is owed no visit any more.
Owed(t, w) == LET r == thread[w]  q == thread'[w] IN
  CASE q.pc \notin WalkSteps \cup {"UnlockRoot"}      -> {}
    [] q.pc = "NextEntry" /\ r.pc \notin WalkSteps    -> Due(w)'
    [] history[w].owed = {}                           -> {}
    [] OTHER -> (history[w].owed \ Looked(t, w)) \cap Due(w)'

\* The attempt to lock returned nothing: the walker is out of the lookup, and has neither the lock
\* nor, where it wanted that, a reference.
GaveUp(w) == LET r == thread[w]  q == thread'[w] IN
  /\ r.pc \in LookupSteps /\ r.phase \in {"Plain", "Get", "One"}
  /\ q.phase # r.phase \/ q.pc \notin LookupSteps \cup {"NextEntry", "GetAnon", "Oopsed"}
  /\ ~(r.phase = "Get" /\ q.pin # None)

IsStale(t, w) == LET r == thread[w]  q == thread'[w] IN
  CASE q.anon = None \/ q.phase # r.phase -> FALSE
    [] r.anon = None                      -> stale[r.page]
    [] OTHER                              -> history[w].stale \/ (t # w /\ IsFreed(r.anon))

Begins(t, w) == t = w /\ IsIdle(w)

Record(t) ==
  /\ history' = [w \in Walkers |->
       LET h == history[w]  r == thread[w]  q == thread'[w] IN
       [stale  |-> IsStale(t, w),
        steady |-> q.page # None /\ (r.page = None \/ h.steady) /\ MappedIn(pte', q.page),
        owed   |-> Owed(t, w),
        missed |-> ~Begins(t, w) /\ (h.missed \/ (t = w /\ r.pc = "UnlockRoot" /\ h.owed # {})),
        failed |-> ~Begins(t, w) /\ (h.failed \/ (t = w /\ GaveUp(w) /\ h.steady))]]
  /\ stale' = [p \in Pages |-> p \notin Written(t) /\ (stale[p] \/ IsFreed(page[p].mapping))]

====================================================================================================
