---------------------------------------- MODULE DeepestLock ----------------------------------------
(***************************************************************************************************
The sketch of May 2010: always lock the deepest anon_vma of a family, its root. A process finds the
root at the end of its area's chain. A walker locks its leaf, and takes the first area on the leaf's
list. It reads the root off the end of that area's chain, unlocks the leaf, and locks the root.

Source: lock_anon_vma_root in Linus Torvalds's mail of 2010-05-05 10:34 PDT, with the lookup in the
caller, as its NOTE asks, and without the shadowed variable (docs/kernel.md, F11). A process always
takes the lock, vma_adjust included (F3). The rest is v2.6.34, and drop_anon_vma of v2.6.35:
docs/kernel.md 1.2 to 1.6, 1.11.
***************************************************************************************************)
EXTENDS MM, Walker, Claims

----------------------------------------------------------------------------------------------------
(* The process.                                                                                   *)

\* mm: free object -> live. Chooses the object.
\* [anon_vma_alloc; anon_vma_fork, 1.3 step 4, 1.5 step 3]
AllocAnon(m) ==
  /\ At(m, "AllocAnon") /\ Allocate(m, "LinkChain", FALSE)
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* The lock for the chain entry (v,a): "From the vma, it's simply" the last entry of its chain; a
\* itself before there is one.
MMLock(v, a) == IF vma[v].chain # <<>> THEN Last(vma[v].chain) ELSE a

\* mm: lock free -> held, before the list of the entry in hand changes.
\* [anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
LockAnon(m) ==
  /\ At(m, "LockAnon") /\ LockFor(m, MMLock(Linked(thread[m]), thread[m].anon))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) off the list of a -> at its head (prepare) or at its tail (clone).
\* [list_add and list_add_tail same_anon_vma, 1.2]
LinkList(m) ==
  /\ At(m, "LinkList") /\ IF thread[m].op = "Fault" THEN LinkAtHead(m) ELSE LinkAtTail(m)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) on the list of a -> off it; is the object unused now?
