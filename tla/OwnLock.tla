------------------------------------------ MODULE OwnLock ------------------------------------------
(***************************************************************************************************
Linux 2.6.34: each anon_vma has its own lock. A thread takes the lock of each list that it touches.
vma_adjust, which moves the boundary between two areas, takes none.

Source: page_lock_anon_vma, rmap_walk_anon, anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink
of v2.6.34, and vma_adjust without the lock that 287d97ac0321 lost. docs/kernel.md 1.7, 1.10, 1.12,
M10.
***************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------
(* The process.                                                                                   *)

\* mm: free object -> live. Chooses the object.
\* [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) ==
  /\ At(m, "AllocAnon") /\ Allocate(m, "LinkChain", FALSE)
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* The lock for the chain entry (v,a): a's own.
MMLock(v, a) == a

\* mm: lock free -> held, before the list of the entry in hand changes.
\* [spin_lock(&anon_vma->lock)]
LockAnon(m) ==
  /\ At(m, "LockAnon") /\ LockFor(m, MMLock(Linked(thread[m]), thread[m].anon))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) off the list of a -> at its head (prepare) or at its tail (clone).
\* [list_add and list_add_tail same_anon_vma, 1.2]
LinkList(m) ==
  /\ At(m, "LinkList") /\ IF thread[m].op = "Fault" THEN LinkAtHead(m) ELSE LinkAtTail(m)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) on the list of a -> off it; is the object unused now?
