-------------------------------------------------------- MODULE MM ---------------------------------------------------------
(**************************************************************************************************************************)
(* The operations of an mm thread, from the first step to the last: map, fault, copy on write, fork, unmap, exit, split.  *)
(* Source: mm/memory.c, mm/mmap.c, kernel/fork.c and mm/rmap.c of 2.6.34 to 2.6.36; KERNEL.md 1.2 to 1.6 and 1.8 to 1.10. *)
(* All is under mmap_sem: its VMAs, their chains, and which of its page-table entries are empty change by nobody else.    *)
(* LockAnon, LockAdjust and PinRoot are the protocol's; so are AllocAnon, LinkList, UnlockAnon, UnlinkList and FreeAnon,  *)
(* out of the words below.                                                                                                *)
(**************************************************************************************************************************)
EXTENDS AnonVMA

----------------------------------------------------------------------------------------------------------------------------
(* An operation begins.                                                                                                   *)

\* mm: no area -> a new area without anon_vma. Chooses slot and length. [mmap_region]
Map(m) ==
  /\ MMMayBegin(m, "Map") /\ SpareVMAs >= 1
  /\ \E i \in SlotId, n \in 1..Slots :
       /\ i + n <= Slots
       /\ \A v \in Areas(m) : vma[v].end <= i \/ i + n <= vma[v].start
       /\ vma' = [vma EXCEPT ![Lowest(Unborn)] =
                     [NoVMA EXCEPT !.life = "Mapped", !.mm = m, !.start = i, !.end = i + n, !.pgoff = i]]
  /\ Become(m, End(Begin(thread[m], "Map"))) /\ UNCHANGED <<anon, page, pte>>

\* The neighbours whose anon_vma v may share: adjacent, offsets contiguous, never forked. Next is asked before previous.
Sharable(n)  == vma[n].anon # 0 /\ Len(vma[n].chain) = 1
Adjoins(u,v) == vma[v].start = vma[u].end /\ vma[v].pgoff = vma[u].pgoff + vma[u].end - vma[u].start
Mergeable(v) == LET nexts    == {n \in Areas(vma[v].mm) : Adjoins(v, n) /\ Sharable(n)}
                    previous == {n \in Areas(vma[v].mm) : Adjoins(n, v) /\ Sharable(n)}
                IN IF nexts # {} THEN vma[Lowest(nexts)].anon
                   ELSE IF previous # {} THEN vma[Lowest(previous)].anon ELSE 0

