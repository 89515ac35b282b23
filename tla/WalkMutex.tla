----------------------------------------- MODULE WalkMutex -----------------------------------------
(***************************************************************************************************
The idea that the sketch's mail quotes and answers: a mutex in the manner of mm_all_locks_mutex,
through which all walks go one at a time. Each anon_vma has its own lock, and a walk holds a second
one, of the area's own anon_vma, while it looks at the area. Since it walks alone, it may wait for
that lock. A lookup that is not for a walk does not queue.

Source: Mel Gorman, 20100505155454.GT20979@csn.ul.ie, 5 May 2010; docs/kernel.md 2.1. There is no
code of it.
***************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------
(* The process.                                                                                   *)

\* mm: free object -> live. Chooses the object.
\* [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) ==
  /\ At(m, "AllocAnon") /\ Allocate(m, "LinkChain", FALSE)
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* The lock for the chain entry (v,a): a's own. vma_adjust takes that of the area's own anon_vma.
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
       Proceed(m, r, LockAndStore(r), [r EXCEPT !.pc = "FreeAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: lock free -> held, around the stores. [vma_adjust, as in 2.6.33, 1.10 step 4]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ LET r == thread[m] IN
       Take(m, MMLock(r.vma, r.anon),
            [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* The mutex of all walks.                                                                        *)

\* walker: no walker is inside -> it is. [mutex_lock]
LockWalks(w) ==
  /\ At(w, "LockWalks") /\ \A u \in Walkers : ~thread[u].mutex
  /\ LET r == thread[w] IN
       Become(w, [r EXCEPT !.mutex = TRUE,
                           !.pc = IF r.phase = "Pinned" THEN "LockLeaf" ELSE "ReadMapping"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* What follows in the operation; the walk of a migration queues again.
Queued(r) == IF r.phase \in {"One", "Two"} /\ r.pc = "ReadMapping"
             THEN [r EXCEPT !.pc = "LockWalks"] ELSE r

\* walker: inside -> out; the walk is over, or there was none. [mutex_unlock]
UnlockWalks(w) ==
  /\ At(w, "UnlockWalks")
  /\ Become(w, Queued(AfterWalk([thread[w] EXCEPT !.mutex = FALSE])))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

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

\* walker: lock free -> held: the leaf's own. [spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf") /\ Take(w, thread[w].anon, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: held -> free; the walk is complete, or the reference taken or dropped.
\* [page_unlock_anon_vma; spin_unlock in rmap_walk_anon and drop_anon_vma]
UnlockRoot(w) ==
  /\ At(w, "UnlockRoot") /\ Drop(w)
  /\ LET r == [thread[w] EXCEPT !.held = None] IN
       Become(w, CASE r.phase # "Put"            -> Queued(AfterWalk(r))
                   [] r.phase = "Put" /\ r.empty -> [r EXCEPT !.pc = "FreeAnon"]
                   [] OTHER                      -> PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* The area's own lock, beside the leaf's.                                                        *)

\* walker: the second object -> vma.anon, read without a lock. The leaf's lock is held already.
\* [rmap_walk_anon: anon_vma != vma->anon_vma]
ReadAnon(w) ==
  /\ At(w, "ReadAnon")
  /\ LET r == thread[w] IN
       Become(w, CASE r.gone = "Area" -> Oops(r, "FreedVMA")
                   [] r.gone # "Area" ->
                        IF vma[r.vma].anon \in {None, r.anon} THEN [r EXCEPT !.pc = "ReadStart"]
                        ELSE [r EXCEPT !.root = vma[r.vma].anon, !.pc = "LockVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* The second lock free -> held.
TakeAlso(w) ==
  LET r == thread[w] IN
  /\ anon[r.root].lock = None /\ anon' = [anon EXCEPT ![r.root].lock = w]
  /\ Become(w, [r EXCEPT !.also = r.root, !.root = None, !.pc = "ReadStart"])

\* walker: the second lock free -> held. [spin_lock_nested(&vma->anon_vma->lock)]
LockVMA(w) ==
  /\ At(w, "LockVMA") /\ TakeAlso(w)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: the second lock held -> free. [spin_unlock(&vma->anon_vma->lock)]
UnlockVMA(w) ==
  /\ At(w, "UnlockVMA")
  /\ anon' = [anon EXCEPT ![thread[w].also].lock = None]
  /\ Become(w, [thread[w] EXCEPT !.also = None, !.pc = "NextEntry"])
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
  \/ LockAdjust(m) \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w, "LockWalks") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "LockWalks") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ LockWalks(w) \/ UnlockWalks(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ LockLeaf(w) \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadAnon") \/ ReadAnon(w) \/ LockVMA(w)
  \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w) \/ UnlockVMA(w)
  \/ GetAnon(w) \/ PutAnon(w) \/ PutLast(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == \/ LockPage(t)
               \/ t \in MMs /\ (LockAnon(t) \/ LockAdjust(t))
               \/ t \in Walkers /\ (LockWalks(t) \/ LockLeaf(t) \/ LockVMA(t))
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
    [] r.pc = "LockAdjust"                           -> {MMLock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList"}           -> {r.anon}
    [] r.pc = "UnlockAnon"                          -> {r.held}
    [] r.pc \in {"PutAnon", "PutLast"}               -> {r.anon}
    [] r.pc = "UnlockAdjust"                         -> {r.held}
    [] outside /\ r.pc = "LockLeaf"                  -> {r.anon}
    [] outside /\ r.pc = "NextEntry"                 -> {r.anon, r.held}
    [] outside /\ r.pc = "LockVMA"                    -> {r.root}
    [] outside /\ r.pc = "UnlockVMA"                 -> {r.also}
    [] outside /\ r.pc = "UnlockRoot"                -> {r.held}
    [] OTHER                                         -> {}

NoUseAfterFree == TouchesLive(Touched)
NoBadFree      == FreesUnused(Freed)

\* What TLC found no counterexample to, in the models below. Not proved.
THEOREM Spec => []TypeOK
THEOREM Spec => []NoMissedMapping
THEOREM Spec => []WritersIsolated
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
Tiny          1    2       2     1       1     2     1         1 OnePage           771       1339    45
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1951       3514    51
Map           1    2       2     2       1     2     3         1 Mapped           6322      11188    46
LivePair      2    2       2     1       2     1   any       any OnePage          6676      18221    53
LiveWeak      2    2       2     1       2     1   any       any OnePage          6676      18221    53
Graph         2    2       2     2       1     2     1         1 OnePage          7850      17128    67
Lost          2    3       2     1       1     2     2         1 OnePage         17764      44758    95
Edges         2    3       2     1       1     2     2         1 OnePage         24363      58100    92
Live          2    2       3     2       1     1   any       any Forked          24985      64620    84
Anew          2    4       2     2       1     2     2         1 OnePage         29057      80487    33
Small         2    3       3     1       1     2     2         1 OnePage         36298      85629    93 symmetry
NoFree        2    3       3     2       1     2     2         1 OnePage         47988     122213    62 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         60196     145264    90
Pins          2    2       2     2       1     1     2         2 OnePage         76126     195076    67
Reborn        2    3       2     2       1     1     3         1 OnePage        124403     306525    86
Full          2    3       3     1       2     2     2         1 OnePage       9785158   33163255   125 symmetry
***************************************************************************************************)
