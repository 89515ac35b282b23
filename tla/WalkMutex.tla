----------------------------------------------------- MODULE WalkMutex -----------------------------------------------------
(**************************************************************************************************************************)
(* The idea that the seed quotes and answers: a mutex in the manner of mm_all_locks_mutex through which all walks go one  *)
(* at a time, so that a walk may wait for the lock of an area's own anon_vma. A lookup that is not for a walk does not    *)
(* queue.                                                                                                                 *)
(* Source: Mel Gorman, 20100505155454.GT20979@csn.ul.ie, 5 May 2010; KERNEL.md 2.1. There is no code of it.               *)
(**************************************************************************************************************************)
EXTENDS Nested

\* walker: no walker is inside -> it is. [mutex_lock]
LockWalks(w) ==
  /\ At(w, "LockWalks") /\ \A u \in Thread : ~thread[u].mutex
  /\ Become(w, [thread[w] EXCEPT !.mutex = TRUE, !.pc = IF thread[w].phase = "Pinned" THEN "LockLeaf" ELSE "ReadMapping"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: the second lock free -> held. [spin_lock_nested(&vma->anon_vma->lock)]
LockVMA(w) ==
  /\ At(w, "LockVMA") /\ TakeAlso(w)
  /\ UNCHANGED <<vma, page, pte>>

\* walker: inside -> out; the walk is over, or there was none. [mutex_unlock]
UnlockWalks(w) ==
  /\ At(w, "UnlockWalks")
  /\ Become(w, Enter(AfterWalk([thread[w] EXCEPT !.mutex = FALSE]), "LockWalks"))
  /\ UNCHANGED <<vma, anon, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

WalkerStep(w) == NestedSteps(w, "LockWalks", "LockWalks", "LockVMA") \/ LockWalks(w) \/ LockVMA(w) \/ UnlockWalks(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == \/ LockPage(t)
               \/ t \in MMThread /\ (LockAnon(t) \/ LockAdjust(t))
               \/ t \in WalkerThread /\ (LockWalks(t) \/ LockLeaf(t) \/ LockVMA(t))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

============================================================================================================================
(**************************************************************************************************************************)
(* Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer alone. Which      *)
(* claims hold in which model: the ledger. Bounds: MMs, VMAs, Objects, Pages, Walkers, Slots, MMOps, WalkerOps,           *)
(* Layout; the operations stand in the cfg. Depth in states, as TLC counts.                                               *)
(*                                                                                                                        *)
(* model       MM VMA Obj Pg Wk Sl  mo  wo Layout        distinct   generated  depth                                      *)
(* Tiny         1   2   2  1  1  2   1   1 OnePage            774       1,344     45                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,961       3,531     51                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           6,370      11,272     46                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage          6,676      18,221     53                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage          6,676      18,221     53                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          7,873      17,182     67                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         17,764      44,758     95                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         24,375      58,126     92                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          24,985      64,620     84                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         29,057      80,487     33                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         60,597     146,253     90                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         75,186     175,810     93                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         75,469     193,366     67                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         95,051     242,688     62                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     21,922,356  73,625,993    126                                      *)
(**************************************************************************************************************************)