\* [anon_vma_unlink, 1.6 steps 2 and 3]
UnlinkList(m) ==
  /\ At(m, "UnlinkList") /\ UnlinkFrom(m, anon[thread[m].anon].refs # 0)
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: held -> free; then the next entry, of a clone or of an area that dies.
\* [spin_unlock in anon_vma_prepare, anon_vma_chain_link, anon_vma_unlink]
UnlockAnon(m) ==
  /\ At(m, "UnlockAnon") /\ Drop(m)
  /\ LET r == [thread[m] EXCEPT !.held = None] IN
       Proceed(m, r, LockAndStore(r), [r EXCEPT !.pc = "FreeAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: lock free -> held, around the stores. [vma_adjust, 1.10 step 4]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ LET r == thread[m] IN
       Take(m, MMLock(r.vma, r.anon),
            [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* The walker's lookup.                                                                           *)

\* walker: the leaf -> page.mapping. [page_anon_vma, in the caller]
ReadMapping(w) ==
  /\ At(w, "ReadMapping") /\ Become(w, [ReadLeaf(w) EXCEPT !.pc = "LockLeaf"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: lock free -> held: the leaf's own, "make sure the list is stable".
\* [spin_lock(&anon_vma->lock)]
LockLeaf(w) ==
  /\ At(w, "LockLeaf") /\ Take(w, thread[w].anon, [thread[w] EXCEPT !.pc = "ReadFirst"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: the cursor -> the first area on the leaf's list; none: there is no root.
\* [list_empty, list_first_entry]
ReadFirst(w) ==
  /\ At(w, "ReadFirst")
  /\ LET r == thread[w]  list == anon[r.anon].list IN
       Become(w, IF list = <<>> THEN [r EXCEPT !.root = None, !.pc = "UnlockLeaf"]
                 ELSE [r EXCEPT !.vma = Head(list), !.pc = "ReadTail"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: the root -> the last entry of that area's chain. If that is the leaf, its lock is held
\* already. [anon_vma_chain.prev]
ReadTail(w) ==
  /\ At(w, "ReadTail")
  /\ LET r    == thread[w]
         root == Last(vma[r.vma].chain)
         q    == [r EXCEPT !.root = root, !.vma = None, !.gone = "None"]
     IN Become(w, CASE r.gone = "Area" -> Oops(r, "FreedVMA")
                    [] r.gone # "Area" /\ vma[r.vma].chain = <<>> -> Oops(r, "EmptyChain")
                    [] OTHER -> IF root = r.anon THEN Locked(q) ELSE [q EXCEPT !.pc = "UnlockLeaf"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: held -> free. From here on nothing keeps the root. [spin_unlock(&anon_vma->lock)]
UnlockLeaf(w) ==
  /\ At(w, "UnlockLeaf") /\ Drop(w)
  /\ LET r == [thread[w] EXCEPT !.held = None] IN
       Become(w, IF r.root = None THEN Unlocked(r) ELSE [r EXCEPT !.pc = "LockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: lock free -> held: the root's. [spin_lock(&root->lock)]
LockRoot(w) ==
  /\ At(w, "LockRoot") /\ Take(w, thread[w].root, Locked(thread[w]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: held -> free; the walk is complete, or the reference taken or dropped.
\* [page_unlock_anon_vma; spin_unlock in rmap_walk_anon and drop_anon_vma]
UnlockRoot(w) ==
  /\ At(w, "UnlockRoot") /\ Drop(w)
  /\ LET r == [thread[w] EXCEPT !.held = None] IN
       Become(w, CASE r.phase # "Put"            -> AfterWalk(r)
                   [] r.phase = "Put" /\ r.empty -> [r EXCEPT !.pc = "FreeAnon"]
                   [] OTHER                      -> PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* References, which only walkers have; and the end of an object. An anon_vma keeps no reference on
   its root.                                                                                      *)

\* walker: refs -> refs + 1, under the lock, as from 2.6.38 on: so a migration is as safe as the
\* lock. [get_anon_vma, 1ce82b69e96c]
GetAnon(w) ==
  /\ At(w, "GetAnon")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
       /\ Become(w, [r EXCEPT !.pin = r.anon, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: refs -> refs - 1, unless it is the last: that goes under the lock.
\* [drop_anon_vma: atomic_dec_and_lock; docs/kernel.md, F7]
PutAnon(w) ==
  /\ At(w, "PutAnon")
  /\ LET r == thread[w]  last == anon[r.anon].refs <= 1 IN
       /\ anon' = IF last THEN anon ELSE [anon EXCEPT ![r.anon].refs = @ - 1]
       /\ Become(w, IF last THEN [r EXCEPT !.pc = "LockLeaf"] ELSE PutDone([r EXCEPT !.pin = None]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: refs -> refs - 1; is the object unused now? [drop_anon_vma]
PutLast(w) ==
  /\ At(w, "PutLast")
  /\ LET r      == thread[w]
         unused == anon[r.anon].refs = 1 /\ anon[r.anon].list = <<>>
         q      == [r EXCEPT !.pin = None, !.empty = unused]
     IN /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
        /\ Become(w, CASE r.held # None            -> [q EXCEPT !.pc = "UnlockRoot"]
                       [] r.held = None /\ unused  -> [q EXCEPT !.pc = "FreeAnon"]
                       [] OTHER                    -> PutDone(q))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* The object that t frees next.
Freed(t) == thread[t].anon

\* mm or walker: object live -> free. [anon_vma_free]
FreeAnon(t) ==
  /\ At(t, "FreeAnon") /\ Free(Freed(t))
  /\ LET r == [thread[t] EXCEPT !.empty = FALSE] IN
       Become(t, IF t \in MMs THEN [r EXCEPT !.pc = "UnlinkChain"] ELSE PutDone(r))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------

MMStep(m) ==
  \/ WorldStep(m) \/ LockPage(m) \/ UnlockPage(m)
  \/ AllocAnon(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
  \/ LockAdjust(m) \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w, "ReadMapping") \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w, "LockLeaf") \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ LockLeaf(w) \/ ReadFirst(w) \/ ReadTail(w) \/ UnlockLeaf(w) \/ LockRoot(w)
  \/ UnlockRoot(w)
  \/ NextEntry(w, "ReadStart") \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ GetAnon(w) \/ PutAnon(w) \/ PutLast(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* The threads run: a thread that is in an operation, and can step from some moment on, does. Nobody
\* has to begin an operation. The locks are fair: a thread that can take its lock again and again
\* does.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == \/ LockPage(t)
               \/ t \in MMs /\ (LockAnon(t) \/ LockAdjust(t))
               \/ t \in Walkers /\ (LockLeaf(t) \/ LockRoot(t))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

Init     == Start(0, 0) /\ HistoryStart
Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

----------------------------------------------------------------------------------------------------
(* What Claims asks of a protocol.                                                                *)

\* References are the walkers'.
TypeOK == TypesOK(Cardinality(Walkers))

\* What the next step of t touches although only the protocol keeps it: outside of a lookup, where
\* RCU does. A walker that has a reference instead of RCU is outside, too.
Touched(t) == LET r == thread[t]  outside == t \in MMs \/ Refers(r) IN
  CASE r.pc = "LockAnon"                             -> {r.anon, MMLock(Linked(r), r.anon)}
    [] r.pc = "LockAdjust"                           -> {MMLock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList"}           -> {r.anon}
    [] r.pc = "UnlockAnon"                          -> {r.held}
    [] r.pc \in {"PutAnon", "PutLast"}               -> {r.anon}
    [] r.pc = "UnlockAdjust"                         -> {r.held}
    [] outside /\ r.pc \in {"LockLeaf", "ReadFirst"} -> {r.anon}
    [] outside /\ r.pc = "LockRoot"                  -> {r.root}
    [] outside /\ r.pc = "NextEntry"                 -> {r.anon, r.held}
    [] outside /\ r.pc \in {"UnlockLeaf", "UnlockRoot"} -> {r.held}
    [] OTHER                                         -> {}

NoUseAfterFree == TouchesLive(Touched)
NoBadFree      == FreesUnused(Freed)

\* What TLC found no counterexample to, in the models below. Not proved.
THEOREM Spec => []TypeOK
THEOREM Spec => []NoMissedMapping
THEOREM Spec => []MappedReachable
THEOREM Spec => []WritersIsolated
THEOREM Spec => []LockSucceeds
THEOREM Spec => []UnlockMatchesLock
THEOREM Spec => []NothingHeldAtRest
THEOREM Spec => []NothingLeaked
THEOREM Spec => OperationDone
THEOREM Spec => []OneRoot

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Tiny          1    2       2     1       1     2     1         1 OnePage           578        967    45
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1407       2474    52
Map           1    2       2     2       1     2     3         1 Mapped           4362       7536    50
LivePair      2    2       2     1       2     1   any       any OnePage          5313      14986    52
LiveWeak      2    2       2     1       2     1   any       any OnePage          5313      14986    52
Graph         2    2       2     2       1     2     1         1 OnePage          6160      13022    61
Lost          2    3       2     1       1     2     2         1 OnePage         12854      31270    83
Edges         2    3       2     1       1     2     2         1 OnePage         16645      36845    86
Live          2    2       3     2       1     1   any       any Forked          18137      42264    84
Small         2    3       3     1       1     2     2         1 OnePage         23100      50850    85 symmetry
Anew          2    4       2     2       1     2     2         1 OnePage         26504      72018    31
NoFree        2    3       3     2       1     2     2         1 OnePage         31093      76650    55 symmetry
Recycle       2    3       2     2       1     1     2         1 OnePage         49945     117022    84
Pins          2    2       2     2       1     1     2         2 OnePage         66602     164914    66
Reborn        2    3       2     2       1     1     3         1 OnePage         90277     212082    84
Full          2    3       3     1       2     2     2         1 OnePage       9201090   29917040   108 symmetry
***************************************************************************************************)
