----------------------------------------- MODULE RwsemRoot -----------------------------------------
(***************************************************************************************************
Linux 7.2: as in RefcountedRoot the family's lock is the root's, and who cannot have it at once
sleeps with a reference on the leaf. But it is a readers-writer lock: walks of one family run beside
each other, and a process is alone. Every walk has the lock of its page throughout.

An anon_vma has its areas in an interval tree: `list` has the tree's order, by page offset, and what
was inserted later behind what has the same. A clone and an unlink take the lock once, for all
entries of a chain. Whose extent is stored to is out of its trees meanwhile. A fork may take an
ancestor instead of a new anon_vma: `children` and `active` say which. The object is freed before
its root.

A process that waits for readers stops new ones, as in an rwsem, where it is queued. It waits from
where it comes to the lock.

Source: anon_vma_clone, anon_vma_fork, unlink_anon_vmas, __put_anon_vma, anon_vma_free,
folio_lock_anon_vma_read, folio_get_anon_vma, rmap_walk_anon, vma_prepare, vma_complete of Linux
7.2; docs/kernel.md 4.

Other than the pages of the other protocols this one has most of MM's steps anew, as Linux has. What
is as before is named where it is: M, W, C.

Registers. Of a clone: pos counts the source's chain upwards while entries are made, and the new
chain downwards while they are inserted; root is what a fork has allocated beforehand. Of an unlink:
pos is the place in the chain of the entry in hand, behind those that were the last of their trees.
Of a lookup: as in RefcountedRoot. Of a put: empty, anon is to be freed; root, its root.
***************************************************************************************************)
EXTENDS History

M == INSTANCE MM
W == INSTANCE Walker
C == INSTANCE Claims

\* An anon_vma in trees.
NoTree == [live     |-> FALSE,  \* these five as in NoAnon
           root     |-> None,
           refs     |-> 0,
           lock     |-> None,   \* the thread that has its lock alone
           list     |-> <<>>,
           readers  |-> {},     \* the walkers that share its lock
           parent   |-> None,   \* what it was forked from; a root's is itself
           children |-> 0,      \* objects of which it is the parent; a root counts itself
           active   |-> 0]      \* areas whose anon it is

----------------------------------------------------------------------------------------------------
(* The lock.                                                                                      *)

\* The next step of t takes a family's lock for itself. Which one?
WantsAlone(t) == LET r == thread[t] IN
                 r.pc \in {"LockAnon", "LockAdjust"} \/ (r.pc = "LockRoot" /\ r.empty)
MMLock(v, a)  == anon[a].root
Wanted(t)     == LET r == thread[t] IN IF r.pc = "LockRoot" THEN r.root ELSE MMLock(r.vma, r.anon)

Waited(a)  == \E t \in Thread : WantsAlone(t) /\ Wanted(t) = a
MayRead(a) == anon[a].lock = None /\ ~(anon[a].readers # {} /\ Waited(a))

TakeAlone(t, a, r)  == /\ anon[a].lock = None /\ anon[a].readers = {}
                       /\ anon' = [anon EXCEPT ![a].lock = t]
                       /\ Become(t, [r EXCEPT !.held = a])
TakeShared(w, a, r) == /\ MayRead(a)
                       /\ anon' = [anon EXCEPT ![a].readers = @ \cup {w}]
                       /\ Become(w, [r EXCEPT !.held = a])
Leave(t)            == LET a == thread[t].held IN
                       anon' = IF t \in Walkers /\ anon[a].lock # t
                               THEN [anon EXCEPT ![a].readers = @ \ {t}]
                               ELSE [anon EXCEPT ![a].lock = None]
HasLock(t, a)       == anon[a].lock = t \/ t \in anon[a].readers

----------------------------------------------------------------------------------------------------
(* Trees.                                                                                         *)

\* The tree with area v, whose page offset is what `areas` says.
Insert(tree, v, areas) ==
  LET before == SelectSeq(tree, LAMBDA u : areas[u].pgoff <= areas[v].pgoff)
      behind == SelectSeq(tree, LAMBDA u : areas[u].pgoff > areas[v].pgoff)
  IN before \o <<v>> \o behind
Without(tree, v) == SelectSeq(tree, LAMBDA u : u # v)
Holds(v, index)  == vma[v].pgoff <= index /\ index < vma[v].pgoff + vma[v].end - vma[v].start

\* A sequence without its k-th element.
Cut(s, k) == SubSeq(s, 1, k - 1) \o SubSeq(s, k + 1, Len(s))

----------------------------------------------------------------------------------------------------
(* The process: operations begin.                                                                 *)

Map(m)        == /\ M!Map(m)
Fault(m)      == /\ M!Fault(m)
Fork(m)       == /\ M!Fork(m)
SplitBelow(m) == /\ M!SplitBelow(m)
SplitAbove(m) == /\ M!SplitAbove(m)

\* Where a dying area v, which is now as x says, goes next: to the lock that its anon_vma tells; to
\* what it was the last to use; or it ends.
Unlink(r, v, x) ==
  LET q == [r EXCEPT !.vma = v] IN
  CASE x.anon # None                  -> [q EXCEPT !.anon = x.anon, !.pc = "LockAnon"]
    [] x.anon = None /\ x.chain # <<>> -> [q EXCEPT !.anon = Head(x.chain), !.pc = "PutAnon"]
    [] OTHER                          -> [q EXCEPT !.anon = None, !.pc = "FreeVMA"]

\* The areas in S leave m.
Doom(m, op, first, S) ==
  LET filled == \E v \in S : \E i \in vma[v].start .. vma[v].end - 1 : pte[m][i].kind # "Empty"
      r      == [Begin(thread[m], op) EXCEPT !.vma = first]
  IN /\ vma' = [v \in VMAs |-> IF v \in S THEN [vma[v] EXCEPT !.life = "Detached"] ELSE vma[v]]
     /\ Become(m, IF filled THEN [r EXCEPT !.pc = "ZapEntry"] ELSE Unlink(r, first, vma[first]))

\* mm: one area Mapped -> Detached. Chooses the area. [do_vmi_munmap]
Unmap(m) ==
  /\ M!MMMayBegin(m, "Unmap")
  /\ \E v \in Areas(m) : Doom(m, "Unmap", v, {v})
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: all its areas Mapped -> Detached. [exit_mmap]
Exit(m) ==
  /\ M!MMMayBegin(m, "Exit") /\ Alive(m)
  /\ Doom(m, "Exit", LowestAddress(Areas(m)), Areas(m))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* The process: fork, split, fault.                                                               *)

\* The clone begins with the head of the source's chain.
Clone(r, src) == [r EXCEPT !.pos = 1, !.anon = Head(src.chain), !.pc = "LinkChain"]

\* mm: no area -> the next area Detached, a copy without a chain. [dup_mmap, __split_vma]
CopyVMA(m) ==
  /\ At(m, "CopyVMA")
  /\ LET r    == [thread[m] EXCEPT !.new = Pick(Unborn), !.births = @ - 1]
         old  == vma[r.vma]
         copy == [old EXCEPT !.life = "Detached", !.chain = <<>>]
     IN \/ /\ r.op = "Fork"
           /\ vma' = [vma EXCEPT ![r.new] = [copy EXCEPT !.mm = r.child, !.anon = None,
                                             !.life = IF old.anon = None THEN "Mapped" ELSE @]]
           /\ Become(m, IF old.anon = None THEN M!NextVMA(m, r)
                        ELSE [r EXCEPT !.pc = "AllocAnon"])
        \/ /\ r.op \in Splits
           /\ vma' = [vma EXCEPT ![r.new] =
                        IF r.op = "SplitBelow" THEN [copy EXCEPT !.end = r.slot]
                        ELSE [copy EXCEPT !.start = r.slot, !.pgoff = @ + r.slot - old.start]]
           /\ Become(m, IF old.anon = None THEN M!Store(r) ELSE Clone(r, old))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: free object -> live, its own root and parent. A new root counts itself as a child. A fork
