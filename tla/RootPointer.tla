---------------------------------------------------- MODULE RootPointer ----------------------------------------------------
(**************************************************************************************************************************)
(* Linux 2.6.36: every anon_vma names its root. Whoever needs a family locks that, and a walker looks again under the     *)
(* lock whether the page is mapped: then its leaf was not freed. A child keeps a reference on its root from fork until it *)
(* is freed itself, so that the root is freed last.                                                                       *)
(* Source: 012f18004da3, 76545066c852 (always lock the root, refcounts), f18194275c39 (the second look), as they are in   *)
(* v2.6.36: anon_vma_prepare, anon_vma_fork, unlink_anon_vmas, page_lock_anon_vma, drop_anon_vma, vma_adjust. KERNEL.md   *)
(* 1.5 to 1.11.                                                                                                           *)
(**************************************************************************************************************************)
EXTENDS Uncounted, Claims

----------------------------------------------------------------------------------------------------------------------------
(* The mm side.                                                                                                           *)

\* The lock for the chain entry (v,a): a's root's.
MMLock(v, a) == anon[a].root

\* vma_adjust stores under the root's lock.
LocksAdjust == TRUE

\* An object that is not its own root has a reference on it.
PinsRoot == TRUE

\* Where prepare links: at the tail, as a clone does.
PreparesAtHead == FALSE

\* mm: free object -> live. Chooses the object. [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) == /\ At(m, "AllocAnon") /\ Allocate(m, IF PinsRoot THEN "PinRoot" ELSE "LinkChain")

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
LinkList(m) == /\ At(m, "LinkList") /\ LinkAt(m, PreparesAtHead /\ thread[m].op = "Fault")

