--------------------------------------------------- MODULE TrylockRetry ----------------------------------------------------
(**************************************************************************************************************************)
(* The patch that was under discussion when the seed was written: a walk tries the lock of each area's own anon_vma, and  *)
(* if that is held by another it lets go of the leaf's and begins again, with the same leaf; nothing is asked again.      *)
(* Source: Mel Gorman, 1273065281-13334-2-git-send-email-mel@csn.ul.ie, 5 May 2010; KERNEL.md 2.1, M10a.                  *)
(**************************************************************************************************************************)
EXTENDS Nested

\* walker: the second lock free -> held; or another holds it, and the walk is to begin again. It waits for nobody.
\* [spin_trylock(&vma->anon_vma->lock)]
TryVMA(w) ==
  /\ At(w, "TryVMA")
  /\ IF anon[thread[w].root].lock = 0 THEN TakeAlso(w)
     ELSE Become(w, [thread[w] EXCEPT !.root = 0, !.pc = "UnlockLeaf"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>>

\* walker: held -> free; the walk begins again. What it owes is counted anew when the leaf is locked. [goto retry]
UnlockLeaf(w) ==
  /\ At(w, "UnlockLeaf") /\ Drop(w)
  /\ Become(w, [thread[w] EXCEPT !.held = 0, !.vma = 0, !.gone = "None", !.owed = {}, !.pc = "LockLeaf"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

WalkerStep(w) == NestedSteps(w, "ReadMapping", "LockLeaf", "TryVMA") \/ TryVMA(w) \/ UnlockLeaf(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
\* TryVMA can always step: no fairness of locks helps who does not wait.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ (t \in MMThread /\ (LockAnon(t) \/ LockAdjust(t))) \/ (t \in WalkerThread /\ LockLeaf(t))
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
(* Tiny         1   2   2  1  1  2   1   1 OnePage            648       1,102     41                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,651       2,935     47                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           5,338       9,352     42                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          7,314      15,734     63                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage         10,424      31,849     54                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage         10,424      31,849     54                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         21,010      53,200     91                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          21,836      56,054     83                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         25,457      69,695     31                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         27,843      66,232     90                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         55,695     132,977     86                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         66,966     170,839     65                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         82,400     191,466     91                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         88,743     226,450     61                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     26,955,326  90,226,933    118                                      *)
(**************************************************************************************************************************)
