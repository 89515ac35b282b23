-------------------------------------- MODULE RefcountedRoot ---------------------------------------
(***************************************************************************************************
Linux 2.6.39 and 3.0: as RootPointer, but the lock is a mutex, so a walker may sleep on it. First
the walker tries. If it cannot have the lock at once, it takes a reference on the leaf, looks again
whether the page is mapped, and sleeps. The reference count decides alone when an object is freed:
one reference stands for its list, and the thread that drops the last one frees the object.

Source: 746b18d421da, 88c22088bf23, eee0f252c653, 83813267c699, 01d8b20dec5f, as they are in v3.0:
page_lock_anon_vma, page_get_anon_vma, unlink_anon_vmas, __put_anon_vma, anon_vma_free; and
5f70b962ccc2 for vma_adjust. A process takes the lock entry by entry, as before 3.0-rc4.
docs/kernel.md 1.5 to 1.11.

Registers. In a lookup root is None until it was read first, and held is None where the reference
stands for the lock. In a put root is None while the reference is the object's own; empty: the
object is to be freed; last: its root, before it.
***************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------
(* The process.                                                                                   *)

\* mm: free object -> live, with the reference that stands for its list. Chooses the object.
\* [anon_vma_alloc: atomic_set; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) ==
  /\ At(m, "AllocAnon") /\ Allocate(m, "PinRoot", TRUE)
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: the root's refs -> refs + 1, without a lock: the parent's area keeps the root.
\* [anon_vma_fork: get_anon_vma]
PinRoot(m) ==
  /\ At(m, "PinRoot")
  /\ anon' = [anon EXCEPT ![anon[thread[m].anon].root].refs = @ + 1]
  /\ Become(m, [thread[m] EXCEPT !.pc = "LinkChain"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* The lock for the chain entry (v,a): the root of a.
MMLock(v, a) == anon[a].root

\* mm: lock free -> held, before the list of the entry in hand changes.
\* [anon_vma_lock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
LockAnon(m) ==
  /\ At(m, "LockAnon") /\ LockFor(m, MMLock(Linked(thread[m]), thread[m].anon))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) off the list of a -> at its tail. [list_add_tail same_anon_vma, 1.2]
LinkList(m) ==
  /\ At(m, "LinkList") /\ LinkAtTail(m)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) on the list of a -> off it; is it the last, so that the list's reference is to be
\* dropped? [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) ==
  /\ At(m, "UnlinkList") /\ UnlinkFrom(m, FALSE)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* A split that only lowers the end does not lock. [vma_adjust, 5f70b962ccc2]
LowersEnd(r) == r.op = "SplitAbove"

\* mm: held -> free; then the next entry, of a clone or of an area that dies.
\* [anon_vma_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m) ==
  /\ At(m, "UnlockAnon") /\ Drop(m)
  /\ LET r == [thread[m] EXCEPT !.held = None] IN
       Proceed(m, r, IF LowersEnd(r) THEN Store(r) ELSE LockAndStore(r),
                     [r EXCEPT !.pc = "PutAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: lock free -> held, around the stores. [vma_adjust: anon_vma_lock, 1.10 step 4]
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
                  !.pc = IF thread[w].phase = "Two" THEN "ReadRoot" ELSE "CheckMapped"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: gives the attempt up if no entry maps the page. A migration wants a reference, and no
\* lock. [page_mapped in page_lock_anon_vma, page_get_anon_vma]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF ~IsMapped(r.page) THEN Unlocked(r)
                 ELSE [r EXCEPT !.pc = IF r.phase = "Get" THEN "GetUnlessZero" ELSE "ReadRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: the root -> the leaf's, whatever the leaf is by now. A walker with a reference on the
\* leaf sleeps on the lock. [page_lock_anon_vma: anon_vma->root; anon_vma_lock]
ReadRoot(w) ==
  /\ At(w, "ReadRoot")
  /\ LET r == thread[w] IN
       Become(w, [r EXCEPT !.root = anon[r.anon].root,
                           !.pc = IF r.root = None /\ ~Refers(r) THEN "TryRoot" ELSE "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: lock free -> held: the root's; or it goes on without. [page_lock_anon_vma: mutex_trylock]
TryRoot(w) ==
  /\ At(w, "TryRoot")
  /\ LET r == thread[w] IN
       IF anon[r.root].lock = None THEN Take(w, r.root, [r EXCEPT !.pc = "RecheckMapped"])
       ELSE Become(w, [r EXCEPT !.pc = "GetUnlessZero"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: the leaf's refs -> refs + 1, unless there is none, whatever the leaf is by now.
\* [page_lock_anon_vma, page_get_anon_vma: atomic_inc_not_zero]
GetUnlessZero(w) ==
  /\ At(w, "GetUnlessZero")
  /\ LET r == thread[w] IN
       IF anon[r.anon].refs = 0 THEN Become(w, Unlocked(r)) /\ UNCHANGED anon
       ELSE /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
            /\ Become(w, [r EXCEPT !.pc = "RecheckMapped"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: under the lock, or with the reference: gives up if no entry maps the page. A migration
\* has its reference then. [page_mapped, f18194275c39, 746b18d421da]
RecheckMapped(w) ==
  /\ At(w, "RecheckMapped")
  /\ LET r == thread[w]  mapped == IsMapped(r.page)  locked == r.held # None IN
       Become(w, CASE mapped /\ locked   -> Locked(r)
                   [] mapped /\ ~locked  -> IF r.phase # "Get" THEN [r EXCEPT !.pc = "ReadRoot"]
                                            ELSE AfterWalk([r EXCEPT !.pin = r.anon])
                   [] ~mapped /\ locked  -> [r EXCEPT !.pc = "UnlockRoot"]
                   [] ~mapped /\ ~locked -> [r EXCEPT !.root = None, !.pc = "PutAnon"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* mm or walker: lock free -> held: the root's. A thread that is to free an object only waits for
\* the one that held it. [mutex_lock in page_lock_anon_vma, rmap_walk_anon, anon_vma_free]
LockRoot(t) ==
  /\ At(t, "LockRoot")
  /\ LET r == thread[t] IN
       Take(t, r.root, IF r.empty THEN [r EXCEPT !.pc = "UnlockRoot"]
                       ELSE IF Refers(r) THEN Locked(r) ELSE [r EXCEPT !.pc = "DropRef"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* walker: under the lock: the leaf's refs -> refs - 1. If that was the last reference, the leaf is
\* to be freed: a failed attempt. [page_lock_anon_vma: atomic_dec_and_test]
DropRef(w) ==
  /\ At(w, "DropRef")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
       /\ Become(w, IF anon[r.anon].refs > 1 THEN Locked(r)
                    ELSE [r EXCEPT !.empty = TRUE, !.root = None, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* References, of the list, of a walker, of an object on its root; and the end of an object.      *)

\* What follows a put: the chain of an area that dies, the rest of the operation, or a lookup that
\* failed.
PutEnds(t, r) == LET q == [r EXCEPT !.root = None] IN
                 CASE t \in MMs                       -> [q EXCEPT !.pc = "UnlinkChain"]
                   [] t \in Walkers /\ r.phase = "Put" -> PutDone(q)
                   [] OTHER                           -> AfterWalk(q)

\* The object in hand is to be freed. Before that goes the reference that it has on its root, if the
\* root is another object. [__put_anon_vma]
FreeCounted(r) == LET root == anon[r.anon].root IN
                  IF root # r.anon THEN [r EXCEPT !.root = root, !.pc = "PutAnon"]
                  ELSE [r EXCEPT !.pc = "CheckUnlocked"]

\* The object that a put is about: first the one in hand, then its root.
Dropped(t) == IF thread[t].root = None THEN thread[t].anon ELSE thread[t].root

\* A walker that puts has no reference any more.
Unpinned(t, r) == IF t \in Walkers /\ r.phase = "Put" THEN [r EXCEPT !.pin = None] ELSE r

\* mm or walker: refs -> refs - 1: of the object or, if that is to be freed, of its root. The thread
\* that drops the last reference frees. [put_anon_vma: atomic_dec_and_test]
PutAnon(t) ==
  /\ At(t, "PutAnon")
  /\ LET r    == thread[t]
         a    == Dropped(t)
         none == anon[a].refs = 1
         q    == Unpinned(t, [r EXCEPT !.empty = none])
     IN /\ anon' = [anon EXCEPT ![a].refs = @ - 1]
        /\ Become(t, IF r.root # None THEN [r EXCEPT !.last = none, !.pc = "CheckUnlocked"]
                     ELSE IF none THEN FreeCounted(q) ELSE PutEnds(t, q))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* The object that t frees next: the root first.
Freed(t) == IF thread[t].last THEN thread[t].root ELSE thread[t].anon

\* mm or walker: is the lock of the root of what is to be freed held? Then a walker may have got it
\* that has not yet looked whether its page is mapped. [anon_vma_free: mutex_is_locked]
CheckUnlocked(t) ==
  /\ At(t, "CheckUnlocked")
  /\ LET root == anon[Freed(t)].root IN
       Become(t, IF anon[root].lock = None THEN [thread[t] EXCEPT !.pc = "FreeAnon"]
                 ELSE [thread[t] EXCEPT !.root = root, !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(t)

\* mm or walker: held -> free; the walk is complete, or the attempt has failed, or the thread that
\* held the lock is gone; or the leaf, whose last reference went under the lock, is to be freed.
\* [page_unlock_anon_vma; mutex_unlock in anon_vma_free]
UnlockRoot(t) ==
  /\ At(t, "UnlockRoot") /\ Drop(t)
  /\ LET r == [thread[t] EXCEPT !.held = None] IN
       Become(t, IF ~r.empty THEN AfterWalk(r)
                 ELSE IF r.root = None THEN FreeCounted(r) ELSE [r EXCEPT !.pc = "FreeAnon"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* mm or walker: object live -> free; after its root, the object itself.
\* [kmem_cache_free in anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon") /\ Free(Freed(t))
  /\ LET r == thread[t] IN
       Become(t, IF r.last THEN [r EXCEPT !.last = FALSE, !.pc = "CheckUnlocked"]
                 ELSE PutEnds(t, [r EXCEPT !.empty = FALSE]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------

MMStep(m) ==
  \/ WorldStep(m) \/ LockPage(m) \/ UnlockPage(m)
  \/ AllocAnon(m) \/ PinRoot(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
  \/ LockAdjust(m) \/ PutAnon(m) \/ CheckUnlocked(m) \/ LockRoot(m) \/ UnlockRoot(m) \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w, "ReadMapping") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "ReadRoot") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ TryRoot(w) \/ GetUnlessZero(w)
  \/ RecheckMapped(w) \/ LockRoot(w) \/ DropRef(w) \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadStart") \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ PutAnon(w) \/ CheckUnlocked(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
\* TryRoot never waits.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ LockRoot(t) \/ (t \in MMs /\ (LockAnon(t) \/ LockAdjust(t)))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Init     == Start(1, 1) /\ HistoryStart
Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

----------------------------------------------------------------------------------------------------
(* What Claims asks of a protocol.                                                                *)

\* References are the list's, two of each walker, and the other objects'.
TypeOK == TypesOK(1 + 2 * Cardinality(Walkers) + Cardinality(Objects) - 1)

\* What the next step of t touches although only the protocol keeps it: outside of a lookup, where
\* RCU does. A walker that has a reference instead of RCU is outside, too; and so is one that has
\* slept, or may sleep: it has left RCU.
Touched(t) == LET r == thread[t]  outside == t \in MMs \/ Refers(r) IN
  CASE r.pc = "LockAnon"                               -> {r.anon, MMLock(Linked(r), r.anon)}
    [] r.pc = "LockAdjust"                             -> {MMLock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList", "DropRef"}  -> {r.anon}
    [] r.pc = "PinRoot"                                -> {r.anon, anon[r.anon].root}
    [] r.pc = "PutAnon"                                -> {Dropped(t)}
    [] r.pc = "CheckUnlocked"                          -> {anon[Freed(t)].root}
    [] r.pc \in {"UnlockAnon", "UnlockAdjust"}         -> {r.held}
    [] r.pc = "LockRoot"                               -> {r.root}
    [] r.pc = "NextEntry"                              -> {r.anon, r.held}
    [] r.pc = "ReadRoot" /\ (outside \/ r.root # None) -> {r.anon}
    [] r.pc = "UnlockRoot" /\ outside                  -> {r.held}
    [] OTHER                                           -> {}
NoUseAfterFree == TouchesLive(Touched)
NoBadFree      == FreesUnused(Freed)

\* What TLC found no counterexample to, in the models below. Not proved.
THEOREM Spec => []TypeOK
THEOREM Spec => []NoMissedMapping
THEOREM Spec => []NoRecycledTrusted
THEOREM Spec => []MappedReachable
THEOREM Spec => []WritersIsolated
THEOREM Spec => []ListStable
THEOREM Spec => []LockSucceeds
THEOREM Spec => []UnlockMatchesLock
THEOREM Spec => []NothingHeldAtRest
THEOREM Spec => []NothingLeaked
THEOREM Spec => OperationDone
THEOREM Spec => []ChainsMatchLists
THEOREM Spec => []OneRoot
THEOREM Spec => []MutualExclusion
THEOREM Spec => []LockedIsRoot
THEOREM LiveSpec => WalkTerminates
THEOREM LiveSpec => OperationTerminates
THEOREM Spec => Refinement

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Tiny          1    2       2     1       1     2     1         1 OnePage           745       1321    39
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1914       3530    42
Map           1    2       2     2       1     2     3         1 Mapped           5662      10164    39
Graph         2    2       2     2       1     2     1         1 OnePage          7150      15662    56
Lost          2    3       2     1       1     2     2         1 OnePage         13337      33386    77
Edges         2    3       2     1       1     2     2         1 OnePage         21843      51774    88
Anew          2    4       2     2       1     2     2         1 OnePage         30897      87209    35
Small         2    3       3     1       1     2     2         1 OnePage         33958      79942    88 symmetry
LivePair      2    2       2     1       2     1   any       any OnePage         36239     116771    64
LiveWeak      2    2       2     1       2     1   any       any OnePage         36239     116771    64
Live          2    2       3     2       1     1   any       any Forked          38517      98343    98
NoFree        2    3       3     2       1     2     2         1 OnePage         41510     105018    57 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         62642     151295    82
Pins          2    2       2     2       1     1     2         2 OnePage         90446     228933    75
Reborn        2    3       2     2       1     1     3         1 OnePage        173256     430910    97
Full          2    3       3     1       2     2     2         1 OnePage      11640080   40595853   102 symmetry
***************************************************************************************************)