\* mm: lock free -> held, around the stores. [vma_adjust: anon_vma_lock, 1.10 step 4]
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
  /\ PageAnon(w, IF thread[w].phase = "Two" THEN "ReadRoot" ELSE "CheckMapped")
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: gives the attempt up if no entry maps the page. [page_mapped]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN Become(w, IF IsMapped(r.page) THEN [r EXCEPT !.pc = "ReadRoot"] ELSE Unlocked(r))
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: the root -> the leaf's, whatever the leaf is by now; the lock will tell. [page_lock_anon_vma: anon_vma->root]
ReadRoot(w) ==
  /\ At(w, "ReadRoot")
  /\ Become(w, [thread[w] EXCEPT !.root = anon[thread[w].anon].root, !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm or walker: lock free -> held: the root's. Who has a reference need not look again. [spin_lock(&root->lock)]
LockRoot(t) ==
  /\ At(t, "LockRoot")
  /\ LET r == thread[t] IN
       Take(t, r.root, IF t \in MMThread THEN [r EXCEPT !.pc = "PutLast"]
                       ELSE IF Refers(r) THEN Locked(r) ELSE [r EXCEPT !.pc = "RecheckMapped"])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: under the lock: gives up if no entry maps the page; nothing is owed to it then. [page_mapped, f18194275c39]
RecheckMapped(w) ==
  /\ At(w, "RecheckMapped")
  /\ LET r == thread[w] IN Become(w, IF IsMapped(r.page) THEN Locked(r) ELSE [r EXCEPT !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* References, of a walker on its object and of an object on its root.                                                    *)

\* The object that a put concerns: what the walker has a reference on, or the root that the object to be freed pinned.
Dropped(t) == IF t \in MMThread THEN thread[t].root ELSE thread[t].anon

\* Object a without the reference that is dropped has no user.
LastUse(a) == anon[a].refs = 1 /\ anon[a].list = <<>>

\* mm or walker: refs -> refs - 1, unless it is the last: that goes under the lock. [atomic_dec_and_lock in drop_anon_vma]
PutAnon(t) ==
  /\ At(t, "PutAnon")
  /\ LET r == thread[t]  a == Dropped(t) IN
       IF anon[a].refs > 1
       THEN /\ anon' = [anon EXCEPT ![a].refs = @ - 1]
            /\ Become(t, IF t \in MMThread THEN [r EXCEPT !.pc = "FreeAnon"] ELSE PutDone([r EXCEPT !.pin = 0]))
       ELSE Become(t, [r EXCEPT !.pc = IF t \in MMThread THEN "LockRoot" ELSE "ReadRoot"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>>

\* mm or walker: refs -> refs - 1; is the object unused now? A walker's that is drops the reference on its root with it, and
\* is that unused now? [drop_anon_vma]
PutLast(t) ==
  /\ At(t, "PutLast")
  /\ LET r    == [thread[t] EXCEPT !.pc = "UnlockRoot"]
         a    == Dropped(t)
         root == anon[a].root
         both == t \in WalkerThread /\ LastUse(a) /\ PinsRoot /\ root # a
     IN /\ anon' = IF both THEN [anon EXCEPT ![a].refs = @ - 1, ![root].refs = @ - 1] ELSE [anon EXCEPT ![a].refs = @ - 1]
        /\ Become(t, IF t \in MMThread THEN [r EXCEPT !.last = LastUse(a)]
                     ELSE [r EXCEPT !.pin = 0, !.empty = LastUse(a), !.last = both /\ LastUse(root)])
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

MMStep(m)     == \/ MMCommonSteps(m, LocksAdjust, PinsRoot)
                 \/ AllocAnon(m) \/ PinRoot(m) \/ LockAnon(m) \/ LinkList(m) \/ LockAdjust(m)
                 \/ PutAnon(m) \/ LockRoot(m) \/ PutLast(m) \/ UnlockRoot(m, "ReadMapping")
WalkerStep(w) == \/ WalkerCommonSteps(w, "ReadMapping", "ReadRoot", "ReadStart")
                 \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ LockRoot(w) \/ RecheckMapped(w)
                 \/ PutAnon(w) \/ PutLast(w)
Next          == (\E m \in MMThread : MMStep(m)) \/ (\E w \in WalkerThread : WalkerStep(w)) \/ Rest

\* Every field is in its range. References are the walkers' and the other objects'.
TypeOK == TypesOK(Walkers + Objects)

\* What the claims about memory ask of this protocol.
NoUseAfterFree == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(MMLock, Dropped, Freed, FALSE)
NoBadFree      == FreesUnused(Freed)

\* Threads run: one that is in an operation and can step from some moment on does; nobody has to begin one. Locks are fair:
\* one that can take its lock again and again does.
Step(t)     == (t \in MMThread /\ MMStep(t)) \/ (t \in WalkerThread /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ LockRoot(t) \/ (t \in MMThread /\ (LockAnon(t) \/ LockAdjust(t)))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Begun    == InitCounting(0, IF PinsRoot THEN 1 ELSE 0)
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
(* Tiny         1   2   2  1  1  2   1   1 OnePage            671       1,166     45                                      *)
(* Neighbours   1   3   2  2  1  2   3   1 Neighbours       1,576       2,851     49                                      *)
(* Map          1   2   2  2  1  2   3   1 Mapped           5,050       8,896     46                                      *)
(* Graph        2   2   2  2  1  2   1   1 OnePage          6,962      14,945     61                                      *)
(* LivePair     2   2   2  1  2  1 255 255 OnePage         10,865      33,002     61                                      *)
(* LiveWeak     2   2   2  1  2  1 255 255 OnePage         10,865      33,002     61                                      *)
(* Lost         2   3   2  1  1  2   2   1 OnePage         13,500      33,315     80                                      *)
(* Live         2   2   3  2  1  1 255 255 Forked          16,878      41,165     93                                      *)
(* Edges        2   3   2  1  1  2   2   1 OnePage         20,158      46,204     90                                      *)
(* Anew         2   4   2  2  1  2   2   1 OnePage         27,794      77,123     32                                      *)
(* Recycle      2   3   2  2  1  1   2   1 OnePage         48,530     113,285     90                                      *)
(* Small        2   3   3  1  1  2   2   1 OnePage         58,175     131,212     90                                      *)
(* NoFree       2   3   3  2  1  2   2   1 OnePage         64,109     158,825     57                                      *)
(* Pins         2   2   2  2  1  1   2   2 OnePage         64,645     160,849     70                                      *)
(* Reborn       2   3   2  2  1  1   3   1 OnePage        103,149     247,995    100                                      *)
(* Full         2   3   3  1  2  2   2   1 OnePage     21,033,770  69,597,937    109                                      *)
(**************************************************************************************************************************)
