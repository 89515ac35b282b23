---------------------------------------- MODULE RootPointer ----------------------------------------
(***************************************************************************************************
Linux 2.6.36: every anon_vma names its root. A thread that needs a family locks the root. Under the
lock a walker looks again whether the page is mapped: if it is, the leaf was not freed. A child
keeps a reference on its root from the fork until it is freed itself, so the root is freed last.

Source: 012f18004da3 and 76545066c852 (always lock the root; references), f18194275c39 (the second
look), as they are in v2.6.36: anon_vma_prepare, anon_vma_fork, unlink_anon_vmas,
page_lock_anon_vma, drop_anon_vma, vma_adjust. docs/kernel.md 1.5 to 1.11. Migration takes its
reference as from 2.6.38.
***************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------
(* The process.                                                                                   *)

\* mm: free object -> live. Chooses the object. A child is to keep its root.
\* [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) ==
  /\ At(m, "AllocAnon") /\ Allocate(m, "PinRoot", FALSE)
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

\* mm: entry (v,a) on the list of a -> off it; is the object unused now?
\* [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) ==
  /\ At(m, "UnlinkList") /\ UnlinkFrom(m, anon[thread[m].anon].refs # 0)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* An object without a user is freed. Before that goes the reference that it has on its root, if the
\* root is another object.
FreeUnused(r) == LET root == anon[r.anon].root IN
                 IF root # r.anon THEN [r EXCEPT !.root = root, !.pc = "PutAnon"]
                 ELSE [r EXCEPT !.pc = "FreeAnon"]

\* mm: held -> free; then the next entry, of a clone or of an area that dies.
\* [anon_vma_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m) ==
  /\ At(m, "UnlockAnon") /\ Drop(m)
  /\ LET r == [thread[m] EXCEPT !.held = None] IN
       Proceed(m, r, LockAndStore(r), FreeUnused(r))
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

\* walker: gives the attempt up if no entry maps the page. [page_mapped]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF IsMapped(r.page) THEN [r EXCEPT !.pc = "ReadRoot"] ELSE Unlocked(r))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: the root -> the leaf's, whatever the leaf is by now: the lock will tell.
\* [page_lock_anon_vma: anon_vma->root]
ReadRoot(w) ==
  /\ At(w, "ReadRoot")
  /\ Become(w, [thread[w] EXCEPT !.root = anon[thread[w].anon].root, !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* mm or walker: lock free -> held: the root's. A thread with a reference need not look again.
\* [spin_lock(&root->lock)]
LockRoot(t) ==
  /\ At(t, "LockRoot")
  /\ LET r == thread[t] IN
       Take(t, r.root, CASE t \in MMs                   -> [r EXCEPT !.pc = "PutLast"]
                         [] t \in Walkers /\ Refers(r)  -> Locked(r)
                         [] OTHER                       -> [r EXCEPT !.pc = "RecheckMapped"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* walker: under the lock: gives up if no entry maps the page. [page_mapped, f18194275c39]
RecheckMapped(w) ==
  /\ At(w, "RecheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF IsMapped(r.page) THEN Locked(r) ELSE [r EXCEPT !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* mm or walker: held -> free; the walk is complete, or the reference taken or dropped.
\* [page_unlock_anon_vma; spin_unlock in rmap_walk_anon and drop_anon_vma]
UnlockRoot(t) ==
  /\ At(t, "UnlockRoot") /\ Drop(t)
  /\ LET r == [thread[t] EXCEPT !.held = None] IN
       Become(t, CASE t \in MMs                    -> [r EXCEPT !.pc = "FreeAnon"]
                   [] t \in Walkers /\ r.phase # "Put" -> AfterWalk(r)
                   [] OTHER -> IF r.empty THEN [r EXCEPT !.pc = "FreeAnon"] ELSE PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------
(* References, of a walker on its object and of an object on its root; and the end of an object.  *)

\* walker: refs -> refs + 1, under the lock, as from 2.6.38 on: so a migration is as safe as the
\* lock. [get_anon_vma, 1ce82b69e96c]
GetAnon(w) ==
  /\ At(w, "GetAnon")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
       /\ Become(w, [r EXCEPT !.pin = r.anon, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* The object that a put is about: what the walker has a reference on; or the root that the object
\* to be freed has one on.
Dropped(t) == IF t \in MMs THEN thread[t].root ELSE thread[t].anon

\* mm or walker: refs -> refs - 1, unless it is the last: that goes under the lock.
\* [drop_anon_vma: atomic_dec_and_lock]
PutAnon(t) ==
  /\ At(t, "PutAnon")
  /\ LET r == thread[t]  a == Dropped(t)  last == anon[a].refs <= 1 IN
       /\ anon' = IF last THEN anon ELSE [anon EXCEPT ![a].refs = @ - 1]
       /\ Become(t, IF t \in MMs THEN [r EXCEPT !.pc = IF last THEN "LockRoot" ELSE "FreeAnon"]
                    ELSE IF last THEN [r EXCEPT !.pc = "ReadRoot"]
                    ELSE PutDone([r EXCEPT !.pin = None]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* Object a has no user but the reference that is being dropped.
LastUse(a) == anon[a].refs = 1 /\ anon[a].list = <<>>

\* mm or walker: refs -> refs - 1; is the object unused now? With a walker's object goes its
\* reference on the root; is the root unused now? [drop_anon_vma]
PutLast(t) ==
  /\ At(t, "PutLast")
  /\ LET r    == [thread[t] EXCEPT !.pc = "UnlockRoot"]
         a    == Dropped(t)
         root == anon[a].root
         both == t \in Walkers /\ LastUse(a) /\ root # a
     IN /\ anon' = IF both THEN [anon EXCEPT ![a].refs = @ - 1, ![root].refs = @ - 1]
                   ELSE [anon EXCEPT ![a].refs = @ - 1]
        /\ Become(t, IF t \in MMs THEN [r EXCEPT !.last = LastUse(a)]
                     ELSE [r EXCEPT !.pin = None, !.empty = LastUse(a),
                                    !.last = both /\ LastUse(root)])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* The object that t frees next. An unlink frees a root without a user first, a put the root last.
Freed(t) == LET r == thread[t] IN IF r.last /\ (t \in MMs \/ ~r.empty) THEN r.root ELSE r.anon

\* mm or walker: object live -> free. [anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon") /\ Free(Freed(t))
  /\ LET r == IF Freed(t) = thread[t].anon THEN [thread[t] EXCEPT !.empty = FALSE]
              ELSE [thread[t] EXCEPT !.last = FALSE]
     IN Become(t, IF r.empty \/ r.last THEN r
                  ELSE IF t \in MMs THEN [r EXCEPT !.root = None, !.pc = "UnlinkChain"]
                  ELSE PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------

MMStep(m) ==
  \/ WorldStep(m) \/ LockPage(m) \/ UnlockPage(m)
  \/ AllocAnon(m) \/ PinRoot(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
  \/ LockAdjust(m) \/ PutAnon(m) \/ LockRoot(m) \/ PutLast(m) \/ UnlockRoot(m) \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w, "ReadMapping") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "ReadRoot") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ LockRoot(w) \/ RecheckMapped(w)
  \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadStart") \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ GetAnon(w) \/ PutAnon(w) \/ PutLast(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ LockRoot(t) \/ (t \in MMs /\ (LockAnon(t) \/ LockAdjust(t)))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Init     == Start(0, 1) /\ HistoryStart
Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

----------------------------------------------------------------------------------------------------
(* What Claims asks of a protocol.                                                                *)

\* References are the walkers' and the other objects'.
TypeOK == TypesOK(Cardinality(Walkers) + Cardinality(Objects))

\* What the next step of t touches although only the protocol keeps it: outside of a lookup, where
\* RCU does. A walker that has a reference instead of RCU is outside, too.
Touched(t) == LET r == thread[t]  outside == t \in MMs \/ Refers(r) IN
  CASE r.pc = "LockAnon"                   -> {r.anon, MMLock(Linked(r), r.anon)}
    [] r.pc = "LockAdjust"                 -> {MMLock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList"} -> {r.anon}
    [] r.pc = "PinRoot"                    -> {r.anon, anon[r.anon].root}
    [] r.pc \in {"PutAnon", "PutLast"}     -> {Dropped(t)}
    [] r.pc = "UnlockAnon"                 -> {r.held}
    [] r.pc = "UnlockAdjust"               -> {r.held}
    [] outside /\ r.pc = "ReadRoot"        -> {r.anon}
    [] outside /\ r.pc = "LockRoot"        -> {r.root}
    [] outside /\ r.pc = "NextEntry"       -> {r.anon, r.held}
    [] outside /\ r.pc = "UnlockRoot"      -> {r.held}
    [] OTHER                               -> {}

NoUseAfterFree == TouchesLive(Touched)
NoBadFree      == FreesUnused(Freed)

\* What TLC found no counterexample to, in the models below. Not proved.
THEOREM Spec => []TypeOK
THEOREM Spec => []NoMissedMapping
THEOREM Spec => []NoUseAfterFree
THEOREM Spec => []NoBadFree
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
Tiny          1    2       2     1       1     2     1         1 OnePage           671       1166    45
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1576       2851    49
Map           1    2       2     2       1     2     3         1 Mapped           5050       8896    46
Graph         2    2       2     2       1     2     1         1 OnePage          6962      14945    61
LivePair      2    2       2     1       2     1   any       any OnePage         10865      33002    61
LiveWeak      2    2       2     1       2     1   any       any OnePage         10865      33002    61
Lost          2    3       2     1       1     2     2         1 OnePage         13500      33315    80
Live          2    2       3     2       1     1   any       any Forked          16878      41165    93
Edges         2    3       2     1       1     2     2         1 OnePage         20158      46204    90
Anew          2    4       2     2       1     2     2         1 OnePage         27794      77123    32
Small         2    3       3     1       1     2     2         1 OnePage         28291      64329    90 symmetry
NoFree        2    3       3     2       1     2     2         1 OnePage         32468      80184    57 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         48530     113285    90
Pins          2    2       2     2       1     1     2         2 OnePage         64645     160849    70
Reborn        2    3       2     2       1     1     3         1 OnePage        103149     247995   100
Full          2    3       3     1       2     2     2         1 OnePage       9295979   31025958   108 symmetry
***************************************************************************************************)
