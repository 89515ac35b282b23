---------------------------------------------------- MODULE DeepestLock ----------------------------------------------------
(**************************************************************************************************************************)
(* The seed: always lock the deepest anon_vma, the root, found as the chain tail of the first VMA of the leaf's list.     *)
(* Source: lock_anon_vma_root in Linus Torvalds's mail of 2010-05-05 10:34 PDT, with the lookup in the caller as its NOTE *)
(* asks, and without the shadowed variable (F11). The mm side takes the lock always, vma_adjust included (F3).            *)
(**************************************************************************************************************************)
EXTENDS Rootless, Claims

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* The lock for chain entry (v,a): "From the vma, it's simply" the last entry of its chain; a itself before there is one.
MMLock(v, a) == IF vma[v].chain # <<>> THEN Last(vma[v].chain) ELSE a

\* vma_adjust stores under the root's lock.
LocksAdjust == TRUE

\* mm: lock free -> held, before the entry's list changes. [anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
LockAnon(m) ==
  /\ At(m, "LockAnon")
  /\ LET r == thread[m] IN
       Take(m, MMLock(Linked(r), r.anon), [r EXCEPT !.pc = CASE r.op = "Fault" -> "LinkChain"
                                                             [] Building(r)    -> "LinkList"
                                                             [] OTHER          -> "UnlinkList"])
  /\ UNCHANGED <<vma, page, pte>>

\* mm: lock free -> held, around the stores. [vma_adjust, 1.10 step 4]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ LET r == thread[m] IN
       Take(m, MMLock(r.vma, r.anon), [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* The walker's lookup.                                                                                                   *)

\* walker: the leaf -> page.mapping. [page_anon_vma, in the caller]
ReadMapping(w) ==
  /\ At(w, "ReadMapping")
  /\ PageAnon(w, "LockLeaf")
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: lock free -> held: the leaf's own, "make sure the list is stable". [spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf")
  /\ Take(w, thread[w].anon, [thread[w] EXCEPT !.pc = "ReadFirst"])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: the cursor -> the first VMA on the leaf's list; none: no root. [list_empty, list_first_entry]
ReadFirst(w) ==
  /\ At(w, "ReadFirst")
  /\ LET r == thread[w]  list == anon[r.anon].list IN
       Become(w, IF list = <<>> THEN [r EXCEPT !.root = 0, !.pc = "UnlockLeaf"]
                 ELSE [r EXCEPT !.vma = Head(list), !.pc = "ReadTail"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: the root -> that VMA's last chain entry; if it is the leaf, the lock is held already. [anon_vma_chain.prev]
ReadTail(w) ==
  /\ At(w, "ReadTail")
  /\ LET r    == thread[w]
         v    == vma[r.vma]
         root == Last(v.chain)
         q    == [r EXCEPT !.root = root, !.vma = 0, !.gone = "None"]
     IN Become(w, IF r.gone = "Area" THEN Oops(r, "FreedVMA")
                  ELSE IF v.chain = <<>> THEN Oops(r, "EmptyChain")
                  ELSE IF root = r.anon THEN Locked(q) ELSE [q EXCEPT !.pc = "UnlockLeaf"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: held -> free; from here nothing keeps the root. [spin_unlock(&anon_vma->lock)]
UnlockLeaf(w) ==
  /\ At(w, "UnlockLeaf") /\ Drop(w)
  /\ LET r == [thread[w] EXCEPT !.held = 0] IN
       Become(w, IF r.root = 0 THEN Unlocked(r) ELSE [r EXCEPT !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: lock free -> held: the root's. [spin_lock(&root->lock)]
LockRoot(w) ==
  /\ At(w, "LockRoot")
  /\ Take(w, thread[w].root, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

MMStep(m)     == MMSteps(m, LocksAdjust) \/ LockAnon(m) \/ LockAdjust(m)
WalkerStep(w) == \/ WalkerSteps(w)
                 \/ ReadMapping(w) \/ LockLeaf(w) \/ ReadFirst(w) \/ ReadTail(w) \/ UnlockLeaf(w) \/ LockRoot(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Every field is in its range. References are the walkers'.
TypeOK == TypesOK(Walkers)

\* What the claims about memory ask of this protocol.
NoUseAfterFree == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(MMLock, Dropped, Freed, FALSE)
NoBadFree      == FreesUnused(Freed)

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == \/ LockPage(t)
               \/ t \in MMThread /\ (LockAnon(t) \/ LockAdjust(t))
               \/ t \in WalkerThread /\ (LockLeaf(t) \/ LockRoot(t))
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
(* Tiny         1   2   2  1  1  2   1   1 OnePage            578         967     45                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,407       2,474     52                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           4,362       7,536     50                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage          5,313      14,986     52                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage          5,313      14,986     52                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          6,160      13,022     61                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         12,854      31,270     83                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         16,645      36,845     86                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          18,581      42,852    113                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         26,504      72,018     31                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         47,664     103,866     85                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         50,135     117,509     84                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         61,473     152,006     55                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         66,602     164,914     66                                      *)
(* Reborn       2   3   2  2  1  1   3   1 OnePage         90,277     212,082     84                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     20,725,304  66,741,895    109                                      *)
(**************************************************************************************************************************)
