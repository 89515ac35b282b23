------------------------------------------------------ MODULE Nested -------------------------------------------------------
(**************************************************************************************************************************)
(* What TrylockRetry and WalkMutex have in common: each anon_vma has its own lock, as in OwnLock, and vma_adjust takes the*)
(* area's; and while a walk looks at an area, it holds the lock of that area's own anon_vma beside that of the leaf.      *)
(* Source: Mel Gorman, "mm,migration: Prevent rmap_walk_[anon|ksm] seeing the wrong VMA information",                     *)
(* 1273065281-13334-2-git-send-email-mel@csn.ul.ie, on v2.6.34; KERNEL.md 1.7, 1.10, 2.1.                                 *)
(**************************************************************************************************************************)
EXTENDS Rootless, Claims

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* The lock for the chain entry (v,a): a's own.
MMLock(v, a) == a

\* vma_adjust stores under the lock of the area's own anon_vma, if it has one.
LocksAdjust == TRUE

\* mm: lock free -> held, before the entry's list changes. [spin_lock(&anon_vma->lock)]
LockAnon(m) ==
  /\ At(m, "LockAnon")
  /\ LET r == thread[m] IN
       Take(m, MMLock(Linked(r), r.anon), [r EXCEPT !.pc = CASE r.op = "Fault" -> "LinkChain"
                                                             [] Building(r)    -> "LinkList"
                                                             [] OTHER          -> "UnlinkList"])
  /\ UNCHANGED <<vma, page, pte>>

\* mm: lock free -> held, around the stores. [vma_adjust, as in 2.6.33]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ LET r == thread[m] IN
       Take(m, MMLock(r.vma, r.anon), [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
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

\* walker: lock free -> held: the leaf's own. [spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf")
  /\ Take(w, thread[w].anon, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* The area's own lock.                                                                                                   *)

\* walker: the second object -> vma.anon, read without a lock; the leaf is locked already. `lock`: how the second is taken.
\* [rmap_walk_anon: anon_vma != vma->anon_vma]
ReadAnon(w, lock) ==
  /\ At(w, "ReadAnon")
  /\ LET r == thread[w]  v == vma[r.vma] IN
       Become(w, IF r.gone = "Area" THEN Oops(r, "FreedVMA")
                 ELSE IF v.anon \in {0, r.anon} THEN [r EXCEPT !.pc = "ReadStart"]
                 ELSE [r EXCEPT !.root = v.anon, !.pc = lock])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* The second lock free -> held.
TakeAlso(w) ==
  LET r == thread[w] IN
  /\ anon[r.root].lock = 0 /\ anon' = [anon EXCEPT ![r.root].lock = w]
  /\ Become(w, [r EXCEPT !.also = r.root, !.root = 0, !.pc = "ReadStart"])

\* walker: the second lock held -> free. [spin_unlock(&vma->anon_vma->lock)]
UnlockVMA(w) ==
  /\ At(w, "UnlockVMA")
  /\ anon' = [anon EXCEPT ![thread[w].also].lock = 0]
  /\ Become(w, [thread[w] EXCEPT !.also = 0, !.pc = "NextEntry"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

MMStep(m) == MMSteps(m, LocksAdjust) \/ LockAnon(m) \/ LockAdjust(m)

\* The steps of a walker but for how it takes the second lock.
NestedSteps(w, lookup, pinned, lock) ==
  \/ WalkerCommonSteps(w, lookup, pinned, "ReadAnon") \/ PutAnon(w) \/ PutLast(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ LockLeaf(w) \/ ReadAnon(w, lock) \/ UnlockVMA(w)

\* Every field is in its range. References are the walkers'.
TypeOK == TypesOK(Walkers)

\* What the claims about memory ask of this protocol.
NoUseAfterFree == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(MMLock, Dropped, Freed, FALSE)
NoBadFree      == FreesUnused(Freed)

============================================================================================================================
