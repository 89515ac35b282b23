------------------------------------------------------ MODULE OwnLock ------------------------------------------------------
(**************************************************************************************************************************)
(* Linux 2.6.34: each anon_vma has its own lock, and whoever touches a list takes the lock of that list.                  *)
(* Source: page_lock_anon_vma, rmap_walk_anon, anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink of v2.6.34, and     *)
(* vma_adjust without the lock that 287d97ac0321 lost. KERNEL.md 1.7, 1.10, 1.12, M10.                                    *)
(**************************************************************************************************************************)
EXTENDS Rootless, Claims

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* The lock for the chain entry (v,a): a's own.
MMLock(v, a) == a

\* vma_adjust stores without a lock.
LocksAdjust == FALSE

\* mm: lock free -> held, before the entry's list changes. [spin_lock(&anon_vma->lock)]
LockAnon(m) ==
  /\ At(m, "LockAnon")
  /\ LET r == thread[m] IN
       Take(m, MMLock(Linked(r), r.anon), [r EXCEPT !.pc = CASE r.op = "Fault" -> "LinkChain"
                                                             [] Building(r)    -> "LinkList"
                                                             [] OTHER          -> "UnlinkList"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* The walker's lookup.                                                                                                   *)

\* walker: the leaf -> page.mapping. In phase Two the page may be unmapped: rmap_walk does not ask. [page_anon_vma]
ReadMapping(w) ==
  /\ At(w, "ReadMapping")
  /\ PageAnon(w, IF thread[w].phase = "Two" THEN "LockLeaf" ELSE "CheckMapped")
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: gives the attempt up if no entry maps the page. [page_mapped]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN Become(w, IF IsMapped(r.page) THEN [r EXCEPT !.pc = "LockLeaf"] ELSE Unlocked(r))
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: lock free -> held: the leaf's own, and all that there is. [page_lock_anon_vma: spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf")
  /\ Take(w, thread[w].anon, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

MMStep(m)     == MMSteps(m, LocksAdjust) \/ LockAnon(m)
WalkerStep(w) == WalkerSteps(w) \/ ReadMapping(w) \/ CheckMapped(w) \/ LockLeaf(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Every field is in its range. References are the walkers'.
TypeOK == TypesOK(Walkers)

\* What the claims about memory ask of this protocol.
NoUseAfterFree == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(MMLock, Dropped, Freed, FALSE)
NoBadFree      == FreesUnused(Freed)

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ (t \in MMThread /\ LockAnon(t)) \/ (t \in WalkerThread /\ LockLeaf(t))
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
(* Tiny         1   2   2  1  1  2   1   1 OnePage            699       1,217     41                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,567       2,788     43                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           5,170       9,064     40                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          6,276      13,765     55                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage          7,776      23,945     52                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage          7,776      23,945     52                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         14,817      37,519     75                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          16,853      43,794     81                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         24,516      58,865     90                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         25,597      71,152     32                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         46,841     113,045     78                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         55,009     141,687     64                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         65,130     168,793     52                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         67,911     161,634     89                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     21,761,091  74,233,093    127                                      *)
(**************************************************************************************************************************)