\* [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) ==
  /\ At(m, "UnlinkList") /\ UnlinkFrom(m, anon[thread[m].anon].refs # 0)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: held -> free; then the next entry, of a clone or of an area that dies.
\* [spin_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m) ==
  /\ At(m, "UnlockAnon") /\ Drop(m)
  /\ LET r == [thread[m] EXCEPT !.held = None] IN
       Proceed(m, r, Store(r), [r EXCEPT !.pc = "FreeAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* The walker's lookup.                                                                           *)

\* walker: the leaf -> page.mapping. In phase Two the page may be unmapped: rmap_walk does not ask.
\* [page_anon_vma]
ReadMapping(w) ==
  /\ At(w, "ReadMapping")
  /\ Become(w, [ReadLeaf(w) EXCEPT
                  !.pc = IF thread[w].phase = "Two" THEN "LockLeaf" ELSE "CheckMapped"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: gives the attempt up if no entry maps the page. [page_mapped]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF IsMapped(r.page) THEN [r EXCEPT !.pc = "LockLeaf"] ELSE Unlocked(r))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: lock free -> held: the leaf's own, and all that there is.
\* [page_lock_anon_vma: spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf") /\ Take(w, thread[w].anon, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: held -> free; the walk is complete, or the reference taken or dropped.
\* [page_unlock_anon_vma; spin_unlock in rmap_walk_anon and drop_anon_vma]
UnlockRoot(w) ==
  /\ At(w, "UnlockRoot") /\ Drop(w)
  /\ LET r == [thread[w] EXCEPT !.held = None] IN
       Become(w, CASE r.phase # "Put"            -> AfterWalk(r)
                   [] r.phase = "Put" /\ r.empty -> [r EXCEPT !.pc = "FreeAnon"]
                   [] OTHER                      -> PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* References, which only walkers have; and the end of an object.                                 *)

\* walker: refs -> refs + 1, under the lock, as from 2.6.38 on: so a migration is as safe as the
\* lock. [get_anon_vma, 1ce82b69e96c]
GetAnon(w) ==
  /\ At(w, "GetAnon")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
       /\ Become(w, [r EXCEPT !.pin = r.anon, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: refs -> refs - 1, unless it is the last: that goes under the lock.
\* [drop_anon_vma: atomic_dec_and_lock; docs/kernel.md, F7]
PutAnon(w) ==
  /\ At(w, "PutAnon")
  /\ LET r == thread[w]  last == anon[r.anon].refs <= 1 IN
       /\ anon' = IF last THEN anon ELSE [anon EXCEPT ![r.anon].refs = @ - 1]
       /\ Become(w, IF last THEN [r EXCEPT !.pc = "LockLeaf"] ELSE PutDone([r EXCEPT !.pin = None]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: refs -> refs - 1; is the object unused now? [drop_anon_vma]
PutLast(w) ==
  /\ At(w, "PutLast")
  /\ LET r      == thread[w]
         unused == anon[r.anon].refs = 1 /\ anon[r.anon].list = <<>>
         q      == [r EXCEPT !.pin = None, !.empty = unused]
     IN /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
        /\ Become(w, CASE r.held # None            -> [q EXCEPT !.pc = "UnlockRoot"]
                       [] r.held = None /\ unused  -> [q EXCEPT !.pc = "FreeAnon"]
                       [] OTHER                    -> PutDone(q))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* The object that t frees next.
Freed(t) == thread[t].anon

\* mm or walker: object live -> free. [anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon") /\ Free(Freed(t))
  /\ LET r == [thread[t] EXCEPT !.empty = FALSE] IN
       Become(t, IF t \in MMs THEN [r EXCEPT !.pc = "UnlinkChain"] ELSE PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------

MMStep(m) ==
  \/ WorldStep(m) \/ LockPage(m) \/ UnlockPage(m)
  \/ AllocAnon(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
  \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w, "ReadMapping") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "LockLeaf") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ LockLeaf(w) \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadStart") \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ GetAnon(w) \/ PutAnon(w) \/ PutLast(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ (t \in MMs /\ LockAnon(t)) \/ (t \in Walkers /\ LockLeaf(t))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Init     == Start(0, 0) /\ HistoryStart
Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

----------------------------------------------------------------------------------------------------
(* What Claims asks of a protocol.                                                                *)

\* References are the walkers'.
TypeOK == TypesOK(Cardinality(Walkers))

\* What the next step of t touches although only the protocol keeps it: outside of a lookup, where
\* RCU does. A walker that has a reference instead of RCU is outside, too.
Touched(t) == LET r == thread[t]  outside == t \in MMs \/ Refers(r) IN
  CASE r.pc = "LockAnon"                             -> {r.anon, MMLock(Linked(r), r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList"}           -> {r.anon}
    [] r.pc = "UnlockAnon"                          -> {r.held}
    [] r.pc \in {"PutAnon", "PutLast"}               -> {r.anon}
    [] outside /\ r.pc = "LockLeaf"                  -> {r.anon}
    [] outside /\ r.pc = "NextEntry"                 -> {r.anon, r.held}
    [] outside /\ r.pc = "UnlockRoot"                -> {r.held}
    [] OTHER                                         -> {}

NoUseAfterFree == TouchesLive(Touched)
NoBadFree      == FreesUnused(Freed)

\* What TLC found no counterexample to, in the models below. Not proved.
THEOREM Spec => []TypeOK
THEOREM Spec => []ListStable
THEOREM Spec => []LockSucceeds
THEOREM Spec => []UnlockMatchesLock
THEOREM Spec => []NothingHeldAtRest
THEOREM Spec => []NothingLeaked
THEOREM Spec => OperationDone
THEOREM Spec => []OneRoot
THEOREM LiveSpec => WalkTerminates
THEOREM LiveSpec => OperationTerminates

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Tiny          1    2       2     1       1     2     1         1 OnePage           696       1212    41
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1557       2771    43
Map           1    2       2     2       1     2     3         1 Mapped           5122       8980    40
Graph         2    2       2     2       1     2     1         1 OnePage          6253      13711    55
LivePair      2    2       2     1       2     1   any       any OnePage          7776      23945    52
LiveWeak      2    2       2     1       2     1   any       any OnePage          7776      23945    52
Lost          2    3       2     1       1     2     2         1 OnePage         14817      37519    75
Live          2    2       3     2       1     1   any       any Forked          16853      43794    81
Edges         2    3       2     1       1     2     2         1 OnePage         24504      58839    90
Anew          2    4       2     2       1     2     2         1 OnePage         25597      71152    32
Small         2    3       3     1       1     2     2         1 OnePage         32602      78292    89 symmetry
NoFree        2    3       3     2       1     2     2         1 OnePage         32937      85111    52 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         46440     112056    78
Pins          2    2       2     2       1     1     2         2 OnePage         55447     142827    64
Reborn        2    3       2     2       1     1     3         1 OnePage         89835     218860    83
Full          2    3       3     1       2     2     2         1 OnePage       9774108   33640532   127 symmetry
***************************************************************************************************)
