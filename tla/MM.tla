-------------------------------------------- MODULE MM ---------------------------------------------
(***************************************************************************************************
The operations of a process, from the first step to the last: map, fault, copy on write, fork,
unmap, exit, split. All is under mmap_sem: nobody else changes the process's areas, their chains,
or which of its page-table entries are empty.

The protocol has the steps that lock, that edit a list, and that free: AllocAnon, PinRoot, LockAnon,
LinkList, UnlinkList, UnlockAnon, LockAdjust, FreeAnon. It builds them from the words below.

Source: mm/memory.c, mm/mmap.c, kernel/fork.c, mm/rmap.c of 2.6.34 to 3.0; docs/kernel.md 1.2 to
1.6 and 1.8 to 1.10.
***************************************************************************************************)
EXTENDS History

----------------------------------------------------------------------------------------------------
(* An operation begins.                                                                           *)

MMMayBegin(m, op) == MayBegin(m, op) /\ ~BusyChild(m)

\* mm: no area -> a new area without anon_vma. Chooses address and length. [mmap_region]
Map(m) ==
  /\ MMMayBegin(m, "Map") /\ SpareVMAs >= 1
  /\ \E i \in Slot, n \in 1 .. Slots :
       /\ i + n <= Slots
       /\ \A v \in Areas(m) : vma[v].end <= i \/ i + n <= vma[v].start
       /\ vma' = [vma EXCEPT ![Pick(Unborn)] = [NoVMA EXCEPT
                    !.life = "Mapped", !.mm = m, !.start = i, !.end = i + n, !.pgoff = i]]
  /\ Become(m, EndMM(Begin(thread[m], "Map")))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* The anon_vma of a neighbour that area v may share: adjacent, offsets contiguous, never forked.
\* The next neighbour is asked before the previous one. [find_mergeable_anon_vma]
Sharable(n)   == vma[n].anon # None /\ Len(vma[n].chain) = 1
Adjoins(u, v) == /\ vma[v].start = vma[u].end
                 /\ vma[v].pgoff = vma[u].pgoff + vma[u].end - vma[u].start
Mergeable(v)  == LET next     == {n \in Areas(vma[v].mm) : Adjoins(v, n) /\ Sharable(n)}
                     previous == {n \in Areas(vma[v].mm) : Adjoins(n, v) /\ Sharable(n)}
                 IN CASE next # {}     -> vma[Pick(next)].anon
                      [] previous # {} -> vma[Pick(previous)].anon
                      [] OTHER         -> None

