-------------------------------------------------- MODULE RefcountedRoot ---------------------------------------------------
(**************************************************************************************************************************)
(* Linux 2.6.39 and 3.0: as RootPointer, but the lock is a mutex, so a walker may sleep on it. First it tries; who cannot *)
(* have the lock at once takes a reference on the leaf, looks again whether the page is mapped, and sleeps. The count     *)
(* decides alone when an object is freed: one reference stands for its list, whoever drops the last frees.                *)
(* Source: 746b18d421da, 88c22088bf23, eee0f252c653, 83813267c699, 01d8b20dec5f, as they are in v3.0: page_lock_anon_vma, *)
(* page_get_anon_vma, unlink_anon_vmas, __put_anon_vma, anon_vma_free; 5f70b962ccc2 for vma_adjust. The mm side takes the *)
(* lock entry by entry, as before 3.0-rc4. KERNEL.md 1.5 to 1.11.                                                         *)
(*                                                                                                                        *)
(* Registers. In a lookup root is 0 until it was read first, and held is 0 where the reference stands for the lock. In a  *)
(* put root is 0 while the reference is the object's own; empty: the object is to be freed; last: its root, before it.    *)
(**************************************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* The lock for the chain entry (v,a): a's root's.
MMLock(v, a) == anon[a].root

\* vma_adjust stores under the root's lock ...
LocksAdjust == TRUE

\* ... unless a split only lowers the end. [5f70b962ccc2]
LocksEnd == FALSE

\* mm: free object -> live, with the reference that stands for its list. Chooses the object.
\* [anon_vma_alloc: atomic_set; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) == /\ At(m, "AllocAnon") /\ AllocateAs(m, "PinRoot", LAMBDA o : [o EXCEPT !.refs = 1])

\* mm: the root's refs -> refs + 1, without a lock: the parent's VMA keeps the root. [anon_vma_fork: get_anon_vma]
PinRoot(m) ==
  /\ At(m, "PinRoot")
  /\ anon' = [anon EXCEPT ![anon[thread[m].anon].root].refs = @ + 1]
  /\ Become(m, [thread[m] EXCEPT !.pc = "LinkChain"])
  /\ UNCHANGED <<vma, page, pte>>

\* mm: lock free -> held, before the entry's list changes. [anon_vma_lock in anon_vma_prepare, anon_vma_chain_link, _unlink]
LockAnon(m) ==
  /\ At(m, "LockAnon")
  /\ LET r == thread[m] IN
       Take(m, MMLock(Linked(r), r.anon), [r EXCEPT !.pc = CASE r.op = "Fault" -> "LinkChain"
                                                             [] Building(r)    -> "LinkList"
                                                             [] OTHER          -> "UnlinkList"])
  /\ UNCHANGED <<vma, page, pte>>

\* mm: entry (v,a) off the list of a -> at its tail. [list_add_tail same_anon_vma, 1.2]
LinkList(m) == /\ At(m, "LinkList") /\ LinkAt(m, FALSE)

\* mm: entry (v,a) on the list of a -> off it; is it the last, so that the list's reference is to be dropped?
\* [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) == /\ At(m, "UnlinkList") /\ UnlinkFrom(m, FALSE)

\* mm: held -> free; then the next entry, of a clone or of a VMA that dies, or the list's reference.
\* [anon_vma_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m) == /\ At(m, "UnlockAnon") /\ UnlockEntry(m, LocksAdjust, LocksEnd, LAMBDA r : [r EXCEPT !.pc = "PutAnon"])

\* mm: lock free -> held, around the stores. [vma_adjust: anon_vma_lock, 1.10 step 4]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ LET r == thread[m] IN
       Take(m, MMLock(r.vma, r.anon), [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* The walker's lookup.                                                                                                   *)

\* walker: the leaf -> page.mapping. In phase Two the page may be unmapped: rmap_walk does not ask, and the migration has a
\* reference. [page_anon_vma]
ReadMapping(w) ==
  /\ At(w, "ReadMapping")
  /\ PageAnon(w, IF thread[w].phase = "Two" THEN "ReadRoot" ELSE "CheckMapped")
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: gives the attempt up if no entry maps the page. A migration wants a reference, and no lock.
\* [page_mapped in page_lock_anon_vma, page_get_anon_vma]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF ~IsMapped(r.page) THEN Unlocked(r)
                 ELSE [r EXCEPT !.pc = IF r.phase = "Get" THEN "GetUnlessZero" ELSE "ReadRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: the root -> the leaf's, whatever the leaf is by now. Who has a reference on the leaf sleeps on the lock.
\* [page_lock_anon_vma: anon_vma->root; anon_vma_lock]
ReadRoot(w) ==
  /\ At(w, "ReadRoot")
  /\ LET r == thread[w] IN
       Become(w, [r EXCEPT !.root = anon[r.anon].root,
                           !.pc = IF r.root = 0 /\ ~Refers(r) THEN "TryRoot" ELSE "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: lock free -> held: the root's; or goes on without. [page_lock_anon_vma: mutex_trylock]
TryRoot(w) ==
  /\ At(w, "TryRoot")
  /\ LET r == thread[w] IN
       IF anon[r.root].lock = 0 THEN Take(w, r.root, [r EXCEPT !.pc = "RecheckMapped"])
       ELSE Become(w, [r EXCEPT !.pc = "GetUnlessZero"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>>

\* walker: the leaf's refs -> refs + 1, unless there is none, whatever the leaf is by now.
\* [page_lock_anon_vma, page_get_anon_vma: atomic_inc_not_zero]
GetUnlessZero(w) ==
  /\ At(w, "GetUnlessZero")
  /\ LET r == thread[w] IN
       IF anon[r.anon].refs = 0 THEN Become(w, Unlocked(r)) /\ UNCHANGED anon
       ELSE anon' = [anon EXCEPT ![r.anon].refs = @ + 1] /\ Become(w, [r EXCEPT !.pc = "RecheckMapped"])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: under the lock, or with the reference: gives up if no entry maps the page. What a migration has is then its
\* reference. [page_mapped, f18194275c39, 746b18d421da]
RecheckMapped(w) ==
  /\ At(w, "RecheckMapped")
  /\ LET r == thread[w] IN
       Become(w, CASE IsMapped(r.page) /\ r.held # 0       -> Locked(r)
                   [] IsMapped(r.page) /\ r.phase = "Get"  -> AfterWalk([r EXCEPT !.pin = r.anon])
                   [] IsMapped(r.page)                     -> [r EXCEPT !.pc = "ReadRoot"]
                   [] ~IsMapped(r.page) /\ r.held # 0      -> [r EXCEPT !.pc = "UnlockRoot"]
                   [] OTHER                                -> [r EXCEPT !.root = 0, !.pc = "PutAnon"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm or walker: lock free -> held: the root's. Who is to free an object only waits for whoever held it.
\* [mutex_lock in page_lock_anon_vma, rmap_walk_anon, anon_vma_free]
LockRoot(t) ==
  /\ At(t, "LockRoot")
  /\ LET r == thread[t] IN
       Take(t, r.root, IF r.empty THEN [r EXCEPT !.pc = "UnlockRoot"]
                       ELSE IF Refers(r) THEN Locked(r) ELSE [r EXCEPT !.pc = "DropRef"])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: under the lock: the leaf's refs -> refs - 1. If that was the last the leaf is to be freed: a failed attempt.
\* [page_lock_anon_vma: atomic_dec_and_test]
DropRef(w) ==
  /\ At(w, "DropRef")
  /\ LET r == thread[w] IN
        /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
        /\ Become(w, IF anon[r.anon].refs > 1 THEN Locked(r)
                     ELSE [r EXCEPT !.failed = @ \/ r.steady, !.empty = TRUE, !.root = 0, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* References, of the list, of a walker, of an object on its root; and what happens when there is none.                   *)

\* What follows a put: the chain of a VMA that dies, the rest of the operation, or a lookup that failed.
PutEnds(t, r) == LET q == [r EXCEPT !.root = 0] IN
                 IF t \in MMThread THEN [q EXCEPT !.pc = "UnlinkChain"]
                 ELSE IF r.phase = "Put" THEN PutDone(q) ELSE AfterWalk(q)

\* The object in hand is to be freed: before that goes the reference that it has on its root, if it is another.
\* [__put_anon_vma]
FreeCounted(r) == LET root == anon[r.anon].root IN
                  IF root # r.anon THEN [r EXCEPT !.root = root, !.pc = "PutAnon"] ELSE [r EXCEPT !.pc = "CheckUnlocked"]

\* The object that a put concerns: first the one in hand, then its root.
Dropped(t) == IF thread[t].root = 0 THEN thread[t].anon ELSE thread[t].root

\* mm or walker: refs -> refs - 1: of the object or, if that is to be freed, of its root. Who drops the last frees.
\* [put_anon_vma: atomic_dec_and_test]
PutAnon(t) ==
  /\ At(t, "PutAnon")
  /\ LET r    == thread[t]
         a    == Dropped(t)
         none == anon[a].refs = 1
         q    == [r EXCEPT !.empty = none, !.pin = IF r.phase = "Put" THEN 0 ELSE @]
     IN /\ anon' = [anon EXCEPT ![a].refs = @ - 1]
        /\ Become(t, IF r.root # 0 THEN [r EXCEPT !.last = none, !.pc = "CheckUnlocked"]
                     ELSE IF none THEN FreeCounted(q) ELSE PutEnds(t, q))
  /\ UNCHANGED <<vma, page, pte>>

\* The object that it frees next: the root first.
Freed(t) == IF thread[t].last THEN thread[t].root ELSE thread[t].anon

\* mm or walker: is the lock of the root of what is to be freed held? Then a walker may have got it that has not yet looked
\* whether its page is mapped. [anon_vma_free: mutex_is_locked]
CheckUnlocked(t) ==
  /\ At(t, "CheckUnlocked")
  /\ LET root == anon[Freed(t)].root IN
       Become(t, IF anon[root].lock = 0 THEN [thread[t] EXCEPT !.pc = "FreeAnon"]
                 ELSE [thread[t] EXCEPT !.root = root, !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm or walker: held -> free; the walk is complete, or the attempt has failed, or whoever held the lock is gone; or the
\* leaf, whose last reference went under the lock, is to be freed. [page_unlock_anon_vma; mutex_unlock in anon_vma_free]
UnlockRoot(t) ==
  /\ At(t, "UnlockRoot") /\ Drop(t)
  /\ LET r == [thread[t] EXCEPT !.held = 0] IN
       Become(t, IF r.empty THEN IF r.root = 0 THEN FreeCounted(r) ELSE [r EXCEPT !.pc = "FreeAnon"]
                 ELSE AfterWalk([r EXCEPT !.missed = @ \/ r.owed # {}, !.owed = {}]))
  /\ UNCHANGED <<vma, page, pte>>

\* mm or walker: object live -> free; after its root, the object itself. [kmem_cache_free in anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon")
  /\ LET r == thread[t] IN
       Free(t, Freed(t), IF r.last THEN [r EXCEPT !.last = FALSE, !.pc = "CheckUnlocked"]
                         ELSE PutEnds(t, [r EXCEPT !.empty = FALSE]))

----------------------------------------------------------------------------------------------------------------------------

MMStep(m)     == \/ MMBareSteps(m, LocksAdjust, LocksEnd)
                 \/ AllocAnon(m) \/ PinRoot(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
                 \/ LockAdjust(m) \/ PutAnon(m) \/ CheckUnlocked(m) \/ LockRoot(m) \/ UnlockRoot(m) \/ FreeAnon(m)
WalkerStep(w) == \/ WalkerBareSteps(w, "ReadMapping", "ReadRoot", "ReadStart")
                 \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ TryRoot(w) \/ GetUnlessZero(w) \/ LockRoot(w)
                 \/ RecheckMapped(w) \/ DropRef(w) \/ UnlockRoot(w)
                 \/ PutAnon(w) \/ CheckUnlocked(w) \/ FreeAnon(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Every field is in its range. References are the list's, two of each walker, and the other objects'.
TypeOK == TypesOK(1 + 2 * Walkers + Objects - 1)

\* What the claims about memory ask of this protocol.
NoUseAfterFree == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(MMLock, Dropped, Freed, TRUE)
NoBadFree      == FreesUnused(Freed)

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
\* TryRoot never waits.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ LockRoot(t) \/ (t \in MMThread /\ (LockAnon(t) \/ LockAdjust(t)))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Begun    == InitCounting(1, 1)
Spec     == Begun /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

============================================================================================================================
(**************************************************************************************************************************)
(* Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer alone. Which      *)
(* claims hold in which model: the ledger. Bounds: MMs, VMAs, Objects, Pages, Walkers, Slots, MMOps, WalkerOps,           *)
(* Layout; the operations stand in the cfg. Depth in states, as TLC counts.                                               *)
(*                                                                                                                        *)
(* model       MM VMA Obj Pg Wk Sl  mo  wo Layout        distinct   generated  depth                                      *)
(* Tiny         1   2   2  1  1  2   1   1 OnePage            745       1,321     39                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,914       3,530     42                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           5,662      10,164     39                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          7,150      15,662     56                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         13,337      33,386     77                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         21,843      51,774     88                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         30,897      87,209     35                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage         36,239     116,771     64                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage         36,239     116,771     64                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          38,517      98,343     98                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         62,642     151,295     82                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         69,895     163,270     88                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         82,013     208,108     57                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         90,446     228,933     75                                      *)
(* Reborn       2   3   2  2  1  1   3   1 OnePage        173,256     430,910     97                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     26,418,278  91,476,809    103                                      *)
(**************************************************************************************************************************)
