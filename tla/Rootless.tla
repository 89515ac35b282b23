----------------------------------------------------- MODULE Rootless ------------------------------------------------------
(**************************************************************************************************************************)
(* What OwnLock, DeepestLock and those of Nested have in common: an anon_vma keeps no reference on its root, and a put    *)
(* never needs to know it. Prepare links at the head of the list.                                                         *)
(* Source: anon_vma_prepare, anon_vma_fork, anon_vma_unlink of v2.6.34; drop_anon_vma of v2.6.35. KERNEL.md 1.2 to 1.6,   *)
(* 1.11.                                                                                                                  *)
(**************************************************************************************************************************)
EXTENDS Uncounted

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* mm: free object -> live. Chooses the object. [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) == /\ At(m, "AllocAnon") /\ Allocate(m, "LinkChain")

\* mm: entry (v,a) off the list of a -> at its head (prepare) or its tail (clone). [list_add(_tail) same_anon_vma, 1.2]
LinkList(m) == /\ At(m, "LinkList") /\ LinkAt(m, thread[m].op = "Fault")

----------------------------------------------------------------------------------------------------------------------------
(* References.                                                                                                            *)

\* The object that a put concerns: only walkers have references.
Dropped(w) == thread[w].anon

\* walker: refs -> refs - 1, unless it is the last: that goes under the lock. [atomic_dec_and_lock in drop_anon_vma, F7]
PutAnon(w) ==
  /\ At(w, "PutAnon")
  /\ LET r == thread[w] IN
       IF anon[r.anon].refs > 1
       THEN anon' = [anon EXCEPT ![r.anon].refs = @ - 1] /\ Become(w, PutDone([r EXCEPT !.pin = 0]))
       ELSE Become(w, [r EXCEPT !.pc = "LockLeaf"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>>

\* walker: refs -> refs - 1; is the object unused now? [drop_anon_vma]
PutLast(w) ==
  /\ At(w, "PutLast")
  /\ LET r     == thread[w]
         empty == anon[r.anon].refs = 1 /\ anon[r.anon].list = <<>>
         q     == [r EXCEPT !.pin = 0, !.empty = empty]
     IN /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
        /\ Become(w, IF r.held # 0 THEN [q EXCEPT !.pc = "UnlockRoot"]
                     ELSE IF empty THEN [q EXCEPT !.pc = "FreeAnon"] ELSE PutDone(q))
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

\* The steps of an mm thread but for LockAnon, LockAdjust.
MMSteps(m, locks) == MMCommonSteps(m, locks, FALSE) \/ AllocAnon(m) \/ LinkList(m)

\* The steps of a walker but for those of the lookup, where a walk takes no lock but that.
WalkerSteps(w) == WalkerCommonSteps(w, "ReadMapping", "LockLeaf", "ReadStart") \/ PutAnon(w) \/ PutLast(w)

============================================================================================================================