\* mm: a write to an empty or read-only entry. Chooses area and address.
\* [handle_mm_fault; anon_vma_prepare begins, 1.3 and 1.9]
Fault(m) ==
  /\ MMMayBegin(m, "Fault")
  /\ \E v \in Areas(m), i \in Slot :
       LET e == pte[m][i]
           r == [Begin(thread[m], "Fault") EXCEPT !.vma = v, !.slot = i]
           n == [r EXCEPT !.phase = "New"]
       IN /\ Covers(v, i)
          /\ \/ /\ e.kind = "Empty" /\ vma[v].anon # None
                /\ Become(m, [n EXCEPT !.pc = "MapPage"])
             \/ /\ e.kind = "Empty" /\ vma[v].anon = None /\ Mergeable(v) # None
                /\ Become(m, [n EXCEPT !.anon = Mergeable(v), !.pc = "LockAnon"])
             \/ /\ e.kind = "Empty" /\ vma[v].anon = None /\ Mergeable(v) = None
                /\ SpareObjects >= 1
                /\ Become(m, [n EXCEPT !.need = 1, !.pc = "AllocAnon"])
             \/ /\ e.kind = "Present" /\ ~e.writable
                /\ Become(m, [r EXCEPT !.phase = "Cow", !.page = e.page, !.pc = "LockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)

\* mm: both mmap locks are taken, objects and areas are reserved. Chooses the child. [dup_mmap, 1.5]
Fork(m) ==
  /\ MMMayBegin(m, "Fork") /\ Alive(m)
  /\ \E c \in MMs \ {m} :
       LET births == Cardinality(Areas(m))
           need   == Cardinality({v \in Areas(m) : vma[v].anon # None})
       IN /\ Quiet(c) /\ Areas(c) = {} /\ Doomed(c) = {}
          /\ SpareVMAs >= births /\ SpareObjects >= need
          /\ Become(m, [Begin(thread[m], "Fork") EXCEPT
                          !.child = c, !.births = births, !.need = need,
                          !.vma = LowestAddress(Areas(m)), !.pc = "CopyVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)

\* Where a dying area v goes next: its first chain entry, or the end. `chain`: what is left of it.
Unlink(r, v, chain) == IF chain = <<>> THEN [r EXCEPT !.vma = v, !.anon = None, !.pc = "FreeVMA"]
                       ELSE [r EXCEPT !.vma = v, !.anon = Head(chain), !.pc = "LockAnon"]

\* The areas in S leave m. First their entries are zapped; then their chains are unlinked, lowest
\* address first.
Doom(m, op, first, S) ==
  LET filled == \E v \in S : \E i \in vma[v].start .. vma[v].end - 1 : pte[m][i].kind # "Empty"
      r      == [Begin(thread[m], op) EXCEPT !.vma = first]
  IN /\ vma' = [v \in VMAs |-> IF v \in S THEN [vma[v] EXCEPT !.life = "Detached"] ELSE vma[v]]
     /\ Become(m, IF filled THEN [r EXCEPT !.pc = "ZapEntry"]
                  ELSE Unlink(r, first, vma[first].chain))

\* mm: one area Mapped -> Detached. Chooses the area. [do_munmap]
Unmap(m) ==
  /\ MMMayBegin(m, "Unmap")
  /\ \E v \in Areas(m) : Doom(m, "Unmap", v, {v})
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: all its areas Mapped -> Detached. [exit_mmap]
Exit(m) ==
  /\ MMMayBegin(m, "Exit") /\ Alive(m)
  /\ Doom(m, "Exit", LowestAddress(Areas(m)), Areas(m))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* An area is to be cut at an address inside it.
Split(m, op) ==
  /\ MMMayBegin(m, op) /\ SpareVMAs >= 1
  /\ \E v \in Areas(m), at \in Slot :
       /\ vma[v].start < at /\ at < vma[v].end
       /\ Become(m, [Begin(thread[m], op) EXCEPT
                       !.births = 1, !.vma = v, !.slot = at, !.pc = "CopyVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)

\* mm: the new area will be the lower part. Chooses area and address. [__split_vma, new_below]
SplitBelow(m) == /\ Split(m, "SplitBelow")

\* mm: the new area will be the upper part. Chooses area and address. [__split_vma]
SplitAbove(m) == /\ Split(m, "SplitAbove")

----------------------------------------------------------------------------------------------------
(* Steps that build an area and link it, and the words for the protocol's.                        *)

\* A fork has copied one area and goes on with the next, if there is one.
NextVMA(m, r) ==
  LET after == {v \in Areas(m) : vma[v].start > vma[r.vma].start} IN
  IF after = {} THEN EndMM(r)
  ELSE [r EXCEPT !.vma = LowestAddress(after), !.new = None, !.slot = 0, !.anon = None,
                 !.pc = "CopyVMA"]

\* A split has linked its new area and stores the extents: start and pgoff, or end.
Store(r) == [r EXCEPT !.pos = 0, !.anon = None,
                      !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"]

\* ... but first it takes the lock, where the protocol wants that and the area has an anon_vma.
LockAndStore(r) == IF vma[r.vma].anon = None THEN Store(r)
                   ELSE [r EXCEPT !.pos = 0, !.anon = vma[r.vma].anon, !.pc = "LockAdjust"]

\* The clone loop goes over the source's chain from the root to the newest; 0: no entry is left, or
\* the area has none. [anon_vma_clone, 1.4]
CloneFirst(chain)     == Len(chain)
CloneNext(chain, pos) == pos - 1

\* mm: no area -> the next area Detached, a copy without a chain. A copy of an area without anon_vma
\* is complete; in a fork it is Mapped at once. [dup_mmap, __split_vma: kmem_cache_alloc]
CopyVMA(m) ==
  /\ At(m, "CopyVMA")
  /\ LET r     == [thread[m] EXCEPT !.new = Pick(Unborn), !.births = @ - 1]
         old   == vma[r.vma]
         copy  == [old EXCEPT !.life = "Detached", !.chain = <<>>]
         first == CloneFirst(old.chain)
         clone == [r EXCEPT !.pos = first, !.anon = old.chain[first], !.pc = "LinkChain"]
     IN \/ /\ r.op = "Fork"
           /\ vma' = [vma EXCEPT ![r.new] = [copy EXCEPT !.mm = r.child, !.anon = None,
                                             !.life = IF old.anon = None THEN "Mapped" ELSE @]]
           /\ Become(m, IF old.anon = None THEN NextVMA(m, r) ELSE clone)
        \/ /\ r.op \in Splits
           /\ vma' = [vma EXCEPT ![r.new] =
                        IF r.op = "SplitBelow" THEN [copy EXCEPT !.end = r.slot]
                        ELSE [copy EXCEPT !.start = r.slot, !.pgoff = @ + r.slot - old.start]]
           /\ Become(m, IF old.anon = None THEN Store(r) ELSE clone)
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* A free object -> live, a root (Fault) or of the parent's family (Fork). Its list is empty and its
\* count 0 from its former life; its lock is left as it is: a late walker may hold that. `next`:
\* what a fork does then; `counted`: the protocol counts a reference for the list.
\* [anon_vma_alloc; anon_vma_fork, 1.3, 1.5 step 3]
Allocate(m, next, counted) ==
  \E a \in {b \in Objects : ~anon[b].live} :
    LET r    == thread[m]
        fork == r.op = "Fork"
        root == IF fork THEN anon[vma[r.vma].anon].root ELSE a
    IN /\ anon' = [anon EXCEPT ![a].live = TRUE, ![a].root = root,
                               ![a].refs = IF counted THEN 1 ELSE @]
       /\ vma'  = IF fork THEN [vma EXCEPT ![r.new].anon = a] ELSE vma
       /\ Become(m, [r EXCEPT !.anon = a, !.need = @ - 1, !.pc = IF fork THEN next ELSE "LockAnon"])

\* mm: entry (v,a) off the chain -> at its head. A prepare has the lock. A clone does not: the area
\* is still private. [anon_vma_prepare; anon_vma_chain_link: list_add same_vma, 1.4 step 2]
LinkChain(m) ==
  /\ At(m, "LinkChain")
  /\ LET r == thread[m]  v == Linked(r) IN
       IF r.op = "Fault"
       THEN /\ vma' = [vma EXCEPT ![v].chain = <<r.anon>> \o @, ![v].anon = r.anon]
            /\ Become(m, [r EXCEPT !.pc = "LinkList"])
       ELSE /\ vma' = [vma EXCEPT ![v].chain = <<r.anon>> \o @]
            /\ Become(m, [r EXCEPT !.pc = "LockAnon"])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* The lock `a` is taken, before the list of a chain entry changes.
LockFor(m, a) == LET r == thread[m] IN
  Take(m, a, [r EXCEPT !.pc = CASE r.op = "Fault" -> "LinkChain"
                                [] Building(r)    -> "LinkList"
                                [] OTHER          -> "UnlinkList"])

\* The chain entry in hand, off the list -> at its head or its tail. [list_add, list_add_tail, 1.2]
LinkAtHead(m) == LET r == thread[m] IN
  /\ anon' = [anon EXCEPT ![r.anon].list = <<Linked(r)>> \o @]
  /\ Become(m, [r EXCEPT !.pc = "UnlockAnon"])
LinkAtTail(m) == LET r == thread[m] IN
  /\ anon' = [anon EXCEPT ![r.anon].list = @ \o <<Linked(r)>>]
  /\ Become(m, [r EXCEPT !.pc = "UnlockAnon"])

\* The addresses that a fork has still to copy from area v, from i on. No concurrent step fills or
\* empties one.
ToCopy(m, v, i) == {j \in i .. vma[v].end - 1 : pte[m][j].kind # "Empty"}

\* The lock is free again: what follows the chain entry in hand. `stores`: what a split does when
\* its clone is complete; `unused`: what an unlink does with an object that it found empty.
Proceed(m, r, stores, unused) ==
  LET chain == vma[r.vma].chain
      next  == CloneNext(chain, r.pos)
      todo  == ToCopy(m, r.vma, vma[r.vma].start)
      done  == [r EXCEPT !.anon = None]
      full  == r.op = "Fork" /\ r.pos = 0  \* the child's area has its own anon_vma: it is complete
  IN /\ vma' = IF full THEN [vma EXCEPT ![r.new].life = "Mapped"] ELSE vma
     /\ Become(m,
          CASE r.op = "Fault"             -> [done EXCEPT !.pc = "MapPage"]
            [] full /\ todo = {}          -> NextVMA(m, done)
            [] full /\ todo # {}          -> [done EXCEPT !.slot = Lowest(todo), !.pc = "CopyEntry"]
            [] ~full /\ Building(r)       ->
                 CASE next # 0 ->
                   [r EXCEPT !.pos = next, !.anon = chain[next], !.pc = "LinkChain"]
                   [] next = 0 /\ r.op = "Fork" -> [r EXCEPT !.pos = 0, !.pc = "AllocAnon"]
                   [] OTHER -> stores
            [] r.op \in {"Unmap", "Exit"} -> IF r.empty THEN unused
                                             ELSE [r EXCEPT !.pc = "UnlinkChain"])

\* mm: the child's entry empty -> the parent's, both read-only. [copy_one_pte]
CopyEntry(m) ==
  /\ At(m, "CopyEntry")
  /\ LET r    == thread[m]
         e    == [pte[m][r.slot] EXCEPT !.writable = FALSE]
         todo == ToCopy(m, r.vma, r.slot + 1)
     IN /\ pte' = [pte EXCEPT ![m][r.slot] = e, ![r.child][r.slot] = e]
        /\ Become(m, IF todo = {} THEN NextVMA(m, r) ELSE [r EXCEPT !.slot = Lowest(todo)])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* Steps that map a page, or make it writable.                                                    *)

\* mm: the entry as the fault saw it -> a free page, writable, its mapping the area's anon_vma. If
\* the entry has changed, or no page is free, nothing: the fault would be taken again.
\* [page_add_new_anon_rmap, set_pte_at under the pte lock, 1.8]
MapPage(m) ==
  /\ At(m, "MapPage")
  /\ LET r    == thread[m]
         e    == pte[m][r.slot]
         same == IF r.phase = "New" THEN e.kind = "Empty"
                 ELSE e.kind = "Present" /\ e.page = r.page /\ ~e.writable
         p    == Pick(FreePages)
     IN /\ IF same /\ FreePages # {}
           THEN /\ page' = [page EXCEPT ![p].mapping = vma[r.vma].anon,
                                        ![p].index = vma[r.vma].pgoff + r.slot - vma[r.vma].start]
                /\ pte'  = [pte EXCEPT ![m][r.slot] =
                              [kind |-> "Present", page |-> p, writable |-> TRUE]]
           ELSE UNCHANGED <<page, pte>>
        /\ Become(m, EndMM(r))
  /\ UNCHANGED <<vma, anon>> /\ Record(m)

\* mm: is this entry the page's only one? Then the page is reused, else copied.
\* [do_wp_page: reuse_swap_page]
CheckOwn(m) ==
  /\ At(m, "CheckOwn")
  /\ LET r     == thread[m]
         alone == Entries(pte, r.page, "Present") = {<<m, r.slot>>}
     IN Become(m, [r EXCEPT !.pc = IF alone THEN "MovePage" ELSE "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)

\* mm: mapping -> the area's anon_vma, down the tree. [page_move_anon_rmap, 1.8]
MovePage(m) ==
  /\ At(m, "MovePage")
  /\ LET r == thread[m] IN
       /\ page' = [page EXCEPT ![r.page].mapping = vma[r.vma].anon]
       /\ Become(m, [r EXCEPT !.pc = "AllowWrite"])
  /\ UNCHANGED <<vma, anon, pte>> /\ Record(m)

\* mm: entry read-only -> writable. [do_wp_page: ptep_set_access_flags]
AllowWrite(m) ==
  /\ At(m, "AllowWrite")
  /\ pte' = [pte EXCEPT ![m][thread[m].slot].writable = TRUE]
  /\ Become(m, [thread[m] EXCEPT !.pc = "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(m)

----------------------------------------------------------------------------------------------------
(* Steps that unlink and free, and the words for the protocol's.                                  *)

\* mm: the lowest filled entry of the dying areas -> empty. [zap_pte_range]
ZapEntry(m) ==
  /\ At(m, "ZapEntry")
  /\ LET r      == thread[m]
         filled == {i \in Slot : pte[m][i].kind # "Empty" /\ \E v \in Doomed(m) : Covers(v, i)}
         first  == LowestAddress(Doomed(m))
     IN /\ pte' = [pte EXCEPT ![m][Lowest(filled)] = NoPTE]
        /\ Become(m, IF Many(filled, 2) THEN r ELSE Unlink(r, first, vma[first].chain))
  /\ UNCHANGED <<vma, anon, page>> /\ Record(m)

\* A walker whose cursor is at what is freed in this step is marked: its next touch is a use after
\* free. Where the area itself is freed, the cursor has no name any more: it dangles.
LoseEntry(threads, v, a) ==
  [t \in Thread |-> LET r == threads[t] IN
     IF t \in Walkers /\ r.vma = v /\ r.anon = a THEN [r EXCEPT !.gone = "Entry"] ELSE r]
LoseArea(threads, v) ==
  [t \in Thread |-> LET r == threads[t] IN
     IF t \in Walkers /\ r.vma = v THEN [r EXCEPT !.gone = "Area", !.vma = None] ELSE r]

\* The chain entry in hand, on the list -> off it; is the list empty now, and the object without a
\* user? `used`: somebody refers to the object.
UnlinkFrom(m, used) ==
  LET r    == thread[m]
      rest == SelectSeq(anon[r.anon].list, LAMBDA v : v # r.vma)
      q    == [r EXCEPT !.empty = (rest = <<>> /\ ~used), !.pc = "UnlockAnon"]
  IN /\ anon'   = [anon EXCEPT ![r.anon].list = rest]
     /\ thread' = LoseEntry([thread EXCEPT ![m] = q], r.vma, r.anon)

\* mm: the newest entry, on the chain -> off it and freed; then the next.
\* [unlink_anon_vmas, 1.6 steps 6 and 7]
UnlinkChain(m) ==
  /\ At(m, "UnlinkChain")
  /\ LET r == thread[m]  rest == Tail(vma[r.vma].chain) IN
       /\ vma' = [vma EXCEPT ![r.vma].chain = rest]
       /\ Become(m, Unlink(r, r.vma, rest))
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: Detached -> no area, whose name is free at once; then the next area that dies. [remove_vma]
FreeVMA(m) ==
  /\ At(m, "FreeVMA")
  /\ LET r    == thread[m]
         rest == Doomed(m) \ {r.vma}
         next == LowestAddress(rest)
         q    == IF rest = {} THEN EndMM(r) ELSE Unlink(r, next, vma[next].chain)
     IN /\ vma'    = [vma EXCEPT ![r.vma] = NoVMA]
        /\ thread' = LoseArea([thread EXCEPT ![m] = q], r.vma)
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* The object a, live -> free, at once for anybody to allocate.
Free(a) == anon' = [anon EXCEPT ![a].live = FALSE]

----------------------------------------------------------------------------------------------------
(* Steps of a split that store an extent: vma_adjust, 1.10 step 5. A walker reads start and end in
   one step, so they are one store here. pgoff is another: between StoreStart and StorePgoff the
   area answers a wrong address for every page.                                                   *)

\* The new area joins its process in the step of the last store.
Finish(m, stored) ==
  LET r == thread[m] IN
  /\ vma' = [vma EXCEPT ![r.vma] = stored, ![r.new].life = "Mapped"]
  /\ Become(m, IF r.held # None THEN [r EXCEPT !.pc = "UnlockAdjust"] ELSE EndMM(r))

\* mm: start -> where it is cut. [vma_adjust: vma->vm_start = start]
StoreStart(m) ==
  /\ At(m, "StoreStart")
  /\ vma' = [vma EXCEPT ![thread[m].vma].start = thread[m].slot]
  /\ Become(m, [thread[m] EXCEPT !.pc = "StorePgoff"])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: pgoff -> what belongs to that start. The new area still has the old start and pgoff.
\* [vma_adjust: vma->vm_pgoff = pgoff]
StorePgoff(m) ==
  /\ At(m, "StorePgoff")
  /\ LET r == thread[m]  n == vma[r.new] IN
       Finish(m, [vma[r.vma] EXCEPT !.pgoff = n.pgoff + r.slot - n.start])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: end -> where it is cut. [vma_adjust: vma->vm_end = end]
StoreEnd(m) ==
  /\ At(m, "StoreEnd")
  /\ Finish(m, [vma[thread[m].vma] EXCEPT !.end = thread[m].slot])
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: held -> free. [vma_adjust: anon_vma_unlock]
UnlockAdjust(m) ==
  /\ At(m, "UnlockAdjust") /\ Drop(m) /\ Become(m, EndMM(thread[m]))
  /\ UNCHANGED <<vma, page, pte>> /\ Record(m)

----------------------------------------------------------------------------------------------------

\* The steps of a process that are the same in every protocol, but for LockPage and UnlockPage,
\* which a walker takes, too.
WorldStep(m) ==
  \/ Map(m) \/ Fault(m) \/ Fork(m) \/ Unmap(m) \/ Exit(m) \/ SplitBelow(m) \/ SplitAbove(m)
  \/ CopyVMA(m) \/ LinkChain(m) \/ CopyEntry(m)
  \/ MapPage(m) \/ CheckOwn(m) \/ MovePage(m) \/ AllowWrite(m)
  \/ ZapEntry(m) \/ UnlinkChain(m) \/ FreeVMA(m)
  \/ StoreStart(m) \/ StorePgoff(m) \/ StoreEnd(m) \/ UnlockAdjust(m)

====================================================================================================