\* mm: a write to an empty or read-only entry. Chooses VMA and slot. [handle_mm_fault; anon_vma_prepare begins, 1.3 and 1.9]
Fault(m) ==
  /\ MMMayBegin(m, "Fault")
  /\ \E v \in Areas(m), i \in SlotId :
       LET e == pte[m][i]
           r == [Begin(thread[m], "Fault") EXCEPT !.vma = v, !.slot = i]
       IN /\ vma[v].start <= i /\ i < vma[v].end
          /\ \/ /\ e.kind = "Empty" /\ vma[v].anon # 0
                /\ Become(m, [r EXCEPT !.phase = "New", !.pc = "MapPage"])
             \/ /\ e.kind = "Empty" /\ vma[v].anon = 0 /\ Mergeable(v) # 0
                /\ Become(m, [r EXCEPT !.phase = "New", !.anon = Mergeable(v), !.pc = "LockAnon"])
             \/ /\ e.kind = "Empty" /\ vma[v].anon = 0 /\ Mergeable(v) = 0 /\ SpareObjects >= 1
                /\ Become(m, [r EXCEPT !.phase = "New", !.need = 1, !.pc = "AllocAnon"])
             \/ /\ e.kind = "Present" /\ ~e.writable
                /\ Become(m, [r EXCEPT !.phase = "Cow", !.page = e.page, !.pc = "LockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm: both mmap locks are taken, objects and VMAs reserved. Chooses the child. [dup_mmap, 1.5]
Fork(m) ==
  /\ MMMayBegin(m, "Fork") /\ Alive(m)
  /\ \E c \in MMThread \ {m} :
       LET births == Cardinality(Areas(m))
           need   == Cardinality({v \in Areas(m) : vma[v].anon # 0})
       IN /\ IsIdle(c) /\ ~BusyChild(c) /\ Areas(c) = {} /\ Doomed(c) = {}
          /\ SpareVMAs >= births /\ SpareObjects >= need
          /\ Become(m, [Begin(thread[m], "Fork") EXCEPT !.child = c, !.births = births, !.need = need,
                                                        !.vma = LowestAddress(Areas(m)), !.pc = "CopyVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* Where a VMA that dies goes next: its first chain entry, or the end. `chain` is what is left of its chain.
Unlink(r, v, chain) == [r EXCEPT !.vma = v, !.anon = IF chain = <<>> THEN 0 ELSE Head(chain),
                                 !.pc = IF chain = <<>> THEN "FreeVMA" ELSE "LockAnon"]

\* The set S of VMAs leaves m; its entries are zapped first, then its chains are unlinked, lowest address first.
Doom(m, op, first, S) ==
  LET filled == \E v \in S : \E i \in vma[v].start .. vma[v].end - 1 : pte[m][i].kind # "Empty"
      r      == [Begin(thread[m], op) EXCEPT !.vma = first]
  IN /\ vma' = [v \in VMAId |-> IF v \in S THEN [vma[v] EXCEPT !.life = "Detached"] ELSE vma[v]]
     /\ Become(m, IF filled THEN [r EXCEPT !.pc = "ZapEntry"] ELSE Unlink(r, first, vma[first].chain))
     /\ UNCHANGED <<anon, page, pte>>

\* mm: one area Mapped -> Detached. Chooses the VMA. [do_munmap]
Unmap(m) == MMMayBegin(m, "Unmap") /\ \E v \in Areas(m) : Doom(m, "Unmap", v, {v})

\* mm: all its areas Mapped -> Detached. [exit_mmap]
Exit(m) == MMMayBegin(m, "Exit") /\ Alive(m) /\ Doom(m, "Exit", LowestAddress(Areas(m)), Areas(m))

\* An area is to be cut at a slot inside it.
Split(m, op) ==
  /\ MMMayBegin(m, op) /\ SpareVMAs >= 1
  /\ \E v \in Areas(m), at \in SlotId :
       /\ vma[v].start < at /\ at < vma[v].end
       /\ Become(m, [Begin(thread[m], op) EXCEPT !.births = 1, !.vma = v, !.slot = at, !.pc = "CopyVMA"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm: the new VMA will be the lower part. Chooses VMA and slot. [__split_vma, new_below]
SplitBelow(m) == /\ Split(m, "SplitBelow")

\* mm: the new VMA will be the upper part. Chooses VMA and slot. [__split_vma]
SplitAbove(m) == /\ Split(m, "SplitAbove")

----------------------------------------------------------------------------------------------------------------------------
(* Steps that link, and the words for the protocol's.                                                                     *)

\* A free object -> live, of its own family (Fault) or its parent's (Fork). Its list is empty, its count 0, and its lock is
\* left as it is: a late walker may hold it. `next`: what a fork does then. [anon_vma_alloc; anon_vma_fork, 1.3, 1.5 step 3]
\* `use`: what else the object becomes.
AllocateAs(m, next, use(_)) ==
  /\ \E a \in {b \in ObjectId : ~anon[b].live} :
       LET r    == thread[m]
           fork == r.op = "Fork"
           root == IF fork THEN anon[vma[r.vma].anon].root ELSE a
       IN /\ anon' = [anon EXCEPT ![a] = use([@ EXCEPT !.live = TRUE, !.root = root])]
          /\ vma'  = IF fork THEN [vma EXCEPT ![r.new].anon = a] ELSE vma
          /\ Become(m, [r EXCEPT !.anon = a, !.need = @ - 1, !.pc = IF fork THEN next ELSE "LockAnon"])
  /\ UNCHANGED <<page, pte>>

Allocate(m, next) == AllocateAs(m, next, LAMBDA o : o)

\* mm: entry (v,a) off the chain -> at its head. In prepare with the lock, in a clone without: the VMA is still private.
\* [anon_vma_prepare; anon_vma_chain_link: list_add same_vma, 1.4 step 2]
LinkChain(m) ==
  /\ At(m, "LinkChain")
  /\ LET r == thread[m]  v == Linked(r) IN
       IF r.op = "Fault"
       THEN /\ vma' = [vma EXCEPT ![v].chain = <<r.anon>> \o @, ![v].anon = r.anon]
            /\ Become(m, [r EXCEPT !.pc = "LinkList"])
       ELSE /\ vma' = [vma EXCEPT ![v].chain = <<r.anon>> \o @]
            /\ Become(m, [r EXCEPT !.pc = "LockAnon"])
  /\ UNCHANGED <<anon, page, pte>>

\* Entry (v,a) off the list of a -> at its head or its tail. [list_add(_tail) same_anon_vma, 1.2]
LinkAt(m, head) ==
  /\ LET r == thread[m]  v == Linked(r) IN
       /\ anon' = [anon EXCEPT ![r.anon].list = IF head THEN <<v>> \o @ ELSE @ \o <<v>>]
       /\ Become(m, [r EXCEPT !.pc = "UnlockAnon"])
  /\ UNCHANGED <<vma, page, pte>>

\* The clone loop runs over the source's chain from the root to the newest; 0: no entry is left. [anon_vma_clone, 1.4]
CloneFirst(chain)     == Len(chain)
CloneNext(chain, pos) == pos - 1

\* A fork has copied one VMA and goes on with the next, if there is one.
NextVMA(m, r) ==
  LET after == {v \in Areas(m) : vma[v].start > vma[r.vma].start} IN
  IF after = {} THEN End(r)
  ELSE [r EXCEPT !.vma = LowestAddress(after), !.new = 0, !.slot = 0, !.anon = 0, !.pc = "CopyVMA"]

\* A split has its new VMA linked and goes on to store; `locks`: the protocol wants the lock around the stores; `ends`: also
\* where the only one is of an end.
Adjust(r, locks, ends) ==
  IF locks /\ vma[r.vma].anon # 0 /\ (ends \/ r.op = "SplitBelow")
  THEN [r EXCEPT !.pos = 0, !.anon = vma[r.vma].anon, !.pc = "LockAdjust"]
  ELSE [r EXCEPT !.pos = 0, !.anon = 0, !.pc = IF r.op = "SplitBelow" THEN "StoreStart" ELSE "StoreEnd"]

\* mm: next VMA Unborn -> Detached, a copy without chain; one without anon_vma is complete, and in a fork Mapped at once.
\* [dup_mmap, __split_vma: kmem_cache_alloc]
CopyVMA(m, locks, ends) ==
  /\ At(m, "CopyVMA")
  /\ LET r     == [thread[m] EXCEPT !.new = Lowest(Unborn), !.births = @ - 1]
         old   == vma[r.vma]
         copy  == [old EXCEPT !.life = "Detached", !.chain = <<>>]
         first == CloneFirst(old.chain)
         clone == [r EXCEPT !.pos = first, !.anon = old.chain[first], !.pc = "LinkChain"]
     IN \/ /\ r.op = "Fork"
           /\ vma' = [vma EXCEPT ![r.new] = [copy EXCEPT !.mm = r.child, !.anon = 0,
                                                         !.life = IF old.anon = 0 THEN "Mapped" ELSE @]]
           /\ Become(m, IF old.anon = 0 THEN NextVMA(m, r) ELSE clone)
        \/ /\ r.op \in Splits
           /\ vma' = [vma EXCEPT ![r.new] = IF r.op = "SplitBelow" THEN [copy EXCEPT !.end = r.slot]
                                            ELSE [copy EXCEPT !.start = r.slot, !.pgoff = @ + r.slot - old.start]]
           /\ Become(m, IF old.anon = 0 THEN Adjust(r, locks, ends) ELSE clone)
  /\ UNCHANGED <<anon, page, pte>>

\* The slots of the parent that a fork has still to copy, from slot i on; no concurrent step fills or empties one.
ToCopy(m, v, i) == {j \in i .. vma[v].end - 1 : pte[m][j].kind # "Empty"}

\* Lock held -> free; then the next entry, of a clone or of a VMA that dies. `locks`, `ends`: as in Adjust; `unused`: what
\* the thread does with an object whose list it found empty.
UnlockEntry(m, locks, ends, unused(_)) ==
  /\ Drop(m)
  /\ LET r     == [thread[m] EXCEPT !.held = 0]
         chain == vma[r.vma].chain
         next  == CloneNext(chain, r.pos)
         todo  == ToCopy(m, r.vma, vma[r.vma].start)
         done  == [r EXCEPT !.anon = 0]
     IN \/ /\ r.op = "Fault"
           /\ Become(m, [done EXCEPT !.pc = "MapPage"]) /\ UNCHANGED vma
        \/ /\ Building(r) /\ r.pos # 0 /\ next # 0
           /\ Become(m, [r EXCEPT !.pos = next, !.anon = chain[next], !.pc = "LinkChain"]) /\ UNCHANGED vma
        \/ /\ r.op \in Splits /\ next = 0
           /\ Become(m, Adjust(r, locks, ends)) /\ UNCHANGED vma
        \/ /\ r.op = "Fork" /\ r.pos # 0 /\ next = 0
           /\ Become(m, [r EXCEPT !.pos = 0, !.pc = "AllocAnon"]) /\ UNCHANGED vma
        \/ /\ r.op = "Fork" /\ r.pos = 0
           /\ vma' = [vma EXCEPT ![r.new].life = "Mapped"]
           /\ Become(m, IF todo = {} THEN NextVMA(m, done) ELSE [done EXCEPT !.slot = Lowest(todo), !.pc = "CopyEntry"])
        \/ /\ r.op \in {"Unmap", "Exit"}
           /\ Become(m, IF r.empty THEN unused(r) ELSE [r EXCEPT !.pc = "UnlinkChain"]) /\ UNCHANGED vma
  /\ UNCHANGED <<page, pte>>

\* mm: child's entry empty -> the parent's, both read-only. [copy_one_pte]
CopyEntry(m) ==
  /\ At(m, "CopyEntry")
  /\ LET r    == thread[m]
         e    == [pte[m][r.slot] EXCEPT !.writable = FALSE]
         todo == ToCopy(m, r.vma, r.slot + 1)
     IN /\ pte' = [pte EXCEPT ![m][r.slot] = e, ![r.child][r.slot] = e]
        /\ Become(m, IF todo = {} THEN NextVMA(m, r) ELSE [r EXCEPT !.slot = Lowest(todo)])
  /\ UNCHANGED <<vma, anon, page>>

----------------------------------------------------------------------------------------------------------------------------
(* Steps that map or reuse a page. LockPage and UnlockPage are in AnonVMA.                                                *)

\* mm: the entry as the fault saw it -> a free page, writable, mapping := the VMA's anon_vma. If the entry has changed, or
\* no page is free, nothing: the fault would be taken again. [page_add_new_anon_rmap, set_pte_at under the pte lock, 1.8]
MapPage(m) ==
  /\ At(m, "MapPage")
  /\ LET r    == thread[m]
         e    == pte[m][r.slot]
         same == IF r.phase = "New" THEN e.kind = "Empty" ELSE e.kind = "Present" /\ e.page = r.page /\ ~e.writable
         p    == Lowest(FreePages)
     IN IF same /\ FreePages # {}
        THEN /\ page' = [page EXCEPT ![p].mapping = vma[r.vma].anon, ![p].stale = FALSE,
                                     ![p].index = vma[r.vma].pgoff + r.slot - vma[r.vma].start]
             /\ pte' = [pte EXCEPT ![m][r.slot] = [kind |-> "Present", page |-> p, writable |-> TRUE]]
             /\ thread' = Keep([thread EXCEPT ![m] = End(r)], pte')
        ELSE Become(m, End(r)) /\ UNCHANGED <<page, pte>>
  /\ UNCHANGED <<vma, anon>>

\* mm: is this entry the page's only one? [do_wp_page: reuse_swap_page]
CheckOwn(m) ==
  /\ At(m, "CheckOwn")
  /\ LET r == thread[m] IN
       Become(m, [r EXCEPT !.pc = IF Entries(pte, r.page, "Present") = {<<m, r.slot>>} THEN "MovePage" ELSE "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* mm: mapping -> the VMA's anon_vma, down the tree. [page_move_anon_rmap, 1.8]
MovePage(m) ==
  /\ At(m, "MovePage")
  /\ LET r == thread[m] IN
       /\ page' = [page EXCEPT ![r.page].mapping = vma[r.vma].anon, ![r.page].stale = FALSE]
       /\ Become(m, [r EXCEPT !.pc = "AllowWrite"])
  /\ UNCHANGED <<vma, anon, pte>>

\* mm: entry read-only -> writable. [do_wp_page: ptep_set_access_flags]
AllowWrite(m) ==
  /\ At(m, "AllowWrite")
  /\ pte' = [pte EXCEPT ![m][thread[m].slot].writable = TRUE]
  /\ Become(m, [thread[m] EXCEPT !.pc = "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page>>

----------------------------------------------------------------------------------------------------------------------------
(* Steps that unlink and free, and the words for the protocol's.                                                          *)

\* mm: lowest filled entry of the VMAs that die -> empty. [zap_pte_range]
ZapEntry(m) ==
  /\ At(m, "ZapEntry")
  /\ LET r     == thread[m]
         first == LowestAddress(Doomed(m))
     IN /\ pte' = [pte EXCEPT ![m][Lowest(DoomedSlots(m))] = NoPTE]
        /\ thread' = Keep([thread EXCEPT ![m] = IF Cardinality(DoomedSlots(m)) > 1 THEN r
                                                ELSE Unlink(r, first, vma[first].chain)], pte')
  /\ UNCHANGED <<vma, anon, page>>

\* Entry (v,a) on the list of a -> off it; is it the last? `used`: the list does not decide that, somebody refers to a.
UnlinkFrom(m, used) ==
  /\ LET r    == thread[m]
         rest == SelectSeq(anon[r.anon].list, LAMBDA v : v # r.vma)
     IN /\ anon' = [anon EXCEPT ![r.anon].list = rest]
        /\ thread' = Lose([thread EXCEPT ![m] = [r EXCEPT !.empty = (rest = <<>> /\ ~used), !.pc = "UnlockAnon"]],
                          LAMBDA w : w.vma = r.vma /\ w.anon = r.anon /\ w.gone = "None", "Entry")
  /\ UNCHANGED <<vma, page, pte>>

\* mm: newest entry on the chain -> off it and freed; then the next. [unlink_anon_vmas, 1.6 steps 6 and 7]
UnlinkChain(m) ==
  /\ At(m, "UnlinkChain")
  /\ LET r == thread[m]  rest == Tail(vma[r.vma].chain) IN
       /\ vma' = [vma EXCEPT ![r.vma].chain = rest]
       /\ Become(m, Unlink(r, r.vma, rest))
  /\ UNCHANGED <<anon, page, pte>>

\* mm: Detached -> no area, whose name is free at once; then the next VMA that dies. [remove_vma]
FreeVMA(m) ==
  /\ At(m, "FreeVMA")
  /\ LET r    == thread[m]
         rest == Doomed(m) \ {r.vma}
         next == LowestAddress(rest)
     IN /\ vma' = [vma EXCEPT ![r.vma] = NoVMA]
        /\ thread' = Lose([thread EXCEPT ![m] = IF rest = {} THEN End(r) ELSE Unlink(r, next, vma[next].chain)],
                          LAMBDA w : w.vma = r.vma, "Area")
  /\ UNCHANGED <<anon, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* Steps of an mm thread that stores an extent: vma_adjust, 1.10 step 5. start and end of one VMA are one store here (a   *)
(* walker reads both in one step), pgoff is another: between StoreStart and StorePgoff the VMA answers a wrong address.   *)

\* The new VMA joins its mm in the step of the last store.
Finish(m, r, old) ==
  /\ vma' = [vma EXCEPT ![r.vma] = old, ![r.new].life = "Mapped"]
  /\ Become(m, IF r.held # 0 THEN [r EXCEPT !.pc = "UnlockAdjust"] ELSE End(r))
  /\ UNCHANGED <<anon, page, pte>>

\* mm: start -> at. [vma_adjust: vma->vm_start = start]
StoreStart(m) ==
  /\ At(m, "StoreStart")
  /\ vma' = [vma EXCEPT ![thread[m].vma].start = thread[m].slot]
  /\ Become(m, [thread[m] EXCEPT !.pc = "StorePgoff"])
  /\ UNCHANGED <<anon, page, pte>>

\* mm: pgoff -> what belongs to start = at; the new VMA still has the old start and pgoff. [vma_adjust: vm_pgoff = pgoff]
StorePgoff(m) ==
  /\ At(m, "StorePgoff")
  /\ LET r == thread[m] IN Finish(m, r, [vma[r.vma] EXCEPT !.pgoff = vma[r.new].pgoff + r.slot - vma[r.new].start])

\* mm: end -> at. [vma_adjust: vma->vm_end = end]
StoreEnd(m) ==
  /\ At(m, "StoreEnd")
  /\ LET r == thread[m] IN Finish(m, r, [vma[r.vma] EXCEPT !.end = r.slot])

\* mm: held -> free. [vma_adjust of 2.6.36: anon_vma_unlock]
UnlockAdjust(m) ==
  /\ At(m, "UnlockAdjust") /\ Drop(m) /\ Become(m, End(thread[m]))
  /\ UNCHANGED <<vma, page, pte>>

----------------------------------------------------------------------------------------------------------------------------

\* The steps of an mm thread but for the protocol's.
MMBareSteps(m, locks, ends) ==
  \/ Map(m) \/ Fault(m) \/ Fork(m) \/ Unmap(m) \/ Exit(m) \/ SplitBelow(m) \/ SplitAbove(m)
  \/ LinkChain(m)
  \/ MapPage(m) \/ LockPage(m) \/ CheckOwn(m) \/ MovePage(m) \/ AllowWrite(m) \/ UnlockPage(m)
  \/ CopyVMA(m, locks, ends) \/ CopyEntry(m)
  \/ ZapEntry(m) \/ UnlinkChain(m) \/ FreeVMA(m)
  \/ StoreStart(m) \/ StoreEnd(m) \/ StorePgoff(m) \/ UnlockAdjust(m)

============================================================================================================================