\* keeps it aside until its clone has found no ancestor. Chooses the object.
\* [anon_vma_alloc; __anon_vma_prepare, anon_vma_fork]
AllocAnon(m) ==
  /\ At(m, "AllocAnon")
  /\ \E a \in {b \in Objects : ~anon[b].live} :
       LET r    == [thread[m] EXCEPT !.need = @ - 1]
           fork == r.op = "Fork"
       IN /\ anon' = [anon EXCEPT ![a].live = TRUE, ![a].root = a, ![a].parent = a, ![a].refs = 1,
                                  ![a].children = IF fork THEN 0 ELSE 1, ![a].active = 0]
          /\ Become(m, IF fork THEN [Clone(r, vma[r.vma]) EXCEPT !.root = a]
                       ELSE [r EXCEPT !.anon = a, !.pc = "LockAnon"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: what the fork has allocated -> of the parent's family, and the root's refs -> refs + 1: the
\* parent's area keeps the root. [anon_vma_fork: root, parent, get_anon_vma]
PinRoot(m) ==
  /\ At(m, "PinRoot")
  /\ LET a      == thread[m].anon
         parent == vma[thread[m].vma].anon
         root   == anon[parent].root
     IN anon' = [anon EXCEPT ![a].root = root, ![a].parent = parent, ![root].refs = @ + 1]
  /\ Become(m, [thread[m] EXCEPT !.pc = "LinkChain"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: entry (v,a) off the chain -> at its head. In a prepare, under the lock, and for the child's
\* own the area has its anon_vma with that. The other entries of a clone follow one another, in the
\* order of the source: so the copy has the opposite one.
\* [anon_vma_chain_assign in anon_vma_clone, anon_vma_fork, __anon_vma_prepare]
LinkChain(m) ==
  /\ At(m, "LinkChain")
  /\ LET r     == thread[m]
         v     == Linked(r)
         chain == <<r.anon>> \o vma[v].chain
         src   == vma[r.vma]
         clone == r.pos > 0
     IN /\ vma'  = [vma EXCEPT ![v].chain = chain, ![v].anon = IF clone THEN @ ELSE r.anon]
        /\ anon' = IF clone THEN anon ELSE [anon EXCEPT ![r.anon].active = @ + 1]
        /\ Become(m, CASE r.op = "Fault" -> [r EXCEPT !.pc = "LinkList"]
                       [] r.op # "Fault" /\ ~clone -> [r EXCEPT !.pc = "LockAnon"]
                       [] clone -> IF r.pos < Len(src.chain)
                                   THEN [r EXCEPT !.pos = @ + 1, !.anon = src.chain[r.pos + 1]]
                                   ELSE [r EXCEPT !.anon = src.anon, !.pc = "LockAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: lock free -> held alone, once for all entries. [anon_vma_lock_write]
LockAnon(m) ==
  /\ At(m, "LockAnon")
  /\ LET r == thread[m]
         c == vma[Linked(r)].chain
     IN TakeAlone(m, MMLock(r.vma, r.anon),
          CASE r.op = "Fault"                -> [r EXCEPT !.pc = "LinkChain"]
            [] r.op \in {"Unmap", "Exit"}    -> [r EXCEPT !.pos = 1, !.anon = c[1],
                                                          !.pc = "UnlinkList"]
            [] Building(r) /\ r.pos = 0      -> [r EXCEPT !.pc = "LinkList"]
            [] Building(r) /\ r.pos # 0      -> [r EXCEPT !.anon = c[r.pos], !.pc = "LinkList"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* A fork takes an ancestor instead of a new anon_vma: no area has its new pages there, and at most
\* one child does not. [maybe_reuse_anon_vma]
Reuses(a) == anon[a].active = 0 /\ anon[a].children <= 1

\* mm: entry (v,a) not in the tree of a -> in it. With the child's own its parent has one child
\* more. [anon_vma_interval_tree_insert in anon_vma_clone, anon_vma_fork, __anon_vma_prepare]
LinkList(m) ==
  /\ At(m, "LinkList")
  /\ LET r     == thread[m]
         v     == Linked(r)
         a     == r.anon
         clone == r.pos > 0
         last  == r.pos = 1
         taken == clone /\ r.op = "Fork" /\ vma[v].anon = None /\ Reuses(a)
         in    == [anon EXCEPT ![a].list = Insert(@, v, vma)]
     IN /\ anon' = CASE r.op = "Fault"              -> in
                     [] r.op = "Fork" /\ ~clone     -> [in EXCEPT ![anon[a].parent].children = @ + 1]
                     [] r.op = "Fork" /\ clone      -> IF taken THEN [in EXCEPT ![a].active = @ + 1]
                                                       ELSE in
                     [] OTHER -> IF last THEN [in EXCEPT ![vma[v].anon].active = @ + 1] ELSE in
        /\ vma' = IF taken THEN [vma EXCEPT ![v].anon = a] ELSE vma
        /\ Become(m, CASE ~clone          -> [r EXCEPT !.pc = "UnlockAnon"]
                       [] clone /\ ~last  -> [r EXCEPT !.pos = @ - 1,
                                                       !.anon = vma[v].chain[r.pos - 1]]
                       [] clone /\ last   -> [r EXCEPT !.pos = 0, !.anon = vma[r.vma].anon,
                                                       !.pc = "UnlockAnon"])
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* The child's area is complete: its entries follow, or the next area.
Complete(m, r) ==
  LET todo == M!ToCopy(m, r.vma, vma[r.vma].start)
      q    == [r EXCEPT !.anon = None]
  IN /\ vma' = [vma EXCEPT ![r.new].life = "Mapped"]
     /\ Become(m, IF todo = {} THEN M!NextVMA(m, q)
                  ELSE [q EXCEPT !.slot = Lowest(todo), !.pc = "CopyEntry"])

\* mm: held -> free; then what follows. After the clone of a fork: what was allocated is put if an
\* ancestor was taken. [anon_vma_unlock_write]
UnlockAnon(m) ==
  /\ At(m, "UnlockAnon") /\ Leave(m)
  /\ LET r      == [thread[m] EXCEPT !.held = None]
         cloned == r.op = "Fork" /\ r.root # None
     IN IF r.op = "Fork" /\ ~cloned THEN Complete(m, r)
        ELSE /\ UNCHANGED vma
             /\ Become(m,
                  CASE r.op = "Fault"   -> [r EXCEPT !.anon = None, !.pc = "MapPage"]
                    [] cloned           -> [r EXCEPT !.anon = r.root, !.root = None,
                                              !.pc = IF vma[r.new].anon = None THEN "PinRoot"
                                                     ELSE "PutAnon"]
                    [] r.op \in Splits  -> M!LockAndStore(r)
                    [] OTHER            -> Unlink(r, r.vma, vma[r.vma]))
  /\ UNCHANGED <<page, pte>> /\ Record(m)

CopyEntry(m)  == /\ M!CopyEntry(m)
MapPage(m)    == /\ M!MapPage(m)
CheckOwn(m)   == /\ M!CheckOwn(m)
MovePage(m)   == /\ M!MovePage(m)
AllowWrite(m) == /\ M!AllowWrite(m)

----------------------------------------------------------------------------------------------------
(* The process: an extent is stored to.                                                           *)

\* mm: lock free -> held alone, around the stores. [vma_prepare: anon_vma_lock_write]
LockAdjust(m) ==
  /\ At(m, "LockAdjust")
  /\ TakeAlone(m, MMLock(thread[m].vma, thread[m].anon), [thread[m] EXCEPT !.pc = "TakeOut"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* mm: the area in its trees -> in none. [anon_vma_interval_tree_pre_update_vma]
TakeOut(m) ==
  /\ At(m, "TakeOut")
  /\ LET r == thread[m]  in == Members(vma[r.vma].chain) IN
       /\ anon' = [a \in Objects |->
                     IF a \in in THEN [anon[a] EXCEPT !.list = Without(@, r.vma)] ELSE anon[a]]
       /\ Become(m, [r EXCEPT !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

\* The new area joins its process in the step of the last store.
Finish(m, stored) ==
  LET r == thread[m] IN
  /\ vma' = [vma EXCEPT ![r.vma] = stored, ![r.new].life = "Mapped"]
  /\ Become(m, IF r.held # None THEN [r EXCEPT !.pc = "PutBack"] ELSE EndMM(r))

StoreStart(m) == /\ M!StoreStart(m)

\* mm: pgoff -> what belongs to the new start. [vma_set_range]
StorePgoff(m) ==
  /\ At(m, "StorePgoff")
  /\ LET r == thread[m]  n == vma[r.new] IN
       Finish(m, [vma[r.vma] EXCEPT !.pgoff = n.pgoff + r.slot - n.start])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: end -> where it is cut. [vma_set_range]
StoreEnd(m) ==
  /\ At(m, "StoreEnd")
  /\ Finish(m, [vma[thread[m].vma] EXCEPT !.end = thread[m].slot])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: the area in no tree -> in all of its chain. [anon_vma_interval_tree_post_update_vma]
PutBack(m) ==
  /\ At(m, "PutBack")
  /\ LET r == thread[m]  in == Members(vma[r.vma].chain) IN
       /\ anon' = [a \in Objects |->
                     IF a \in in THEN [anon[a] EXCEPT !.list = Insert(@, r.vma, vma)] ELSE anon[a]]
       /\ Become(m, [r EXCEPT !.pc = "UnlockAdjust"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

UnlockAdjust(m) == /\ M!UnlockAdjust(m)

----------------------------------------------------------------------------------------------------
(* The process: areas die.                                                                        *)

\* mm: the lowest filled entry of the dying areas -> empty. [zap_pte_range]
ZapEntry(m) ==
  /\ At(m, "ZapEntry")
  /\ LET r      == thread[m]
         filled == {i \in Slot : pte[m][i].kind # "Empty" /\ \E v \in Doomed(m) : Covers(v, i)}
         first  == LowestAddress(Doomed(m))
     IN /\ pte' = [pte EXCEPT ![m][Lowest(filled)] = NoPTE]
        /\ Become(m, IF Many(filled, 2) THEN r ELSE Unlink(r, first, vma[first]))
  /\ UNCHANGED <<vma, anon, page>> /\ Record(m)

\* mm: entry (v,a) in the tree of a -> out of it, and freed. But the entry of a tree that is empty
\* now is kept: its anon_vma, which its parent does not count any more, is put without the lock.
\* With the last entry the area has no anon_vma. [unlink_anon_vmas, first pass]
UnlinkList(m) ==
  /\ At(m, "UnlinkList")
  /\ LET r     == thread[m]
         x     == vma[r.vma]
         rest  == Without(anon[r.anon].list, r.vma)
         empty == rest = <<>>
         chain == IF empty THEN x.chain ELSE Cut(x.chain, r.pos)
         pos   == IF empty THEN r.pos + 1 ELSE r.pos
         over  == pos > Len(chain)
         out   == [anon EXCEPT ![r.anon].list = rest]
         less  == IF empty THEN [out EXCEPT ![anon[r.anon].parent].children = @ - 1] ELSE out
         q     == IF over THEN [r EXCEPT !.pos = 0, !.anon = x.anon, !.pc = "UnlockAnon"]
                  ELSE [r EXCEPT !.pos = pos, !.anon = chain[pos]]
     IN /\ anon'   = IF over THEN [less EXCEPT ![x.anon].active = @ - 1] ELSE less
        /\ vma'    = [vma EXCEPT ![r.vma].chain = chain, ![r.vma].anon = IF over THEN None ELSE @]
        /\ thread' = M!LoseEntry([thread EXCEPT ![m] = q], r.vma, r.anon)
  /\ UNCHANGED <<page, pte>> /\ Record(m)

\* mm: an entry that was kept, on the chain -> off it and freed; then the next.
\* [unlink_anon_vmas, second pass]
UnlinkChain(m) ==
  /\ At(m, "UnlinkChain")
  /\ LET r == thread[m]  x == [vma[r.vma] EXCEPT !.chain = Tail(@)] IN
       /\ vma' = [vma EXCEPT ![r.vma] = x]
       /\ Become(m, Unlink(r, r.vma, x))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: Detached -> no area; then the next area that dies. [remove_vma]
FreeVMA(m) ==
  /\ At(m, "FreeVMA")
  /\ LET r    == thread[m]
         rest == Doomed(m) \ {r.vma}
         next == LowestAddress(rest)
         q    == IF rest = {} THEN EndMM(r) ELSE Unlink(r, next, vma[next])
     IN /\ vma'    = [vma EXCEPT ![r.vma] = NoVMA]
        /\ thread' = M!LoseArea([thread EXCEPT ![m] = q], r.vma)
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* The walker: operations begin. A walk locks its page first.                                     *)

Walk(w)       == /\ W!Walk(w, "LockPage")
Migrate(w)    == /\ W!Migrate(w)
Pin(w)        == /\ W!Pin(w)
WalkPinned(w) == /\ W!WalkPinned(w, "ReadRoot")
Unpin(w)      == /\ W!Unpin(w)
LockPage(t)   == /\ W!LockPage(t)
UnlockPage(t) == /\ W!UnlockPage(t)

AfterWalk(r) == IF r.phase # "Plain" THEN W!AfterWalk(r)
                ELSE [r EXCEPT !.anon = None, !.root = None, !.pc = "UnlockPage"]

----------------------------------------------------------------------------------------------------
(* The walker: the lookup.                                                                        *)

\* walker: the leaf -> page.mapping. In phase Two nobody asks whether the page is mapped.
\* [folio_anon_vma]
ReadMapping(w) ==
  /\ At(w, "ReadMapping")
  /\ Become(w, [W!ReadLeaf(w) EXCEPT
                  !.pc = IF thread[w].phase = "Two" THEN "ReadRoot" ELSE "CheckMapped"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: gives the attempt up if no entry maps the page. A migration wants a reference, and no
\* lock. [folio_mapped in folio_lock_anon_vma_read, folio_get_anon_vma]
CheckMapped(w) ==
  /\ At(w, "CheckMapped")
  /\ LET r == thread[w] IN
       Become(w, IF ~IsMapped(r.page) THEN AfterWalk(r)
                 ELSE [r EXCEPT !.pc = IF r.phase = "Get" THEN "GetUnlessZero" ELSE "ReadRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: the root -> the leaf's, whatever the leaf is by now. [folio_lock_anon_vma_read]
ReadRoot(w) ==
  /\ At(w, "ReadRoot")
  /\ LET r == thread[w] IN
       Become(w, [r EXCEPT !.root = anon[r.anon].root,
                           !.pc = IF r.root = None /\ ~Refers(r) THEN "TryRoot" ELSE "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: shares the root's lock, or goes on without. [down_read_trylock]
TryRoot(w) ==
  /\ At(w, "TryRoot")
  /\ LET r == thread[w] IN
       IF MayRead(r.root) THEN TakeShared(w, r.root, [r EXCEPT !.pc = "RecheckMapped"])
       ELSE Become(w, [r EXCEPT !.pc = "GetUnlessZero"]) /\ UNCHANGED anon
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: the leaf's refs -> refs + 1, unless there is none. [atomic_inc_not_zero]
GetUnlessZero(w) ==
  /\ At(w, "GetUnlessZero")
  /\ LET r == thread[w] IN
       IF anon[r.anon].refs = 0 THEN Become(w, AfterWalk(r)) /\ UNCHANGED anon
       ELSE /\ anon' = [anon EXCEPT ![r.anon].refs = @ + 1]
            /\ Become(w, [r EXCEPT !.pc = "RecheckMapped"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: with the lock, or with the reference: gives up if no entry maps the page. A migration
\* has its reference then. [folio_mapped, the second look]
RecheckMapped(w) ==
  /\ At(w, "RecheckMapped")
  /\ LET r == thread[w]  mapped == IsMapped(r.page)  locked == r.held # None IN
       Become(w, CASE mapped /\ locked   -> W!Locked(r)
                   [] mapped /\ ~locked  -> IF r.phase # "Get" THEN [r EXCEPT !.pc = "ReadRoot"]
                                            ELSE AfterWalk([r EXCEPT !.pin = r.anon])
                   [] ~mapped /\ locked  -> [r EXCEPT !.pc = "UnlockRoot"]
                   [] ~mapped /\ ~locked -> [r EXCEPT !.root = None, !.pc = "PutAnon"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* mm or walker: shares the root's lock; who is to free an object has it alone, and only waits for
\* those that had it. [anon_vma_lock_read; anon_vma_free]
LockRoot(t) ==
  /\ At(t, "LockRoot")
  /\ LET r == thread[t] IN
       IF r.empty THEN TakeAlone(t, r.root, [r EXCEPT !.pc = "UnlockRoot"])
       ELSE TakeShared(t, r.root, IF Refers(r) THEN W!Locked(r) ELSE [r EXCEPT !.pc = "DropRef"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* walker: with the lock: the leaf's refs -> refs - 1. If that was the last reference, the leaf is
\* to be freed: a failed attempt. [folio_lock_anon_vma_read: atomic_dec_and_test]
DropRef(w) ==
  /\ At(w, "DropRef")
  /\ LET r == thread[w] IN
       /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
       /\ Become(w, IF anon[r.anon].refs > 1 THEN W!Locked(r)
                    ELSE [r EXCEPT !.empty = TRUE, !.root = None, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: cursor -> the next area in the tree that has the page's offset, or the end. A walk of
\* what is pinned goes through the whole tree. [anon_vma_interval_tree_foreach]
NextEntry(w) ==
  /\ At(w, "NextEntry")
  /\ LET r == thread[w]
         s == anon[r.anon].list
         k == IF r.vma \in Members(s) THEN Place(s, r.vma) ELSE 0
         found == {j \in k + 1 .. Len(s) : r.phase = "Pinned" \/ Holds(s[j], page[r.page].index)}
     IN Become(w, CASE r.gone # "None" -> Oops(r, "UnlinkedEntry")
                    [] r.gone = "None" ->
                         IF found # {} THEN [r EXCEPT !.vma = s[Lowest(found)], !.pc = "ReadStart"]
                         ELSE [r EXCEPT !.vma = None, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

ReadStart(w) == /\ W!ReadStart(w)
ReadPgoff(w) == /\ W!ReadPgoff(w)
Visit(w)     == /\ W!Visit(w)

----------------------------------------------------------------------------------------------------
(* References, and the end of an object: itself first, then its root.                             *)

\* What follows a put by a walker.
PutOver(w, r) == IF r.phase = "Put" THEN W!PutDone(r) ELSE AfterWalk(r)

\* A thread's put is over.
Over(t, r) == LET q == [r EXCEPT !.root = None] IN
  CASE t \in Walkers              -> Become(t, PutOver(t, q)) /\ UNCHANGED vma
    [] t \in MMs /\ q.new # None  -> Complete(t, q)
    [] t \in MMs /\ q.new = None  -> Become(t, [q EXCEPT !.pc = "UnlinkChain"]) /\ UNCHANGED vma

\* mm or walker: refs -> refs - 1. The thread that drops the last reference frees.
\* [put_anon_vma, __put_anon_vma]
PutAnon(t) ==
  /\ At(t, "PutAnon")
  /\ LET r == IF t \in Walkers /\ thread[t].phase = "Put" THEN [thread[t] EXCEPT !.pin = None]
              ELSE thread[t]
     IN /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
        /\ IF anon[r.anon].refs = 1
           THEN Become(t, [r EXCEPT !.empty = TRUE, !.pc = "CheckUnlocked"]) /\ UNCHANGED vma
           ELSE Over(t, r)
  /\ UNCHANGED <<page, pte>> /\ Record(t)

\* mm or walker: has anybody the lock of the root of what is to be freed? Then a walker may have got
\* it that has not yet looked whether its page is mapped. [anon_vma_free: rwsem_is_locked]
CheckUnlocked(t) ==
  /\ At(t, "CheckUnlocked")
  /\ LET root == anon[thread[t].anon].root
         free == anon[root].lock = None /\ anon[root].readers = {}
     IN Become(t, [thread[t] EXCEPT !.root = root, !.pc = IF free THEN "FreeAnon" ELSE "LockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(t)

\* mm or walker: held -> free; the walk is complete, or the attempt has failed, or those that had
\* the lock are gone; or the leaf, whose last reference went under the lock, is to be freed.
\* [anon_vma_unlock_read; anon_vma_unlock_write in anon_vma_free]
UnlockRoot(t) ==
  /\ At(t, "UnlockRoot") /\ Leave(t)
  /\ LET r == [thread[t] EXCEPT !.held = None] IN
       Become(t, IF ~r.empty THEN AfterWalk(r)
                 ELSE [r EXCEPT !.pc = IF r.root = None THEN "CheckUnlocked" ELSE "FreeAnon"])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

Freed(t) == thread[t].anon

\* mm or walker: object live -> free; then its reference on its root goes.
\* [kmem_cache_free in anon_vma_free; __put_anon_vma]
FreeAnon(t) ==
  /\ At(t, "FreeAnon")
  /\ anon' = [anon EXCEPT ![Freed(t)].live = FALSE, ![Freed(t)].parent = None,
                          ![Freed(t)].children = 0, ![Freed(t)].active = 0]
  /\ LET r == [thread[t] EXCEPT !.empty = FALSE] IN
       IF r.root # r.anon
       THEN Become(t, [r EXCEPT !.anon = r.root, !.root = None, !.pc = "PutAnon"]) /\ UNCHANGED vma
       ELSE Over(t, r)
  /\ UNCHANGED <<page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------

Rest == /\ C!Rest

MMStep(m) ==
  \/ Map(m) \/ Fault(m) \/ Fork(m) \/ Unmap(m) \/ Exit(m) \/ SplitBelow(m) \/ SplitAbove(m)
  \/ CopyVMA(m) \/ LinkChain(m) \/ CopyEntry(m)
  \/ MapPage(m) \/ CheckOwn(m) \/ MovePage(m) \/ AllowWrite(m) \/ LockPage(m) \/ UnlockPage(m)
  \/ ZapEntry(m) \/ UnlinkChain(m) \/ FreeVMA(m)
  \/ LockAdjust(m) \/ TakeOut(m) \/ StoreStart(m) \/ StorePgoff(m) \/ StoreEnd(m) \/ PutBack(m)
  \/ UnlockAdjust(m)
  \/ AllocAnon(m) \/ PinRoot(m) \/ LockAnon(m) \/ LinkList(m) \/ UnlinkList(m) \/ UnlockAnon(m)
  \/ PutAnon(m) \/ CheckUnlocked(m) \/ LockRoot(m) \/ UnlockRoot(m) \/ FreeAnon(m)
WalkerStep(w) ==
  \/ Walk(w) \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w) \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ TryRoot(w) \/ GetUnlessZero(w)
  \/ RecheckMapped(w) \/ LockRoot(w) \/ DropRef(w) \/ UnlockRoot(w)
  \/ NextEntry(w) \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ PutAnon(w) \/ CheckUnlocked(w) \/ FreeAnon(w)
Next == (\E m \in MMs : MMStep(m)) \/ (\E w \in Walkers : WalkerStep(w)) \/ Rest

\* As in RefcountedRoot. TryRoot never waits.
Step(t)     == (t \in MMs /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
LockStep(t) == LockPage(t) \/ LockRoot(t) \/ (t \in MMs /\ (LockAnon(t) \/ LockAdjust(t)))
FairThreads == \A t \in Thread : WF_vars(~IsIdle(t) /\ Step(t))
FairLocks   == \A t \in Thread : SF_vars(LockStep(t))

\* The initial state is that of the others, with what trees have besides.
TreesStart ==
  LET m1    == Pick(MMs)
      v1    == Pick(VMAs)     v2 == Pick(VMAs \ {v1})
      a1    == Pick(Objects)  a2 == Pick(Objects \ {a1})
      pair  == Layout = "Forked"
      root  == [NoTree EXCEPT !.live = TRUE, !.root = a1, !.refs = IF pair THEN 2 ELSE 1,
                              !.list = IF pair THEN <<v1, v2>> ELSE <<v1>>, !.parent = a1,
                              !.children = IF pair THEN 2 ELSE 1, !.active = 1]
      child == [NoTree EXCEPT !.live = TRUE, !.root = a1, !.refs = 1, !.list = <<v2>>,
                              !.parent = a1, !.active = 1]
  IN anon = [a \in Objects |-> IF a = a1 /\ Layout # "Mapped" THEN root
                               ELSE IF pair /\ a = a2 THEN child ELSE NoTree]
World == INSTANCE AnonVMA WITH anon <- [a \in Objects |->
           [x \in DOMAIN NoAnon |-> anon[a][x]]]

Init     == TreesStart /\ World!Start(1, 1) /\ HistoryStart
Spec     == Init /\ [][Next]_vars
WeakSpec == Spec /\ FairThreads
LiveSpec == Spec /\ FairThreads /\ FairLocks

----------------------------------------------------------------------------------------------------
(* What is claimed. What trees and a shared lock change is said here, the rest is Claims'.        *)

\* References are the tree's, two of each walker, and the other objects'.
Trees      == [live: BOOLEAN, root: C!Or(Objects), refs: Nat, lock: C!Or(Thread), list: Seq(VMAs),
               readers: SUBSET Walkers, parent: C!Or(Objects), children: 0 .. Cardinality(Objects),
               active: 0 .. Cardinality(VMAs)]
TreeTypeOK == /\ anon \in [Objects -> Trees]
              /\ \A a \in Objects : /\ anon[a].refs <= 2 * Cardinality(Walkers)
                                                         + Cardinality(Objects)
                                    /\ C!Distinct(anon[a].list)
\* The registers have their ranges from there; two steps are new.
AsThere(r) == IF r.pc \in {"TakeOut", "PutBack"} THEN [r EXCEPT !.pc = "StoreEnd"] ELSE r
RegistersOK ==
  /\ DOMAIN thread = Thread
  /\ \A m \in MMs     : /\ AsThere(thread[m]) \in C!MMRegisters
                        /\ IsIdle(m) => thread[m] = EndMM(thread[m])
  /\ \A w \in Walkers : /\ thread[w] \in C!WalkerRegisters
                        /\ IsIdle(w) => thread[w] = EndWalker(thread[w])
                        /\ thread[w].pc = "Oopsed" <=> thread[w].oops # "None"
  /\ \A t \in Thread  : IsIdle(t) <=> thread[t].op = "None"
TypeOK == /\ C!VMATypeOK /\ TreeTypeOK /\ C!PageTypeOK /\ C!PTETypeOK
          /\ RegistersOK /\ C!HistoryTypeOK

NoMissedMapping     == C!NoMissedMapping
NoRecycledTrusted   == C!NoRecycledTrusted
WritersIsolated     == C!WritersIsolated
LockSucceeds        == C!LockSucceeds
NothingLeaked       == C!NothingLeaked
LockedIsRoot        == C!LockedIsRoot
RootFreedLast       == C!RootFreedLast
WalkTerminates      == C!WalkTerminates
OperationTerminates == C!OperationTerminates

\* While an area is out of its trees they lead to none of its entries.
LeafReaches     == \A e \in C!InUse : \/ thread[e[1]].pc \in C!StoreSteps \cup {"PutBack"}
                                      \/ C!Mapping(e) # None /\ \E v \in VMAs : C!Leads(v, e)
MappedReachable == C!LeafLive /\ LeafReaches

\* Which trees does the next step of m change?
Edited(m)       == LET r == thread[m] IN
                   CASE r.pc \in C!EditSteps              -> {r.anon}
                     [] r.pc \in {"TakeOut", "PutBack"}   -> Members(vma[r.vma].chain)
                     [] OTHER                             -> {}
NoEditUnderRead == \A m \in MMs : \A t \in Thread \ {m} :
                     /\ thread[t].pc \in C!ReadSteps => thread[t].anon \notin Edited(m)
                     /\ t \in MMs => Edited(t) \cap Edited(m) = {}
ListStable      == NoEditUnderRead /\ C!NoChainEditUnderRead

UnlockMatchesLock == \A t \in Thread : LET r == thread[t] IN
  /\ r.pc \in {"UnlockAnon", "UnlockAdjust", "UnlockRoot"} => HasLock(t, r.held)
  /\ r.pc = "UnlockPage" => page[r.page].lock = t
NothingHeldAtRest == \A t \in Thread : IsIdle(t) =>
  /\ \A a \in Objects : ~HasLock(t, a)
  /\ \A p \in Pages : page[p].lock # t

\* Of two areas of one process with one anon_vma the chains have the same members.
OneChain         == \A u, v \in C!Resting : LET x == vma[u]  y == vma[v] IN
                      x.mm = y.mm /\ x.anon = y.anon => Members(x.chain) = Members(y.chain)
ChainsMatchLists == C!AnonInChain /\ C!ChainListed /\ C!ListChained /\ OneChain

\* Walkers share the lock: there is no HolderAlone.
IsInside(t)     == LET r == thread[t] IN
                   /\ r.anon # None
                   /\ IF t \in MMs THEN Edited(t) # {} \/ r.held # None
                      ELSE r.pc \in C!ReadSteps \/ (r.pc \in C!HoldSteps /\ r.held # None)
Family(t)       == IF IsInside(t) THEN anon[thread[t].anon].root ELSE None
WriterAlone     == \A m \in MMs : Family(m) = None \/
                                  \A u \in Thread \ {m} : Family(u) # Family(m)
MutualExclusion == WriterAlone

\* The same from outside: the protocol implements one lock per family, which walkers share, and which
\* is taken and given back in one step each.
Rwlock     == INSTANCE FamilyRwlock WITH Threads <- Thread, Readers <- Walkers, Families <- Objects,
                                         inside <- [t \in Thread |-> Family(t)]
Refinement == Rwlock!Spec

\* What a fork owes: the child is linked to all that the parent is linked to. It has an anon_vma of
\* its own, or one of the parent's that does not get the parent's new pages. A split: as in Claims,
\* except for the order of the chain.
Inherited(y, x) ==
  LET own == y.anon \notin Members(x.chain) IN
  /\ Members(x.chain) \subseteq Members(y.chain) /\ y.anon \in Members(y.chain) /\ y.anon # x.anon
  /\ Len(y.chain) = Len(x.chain) + (IF own THEN 1 ELSE 0)
Copied(m, c, v, n) ==
  LET x == vma'[v]  y == vma'[n] IN
  /\ y.life = "Mapped" /\ y.mm = c
  /\ y.start = x.start /\ y.end = x.end /\ y.pgoff = x.pgoff
  /\ IF x.anon = None THEN y.anon = None
     ELSE /\ Inherited(y, x)
          /\ \A i \in x.start .. x.end - 1 : /\ pte'[c][i].page = pte'[m][i].page
                                            /\ ~pte'[c][i].writable /\ ~pte'[m][i].writable
ForkDone(m) == \A v \in Areas(m)' : \E n \in VMAs : Copied(m, thread[m].child, v, n)
SplitDone(m) ==
  LET r    == thread[m]
      at   == r.slot
      low  == IF r.op = "SplitBelow" THEN r.new ELSE r.vma
      high == IF r.op = "SplitBelow" THEN r.vma ELSE r.new
      x    == vma'[low]
      y    == vma'[high]
  IN /\ {low, high} \subseteq Areas(m)'
     /\ x.start < at /\ x.end = at /\ y.start = at /\ at < y.end
     /\ y.pgoff = x.pgoff + at - x.start /\ x.anon = y.anon
     /\ Members(x.chain) = Members(y.chain) /\ Len(x.chain) = Len(y.chain)
DidItsWork(t) == LET op == thread[t].op IN
                 CASE op = "Fork"   -> ForkDone(t)
                   [] op \in Splits -> SplitDone(t)
                   [] OTHER         -> C!DidItsWork(t)
OperationDone == [][\A t \in Thread : C!Ends(t) => DidItsWork(t)]_vars

\* A fork that has cloned a chain takes an ancestor exactly if one is free: nobody else has it as
\* area's anon_vma, and at most one child is in use. Counted anew: what is stored may be wrong. What
\* it makes instead is a child of the forked area's anon_vma. Between operations both counts of an
\* object in use are exact.
Cloned(m)       == LET r == thread[m] IN r.pc = "UnlockAnon" /\ r.op = "Fork" /\ r.root # None
IsFree(a, but)  == /\ \A v \in VMAs \ {but} : vma[v].anon # a
                   /\ ~Many({b \in Objects : anon[b].parent = a /\ anon[b].list # <<>>}, 2)
NoneLeft        == \A m \in MMs : LET n == thread[m].new IN Cloned(m) /\ vma[n].anon = None =>
                     \A a \in Members(vma[n].chain) : ~IsFree(a, n)
TakenFree       == \A m \in MMs : LET n == thread[m].new IN Cloned(m) /\ vma[n].anon # None =>
                     IsFree(vma[n].anon, n)
ParentNamed     == \A m \in MMs : LET r == thread[m] IN
                     r.pc = "LinkList" /\ r.op = "Fork" /\ r.pos = 0 =>
                       anon[r.anon].parent = vma[r.vma].anon
CountsExact     == (\A m \in MMs : C!IsIdle(m)) => \A a \in Objects : anon[a].list # <<>> =>
                     /\ anon[a].active = Cardinality({v \in VMAs : vma[v].anon = a})
                     /\ anon[a].children =
                          Cardinality({b \in Objects : anon[b].parent = a /\ anon[b].list # <<>>})
AncestorsReused == NoneLeft /\ TakenFree /\ ParentNamed /\ CountsExact

\* A tree has its areas in the order of their page offsets, and an area is in no tree while its
\* extent is stored to.
InOrder         == \A a \in Objects : \A i \in 2 .. Len(anon[a].list) :
                     vma[anon[a].list[i - 1]].pgoff <= vma[anon[a].list[i]].pgoff
OutWhileStored  == \A m \in MMs : thread[m].pc \in C!StoreSteps =>
                     \A a \in Objects : thread[m].vma \notin Members(anon[a].list)
TreesSorted     == InOrder /\ OutWhileStored

\* What the next step of t touches although only the protocol keeps it: as in RefcountedRoot; and
\* the parent whose children are counted.
Counted(r) == IF (r.pc = "UnlinkList" /\ Len(anon[r.anon].list) = 1)
                 \/ (r.pc = "LinkList" /\ r.op = "Fork" /\ r.pos = 0)
              THEN {anon[r.anon].parent} ELSE {}
Touched(t) == LET r == thread[t]  outside == t \in MMs \/ Refers(r) IN
  CASE r.pc = "LockAnon"                               -> {r.anon, MMLock(r.vma, r.anon)}
    [] r.pc = "LockAdjust"                             -> {MMLock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList"}             -> {r.anon} \cup Counted(r)
    [] r.pc = "DropRef"                                -> {r.anon}
    [] r.pc = "PinRoot"                                -> {r.anon, anon[vma[r.vma].anon].root}
    [] r.pc = "PutAnon"                                -> {r.anon}
    [] r.pc = "CheckUnlocked"                          -> {anon[r.anon].root}
    [] r.pc \in {"UnlockAnon", "UnlockAdjust"}         -> {r.held}
    [] r.pc = "LockRoot"                               -> {r.root}
    [] r.pc = "NextEntry"                              -> {r.anon, r.held}
    [] r.pc = "ReadRoot" /\ (outside \/ r.root # None) -> {r.anon}
    [] r.pc = "UnlockRoot" /\ outside                  -> {r.held}
    [] OTHER                                           -> {}
NoUseAfterFree == C!TouchesLive(Touched)

FreesUnlocked(freed(_)) == \A t \in C!Freeing : LET o == anon[freed(t)] IN
                             /\ o.lock = None \/ C!LateLookup(o.lock)
                             /\ \A w \in o.readers : C!LateLookup(w)
FreesUnused(freed(_))   == /\ C!FreesLive(freed) /\ C!FreesUnlisted(freed)
                           /\ C!FreesUnreferred(freed) /\ FreesUnlocked(freed)
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
THEOREM Spec => []MutualExclusion
THEOREM Spec => []LockedIsRoot
THEOREM Spec => []RootFreedLast
THEOREM Spec => []AncestorsReused
THEOREM Spec => []TreesSorted
THEOREM LiveSpec => WalkTerminates
THEOREM LiveSpec => OperationTerminates
THEOREM Spec => Refinement

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/; Full by the explorer
alone. The operations stand in models/. Depth in states, as TLC counts. Symmetry: states that differ
in the names of areas and objects alone count as one.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Tiny          1    2       2     1       1     2     1         1 OnePage           830       1502    40
Neighbours    1    3       2     2       1     2     3         1 Neighbours       1830       3389    36
Map           1    2       2     2       1     2     3         1 Mapped           6006      10828    39
Graph         2    2       2     2       1     2     1         1 OnePage          7041      15643    55
LivePair      2    2       2     1       2     1   any       any OnePage         10878      28991    55
LiveWeak      2    2       2     1       2     1   any       any OnePage         10878      28991    55
Lost          2    3       2     1       1     2     2         1 OnePage         13253      33610    71
Edges         2    3       2     1       1     2     2         1 OnePage         16932      40063    82
Small         2    3       3     1       1     2     2         1 OnePage         28054      66025    82 symmetry
Anew          2    4       2     2       1     2     2         1 OnePage         32225      91113    35
NoFree        2    3       3     2       1     2     2         1 OnePage         34847      85112    56 symmetry
Live          2    2       3     2       1     1   any       any Forked          35238      91025   107
Recycle       2    3       2     2       1     1     2         1 OnePage         50729     120813    79
Pins          2    2       2     2       1     1     2         2 OnePage         63391     156058    71
Reborn        2    3       2     2       1     1     3         1 OnePage        155988     384298    90
Full          2    3       3     1       2     2     2         1 OnePage       4157037   13843919    99 symmetry
***************************************************************************************************)
