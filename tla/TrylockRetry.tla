--------------------------------------- MODULE TrylockRetry ----------------------------------------
(***************************************************************************************************
The patch that was under discussion when the sketch was written. Each anon_vma has its own lock.
While a walk looks at an area, it also holds the lock of that area's own anon_vma. It only tries to
take that second lock: if another thread holds it, the walk lets go of the leaf's lock and begins
again with the same leaf. Nothing is asked again.

Source: Mel Gorman, "mm,migration: Prevent rmap_walk_[anon|ksm] seeing the wrong VMA information",
1273065281-13334-2-git-send-email-mel@csn.ul.ie, 5 May 2010, on v2.6.34; docs/kernel.md 1.7, 1.10,
2.1, M10a.
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
       Become(w, CASE r.phase # "Put"            -> AfterWalk(r)
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
                        ELSE [r EXCEPT !.root = vma[r.vma].anon, !.pc = "TryVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* The second lock free -> held.
TakeAlso(w) ==
  LET r == thread[w] IN
  /\ anon[r.root].lock = None /\ anon' = [anon EXCEPT ![r.root].lock = w]
  /\ Become(w, [r EXCEPT !.also = r.root, !.root = None, !.pc = "ReadStart"])

\* walker: the second lock free -> held; or another thread holds it, and the walk is to begin again.
\* It waits for nobody. [spin_trylock(&vma->anon_vma->lock)]
TryVMA(w) ==
  /\ At(w, "TryVMA")
  /\ IF anon[thread[w].root].lock = None THEN TakeAlso(w)
     ELSE Become(w, [thread[w] EXCEPT !.root = None, !.pc = "UnlockLeaf"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: held -> free; the walk begins again. [goto retry]
UnlockLeaf(w) ==
  /\ At(w, "UnlockLeaf") /\ Drop(w)
  /\ Become(w, [thread[w] EXCEPT !.held = None, !.vma = None, !.gone = "None", !.pc = "LockLeaf"])
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
  \/ Walk(w, "ReadMapping") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "LockLeaf") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ LockLeaf(w) \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadAnon") \/ ReadAnon(w) \/ TryVMA(w) \/ UnlockLeaf(w)
  \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w) \/ UnlockVMA(w)
  \/ GetAnon(w) \/ PutAnon(w) \/ PutLast(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
\* TryVMA can always step, so no fairness of locks helps a thread that does not wait.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == \/ LockPage(t)
               \/ t \in MMs /\ (LockAnon(t) \/ LockAdjust(t))
               \/ t \in Walkers /\ LockLeaf(t)
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
    [] outside /\ r.pc = "TryVMA"                    -> {r.root}
    [] outside /\ r.pc = "UnlockVMA"                 -> {r.also}
    [] outside /\ r.pc \in {"UnlockLeaf", "UnlockRoot"} -> {r.held}
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
THEOREM LiveSpec => OperationTerminates

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Tiny          1    2       2     1       1     2     1         1 OnePage           645       1097    41
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1641       2918    47
Map           1    2       2     2       1     2     3         1 Mapped           5290       9268    42
Graph         2    2       2     2       1     2     1         1 OnePage          7291      15680    63
LivePair      2    2       2     1       2     1   any       any OnePage         10424      31849    54
LiveWeak      2    2       2     1       2     1   any       any OnePage         10424      31849    54
Lost          2    3       2     1       1     2     2         1 OnePage         21010      53200    91
Live          2    2       3     2       1     1   any       any Forked          21820      56010    83
Anew          2    4       2     2       1     2     2         1 OnePage         25457      69695    31
Edges         2    3       2     1       1     2     2         1 OnePage         27831      66206    90
Small         2    3       3     1       1     2     2         1 OnePage         39604      92878    91 symmetry
NoFree        2    3       3     2       1     2     2         1 OnePage         44753     113926    61 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         55294     131988    86
Pins          2    2       2     2       1     1     2         2 OnePage         67623     172549    65
Reborn        2    3       2     2       1     1     3         1 OnePage        106821     259623    84
Full          2    3       3     1       2     2     2         1 OnePage      12067478   40797797   118 symmetry
***************************************************************************************************)
