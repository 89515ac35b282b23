--------------------------------------------------------- MODULE Uncounted -------------------------------------------------
(**************************************************************************************************************************)
(* What OwnLock, DeepestLock and RootPointer have in common: the list of an anon_vma is none of its references. It is     *)
(* freed by whoever finds both the list empty and no reference, under the lock.                                           *)
(* Source: anon_vma_unlink, drop_anon_vma, get_anon_vma of v2.6.34 to v2.6.38. KERNEL.md 1.6, 1.11.                       *)
(**************************************************************************************************************************)
EXTENDS MM, Walker

----------------------------------------------------------------------------------------------------------------------------

\* mm: entry (v,a) on the list of a -> off it; is it the last? [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) == /\ At(m, "UnlinkList") /\ UnlinkFrom(m, anon[thread[m].anon].refs # 0)

\* An object without a user is freed; `pins`: before that goes the reference that it has on its root, if it is another.
FreeUnused(r, pins) ==
  LET root == anon[r.anon].root IN
  IF pins /\ root # r.anon THEN [r EXCEPT !.root = root, !.pc = "PutAnon"] ELSE [r EXCEPT !.pc = "FreeAnon"]

\* mm: held -> free; then the next entry, of a clone or of a VMA that dies.
\* [spin_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m, locks, pins) == /\ At(m, "UnlockAnon") /\ UnlockEntry(m, locks, TRUE, LAMBDA r : FreeUnused(r, pins))

\* walker: refs -> refs + 1, under the lock as from 2.6.38 (1ce82b69e96c): migration is as safe as the lock. [get_anon_vma]
GetAnon(w) ==
  /\ At(w, "GetAnon")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
       /\ Become(w, [r EXCEPT !.pin = r.anon, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>>

\* mm or walker: held -> free; the walk is complete, or the reference taken or dropped.
\* [page_unlock_anon_vma; spin_unlock in rmap_walk_anon and drop_anon_vma]
UnlockRoot(t, lookup) ==
  /\ At(t, "UnlockRoot") /\ Drop(t)
  /\ LET r == [thread[t] EXCEPT !.held = 0] IN
       Become(t, IF t \in MMThread THEN [r EXCEPT !.pc = "FreeAnon"]
                 ELSE IF r.phase # "Put" THEN Enter(AfterWalk([r EXCEPT !.missed = @ \/ r.owed # {}, !.owed = {}]), lookup)
                 ELSE IF r.empty THEN [r EXCEPT !.pc = "FreeAnon"] ELSE PutDone(r))
  /\ UNCHANGED <<vma, page, pte>>

\* The object that it frees next: an unlink a root without a user first, a put the root last.
Freed(t) == LET r == thread[t] IN IF r.last /\ (t \in MMThread \/ ~r.empty) THEN r.root ELSE r.anon

\* mm or walker: object live -> free. [anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon")
  /\ LET a    == Freed(t)
         r    == IF a = thread[t].anon THEN [thread[t] EXCEPT !.empty = FALSE] ELSE [thread[t] EXCEPT !.last = FALSE]
         next == IF r.empty \/ r.last THEN r
                 ELSE IF t \in MMThread THEN [r EXCEPT !.root = 0, !.pc = "UnlinkChain"] ELSE PutDone(r)
     IN Free(t, a, next)

----------------------------------------------------------------------------------------------------------------------------

\* The steps of an mm thread but for the protocol's.
MMCommonSteps(m, locks, pins) ==
  MMBareSteps(m, locks, TRUE) \/ UnlockAnon(m, locks, pins) \/ UnlinkList(m) \/ FreeAnon(m)

\* The steps of a walker but for the protocol's.
WalkerCommonSteps(w, lookup, pinned, look) ==
  WalkerBareSteps(w, lookup, pinned, look) \/ GetAnon(w) \/ UnlockRoot(w, lookup) \/ FreeAnon(w)

============================================================================================================================
