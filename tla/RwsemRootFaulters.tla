------------------------------------- MODULE RwsemRootFaulters -------------------------------------
(***************************************************************************************************
RwsemRoot with what runs beside the thread of a process in the same process: a second thread, a
faulter, that writes to pages; and UFFDIO_MOVE, which gives a page of one address another one, in
another area and perhaps of another family.

With two threads the locks of a process exclude somebody:

  mmap lock     a process has it alone in every operation but a fault. A faulter shares it where the
                area has no anon_vma yet: then it is its register child, from beginning to end.
  area's lock   a faulter shares it where the area has an anon_vma. A process takes it alone, with
                the mmap lock, before it changes the area or its entries, and keeps it to the end of
                its operation.
  table's lock  that of the page-table. It is held for one step, and by a UffdMove from CheckOwn to
                MoveEntry.

So a faulter in an area with an anon_vma runs beside a process that has the mmap lock alone and has
not come to this area yet. Where both threads give an area its first anon_vma the second one finds
that under the lock, and puts what it has allocated.

A faulter is one of MMs that never has areas or entries. Its registers are those of a process, and
it takes the steps of a fault for the process whose thread it is. A UffdMove has its two addresses,
from and to, in slot; vma is the area of the latter; phase is Cow while the page is to be moved.

Source: lock_vma_under_rcu, vma_start_write, __vmf_anon_prepare, __anon_vma_prepare, move_pages,
move_present_ptes of Linux 7.2; docs/kernel.md 4. Mremap is in spec/ alone.

What is as before is named where it is: M, W, C, and R.
***************************************************************************************************)
EXTENDS History

CONSTANTS
  Processes,  \* of MMs, the address spaces with their first threads; the others are second threads
  MoreOps     \* the operations that happen beside Ops: {"UffdMove"}, or none

M == INSTANCE MM
W == INSTANCE Walker
C == INSTANCE Claims
R == INSTANCE RwsemRoot

Faulters   == MMs \ Processes
Whose      == CHOOSE f \in [Faulters -> Processes] : \A s, t \in Faulters : s # t => f[s] # f[t]
Process(t) == IF t \in Faulters THEN Whose[t] ELSE t
Second(m)  == {f \in Faulters : Whose[f] = m}
Both(m)    == {m} \cup Second(m)

\* The initial state gives areas to processes.
ASSUME ProcessesAssumption == /\ Processes \subseteq MMs /\ Many(Processes, Cardinality(Faulters))
                              /\ Pick(MMs) \in Processes
                              /\ Layout = "Forked" => Pick(MMs \ {Pick(MMs)}) \in Processes
ASSUME MoreOpsAssumption   == MoreOps \subseteq {"UffdMove"}

----------------------------------------------------------------------------------------------------
(* The locks of a process.                                                                        *)

FaultOps    == {"Fault", "UffdMove"}  \* what a faulter does; a process may, too
Prepares(r) == r.op \in FaultOps      \* it gives an area without an anon_vma one

\* The areas whose locks process m has. A fork takes them by address, each before it copies it; a
\* split has that of its area, and so of the new one. What is unmapped is no area any more.
Locks(m) ==
  LET r     == thread[m]
      first == IF r.pc = "LockArea" THEN {} ELSE {r.vma}
  IN CASE r.op = "Fork"   -> {v \in Areas(m) : vma[v].start < vma[r.vma].start} \cup first
       [] r.op \in Splits -> first \cup {r.new}
       [] OTHER           -> {}

\* Faulter f shares the lock of area v: it faults there, or moves a page from there.
IsIn(f, v) == LET r == thread[f] IN
  /\ ~IsIdle(f) /\ r.child = None
  /\ r.vma = v \/ (r.op = "UffdMove" /\ vma[v].mm = Whose[f] /\ Covers(v, r.slot[1]))

\* No faulter has the mmap lock of m.
MMapFree(m)     == \A f \in Second(m) : thread[f].child = None
MayWrite(m, op) == M!MMMayBegin(m, op) /\ MMapFree(m)

\* What t needs for a fault in area v that has to do with the areas in S.
Writes(m)         == thread[m].op \notin FaultOps \cup {"None"}
MayFault(t, v, S) == t \in Faulters /\ Writes(Whose[t]) =>
                       vma[v].anon # None /\ S \cap Locks(Whose[t]) = {}

\* Nobody but t has the lock of the page-table of m.
HasTable(t)     == /\ thread[t].op = "UffdMove"
                   /\ thread[t].pc \in {"MovePage", "StoreIndex", "MoveEntry"}
TableFree(t, m) == \A u \in Both(m) \ {t} : ~HasTable(u)

\* A process goes on with the area r.vma, which it will change; where it has a second thread it
\* takes the area's lock first.
Await(m, r) == IF Second(m) = {} THEN r ELSE [r EXCEPT !.pc = "LockArea"]

----------------------------------------------------------------------------------------------------
(* A fault begins, of either thread.                                                              *)

\* The area of the fault must have an anon_vma first; and if it has one, what is next.
MayPrepare(v) == vma[v].anon = None /\ M!Mergeable(v) = None => SpareObjects >= 1
Prepared(r)   == [r EXCEPT !.anon = None, !.pc = IF r.op = "Fault" THEN "MapPage" ELSE "LockPage"]
Prepare(r)    == CASE vma[r.vma].anon # None -> Prepared(r)
                   [] vma[r.vma].anon = None ->
                        IF M!Mergeable(r.vma) # None
                        THEN [r EXCEPT !.anon = M!Mergeable(r.vma), !.pc = "LockAnon"]
                        ELSE [r EXCEPT !.need = 1, !.pc = "AllocAnon"]

\* Thread t begins a fault in area v; with the mmap lock, if that has no anon_vma.
BeginIn(t, op, v) ==
  [Begin(thread[t], op) EXCEPT
     !.vma = v, !.child = IF t \in Faulters /\ vma[v].anon = None THEN Whose[t] ELSE None]

\* mm or faulter: a write to an empty or read-only entry. Chooses area and address.
\* [handle_mm_fault; lock_vma_under_rcu, vmf_anon_prepare]
Fault(t) ==
  /\ MayBegin(t, "Fault") /\ ~BusyChild(Process(t))
  /\ \E v \in Areas(Process(t)), i \in Slot :
       LET e == pte[Process(t)][i]
           r == [BeginIn(t, "Fault", v) EXCEPT !.slot = i]
       IN /\ Covers(v, i) /\ MayFault(t, v, {v})
          /\ \/ /\ e.kind = "Empty" /\ MayPrepare(v)
                /\ Become(t, Prepare([r EXCEPT !.phase = "New"]))
             \/ /\ e.kind = "Present" /\ ~e.writable
                /\ Become(t, [r EXCEPT !.phase = "Cow", !.page = e.page, !.pc = "LockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(t)

\* mm or faulter: a page is to go from its address to another, where an area has none. Chooses the
\* two addresses. [move_pages]
UffdMove(t) ==
  /\ "UffdMove" \in MoreOps /\ IsIdle(t) /\ thread[t].left # 0 /\ ~Crashed
  /\ ~BusyChild(Process(t))
  /\ \E u, v \in Areas(Process(t)), from, to \in Slot :
       LET e == pte[Process(t)][from] IN
       /\ Covers(u, from) /\ e.kind = "Present"
       /\ Covers(v, to) /\ pte[Process(t)][to].kind = "Empty"
       /\ MayFault(t, v, {u, v}) /\ MayPrepare(v)
       /\ Become(t, Prepare([BeginIn(t, "UffdMove", v) EXCEPT
                               !.slot = <<from, to>>, !.page = e.page, !.phase = "Cow"]))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------
(* An area gets its first anon_vma. Both threads may be at it.                                    *)

AllocAnon(t) == /\ R!AllocAnon(t)

\* mm or faulter: lock free -> held alone. [anon_vma_lock_write]
LockAnon(t) ==
  /\ IF ~Prepares(thread[t]) THEN R!LockAnon(t)
     ELSE /\ At(t, "LockAnon")
          /\ LET r == thread[t] IN
               R!TakeAlone(t, R!MMLock(r.vma, r.anon), [r EXCEPT !.pc = "LinkChain"])
          /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* mm or faulter: looks again whether the area has an anon_vma; if it has none, entry (v,a) off the
\* chain -> on it, and the area has its anon_vma with that. [__anon_vma_prepare, under the
\* page-table's lock]
LinkChain(t) ==
  /\ IF ~Prepares(thread[t]) THEN R!LinkChain(t)
     ELSE /\ At(t, "LinkChain")
          /\ LET r == thread[t] IN
               IF vma[r.vma].anon # None
               THEN Become(t, [r EXCEPT !.pc = "UnlockAnon"]) /\ UNCHANGED <<vma, anon>>
               ELSE /\ vma'  = [vma EXCEPT ![r.vma].anon = r.anon, ![r.vma].chain = <<r.anon>>]
                    /\ anon' = [anon EXCEPT ![r.anon].active = @ + 1]
                    /\ Become(t, [r EXCEPT !.pc = "LinkList"])
          /\ UNCHANGED <<page, pte>> /\ Record(t)

\* mm or faulter: entry (v,a) not in the tree of a -> in it. [__anon_vma_prepare:
\* anon_vma_interval_tree_insert]
LinkList(t) ==
  /\ IF ~Prepares(thread[t]) THEN R!LinkList(t)
     ELSE /\ At(t, "LinkList")
          /\ LET r == thread[t] IN
               /\ anon' = [anon EXCEPT ![r.anon].list = R!Insert(@, r.vma, vma)]
               /\ Become(t, [r EXCEPT !.pc = "UnlockAnon"])
          /\ UNCHANGED <<vma, page, pte>> /\ Record(t)

\* A fork goes on with the next area.
NextVMA(m, r) == LET q == M!NextVMA(m, r) IN IF q.pc = "CopyVMA" THEN Await(m, q) ELSE q

\* The child's area is complete: its entries follow, or the next area.
Complete(m, r) ==
  LET todo == M!ToCopy(m, r.vma, vma[r.vma].start)
      q    == [r EXCEPT !.anon = None]
  IN /\ vma' = [vma EXCEPT ![r.new].life = "Mapped"]
     /\ Become(m, IF todo = {} THEN NextVMA(m, q)
                  ELSE [q EXCEPT !.slot = Lowest(todo), !.pc = "CopyEntry"])

\* mm or faulter: held -> free. What a fault has allocated and the other thread made useless is put.
\* [anon_vma_unlock_write]
UnlockAnon(t) ==
  /\ CASE Prepares(thread[t]) ->
            /\ At(t, "UnlockAnon") /\ R!Leave(t)
            /\ LET r == [thread[t] EXCEPT !.held = None] IN
                 Become(t, IF anon[r.anon].list = <<>> THEN [r EXCEPT !.pc = "PutAnon"]
                           ELSE Prepared(r))
            /\ UNCHANGED <<vma, page, pte>> /\ Record(t)
       [] thread[t].op = "Fork" /\ thread[t].root = None ->
            /\ At(t, "UnlockAnon") /\ R!Leave(t)
            /\ Complete(t, [thread[t] EXCEPT !.held = None])
            /\ UNCHANGED <<page, pte>> /\ Record(t)
       [] OTHER -> R!UnlockAnon(t)

\* A put of a process or a faulter is over.
Over(t, r) == LET q == [r EXCEPT !.root = None] IN
  CASE Prepares(q)                  -> Become(t, Prepared(q)) /\ UNCHANGED vma
    [] ~Prepares(q) /\ q.new # None -> Complete(t, q)
    [] ~Prepares(q) /\ q.new = None -> Become(t, [q EXCEPT !.pc = "UnlinkChain"]) /\ UNCHANGED vma

\* All: refs -> refs - 1. The thread that drops the last reference frees.
\* [put_anon_vma, __put_anon_vma]
PutAnon(t) ==
  /\ IF t \in Walkers THEN R!PutAnon(t)
     ELSE /\ At(t, "PutAnon")
          /\ LET r == thread[t] IN
               /\ anon' = [anon EXCEPT ![r.anon].refs = @ - 1]
               /\ IF anon[r.anon].refs > 1 THEN Over(t, r)
                  ELSE /\ Become(t, [r EXCEPT !.empty = TRUE, !.pc = "CheckUnlocked"])
                       /\ UNCHANGED vma
          /\ UNCHANGED <<page, pte>> /\ Record(t)

CheckUnlocked(t) == /\ R!CheckUnlocked(t)
LockRoot(t)      == /\ R!LockRoot(t)
UnlockRoot(t)    == /\ R!UnlockRoot(t)

\* All: object live -> free; then its reference on its root goes.
\* [kmem_cache_free in anon_vma_free; __put_anon_vma]
FreeAnon(t) ==
  /\ IF t \in Walkers THEN R!FreeAnon(t)
     ELSE /\ At(t, "FreeAnon")
          /\ LET r == [thread[t] EXCEPT !.empty = FALSE] IN
               /\ anon' = [anon EXCEPT ![r.anon].live = FALSE, ![r.anon].parent = None,
                                       ![r.anon].children = 0, ![r.anon].active = 0]
               /\ IF r.root = r.anon THEN Over(t, r)
                  ELSE /\ Become(t, [r EXCEPT !.anon = r.root, !.root = None, !.pc = "PutAnon"])
                       /\ UNCHANGED vma
          /\ UNCHANGED <<page, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------
(* A page is mapped, or made writable, or moved.                                                  *)

\* History asks who maps a page for that thread's entries: those of the process.
As(t) == INSTANCE History WITH thread <- [thread EXCEPT ![Process(t)] = thread[t]]

\* mm or faulter: the entry as the fault saw it -> a free page, as in MM. [do_anonymous_page,
\* wp_page_copy]
MapPage(t) ==
  /\ At(t, "MapPage") /\ TableFree(t, Process(t))
  /\ LET r    == thread[t]
         m    == Process(t)
         x    == vma[r.vma]
         e    == pte[m][r.slot]
         same == IF r.phase = "New" THEN e.kind = "Empty"
                 ELSE e.kind = "Present" /\ e.page = r.page /\ ~e.writable
         p    == Pick(FreePages)
     IN /\ IF same /\ FreePages # {}
           THEN /\ page' = [page EXCEPT ![p].mapping = x.anon,
                                        ![p].index = x.pgoff + r.slot - x.start]
                /\ pte'  = [pte EXCEPT ![m][r.slot] =
                              [kind |-> "Present", page |-> p, writable |-> TRUE]]
           ELSE UNCHANGED <<page, pte>>
        /\ Become(t, EndMM(r))
  /\ UNCHANGED <<vma, anon>> /\ As(t)!Record(Process(t))

LockPage(t) == /\ R!LockPage(t)

\* mm or faulter: is this entry the page's only one? Then the page is reused, or moved if its new
\* place is still empty: and with that the page-table's lock is taken. [do_wp_page; move_pages_ptes]
CheckOwn(t) ==
  /\ At(t, "CheckOwn")
  /\ thread[t].op = "UffdMove" => TableFree(t, Process(t))
  /\ LET r        == thread[t]
         m        == Process(t)
         alone(i) == Entries(pte, r.page, "Present") = {<<m, i>>}
         busy     == [r EXCEPT !.pc = "UnlockPage"]
         goes     == [r EXCEPT !.pc = "MovePage"]
     IN Become(t, CASE r.op = "Fault"    -> IF alone(r.slot) THEN goes ELSE busy
                    [] r.op = "UffdMove" ->
                         IF alone(r.slot[1]) /\ pte[m][r.slot[2]].kind = "Empty" THEN goes
                         ELSE [busy EXCEPT !.phase = "None"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(t)

\* mm or faulter: mapping -> the area's anon_vma: down the tree, or in a UffdMove anywhere.
\* [folio_move_anon_rmap]
MovePage(t) ==
  /\ At(t, "MovePage")
  /\ LET r == thread[t] IN
       /\ page' = [page EXCEPT ![r.page].mapping = vma[r.vma].anon]
       /\ Become(t, [r EXCEPT !.pc = IF r.op = "Fault" THEN "AllowWrite" ELSE "StoreIndex"])
  /\ UNCHANGED <<vma, anon, pte>> /\ Record(t)

\* mm or faulter: entry read-only -> writable, if it is still the page's: the other thread may have
\* copied the page meanwhile. [wp_page_reuse: pte_same]
AllowWrite(t) ==
  /\ At(t, "AllowWrite") /\ TableFree(t, Process(t))
  /\ LET r == thread[t]  m == Process(t)  e == pte[m][r.slot] IN
       /\ pte' = IF e.kind = "Present" /\ e.page = r.page
                 THEN [pte EXCEPT ![m][r.slot].writable = TRUE] ELSE pte
       /\ Become(t, [r EXCEPT !.pc = "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(t)

\* mm or faulter: index -> that of the new address. [move_present_ptes: folio->index]
StoreIndex(t) ==
  /\ At(t, "StoreIndex")
  /\ LET r == thread[t]  x == vma[r.vma] IN
       /\ page' = [page EXCEPT ![r.page].index = x.pgoff + r.slot[2] - x.start]
       /\ Become(t, [r EXCEPT !.pc = "MoveEntry"])
  /\ UNCHANGED <<vma, anon, pte>> /\ Record(t)

\* mm or faulter: the entry at its old address -> at the new one; the page-table's lock is free.
\* [move_present_ptes: ptep_clear_flush, set_pte_at]
MoveEntry(t) ==
  /\ At(t, "MoveEntry")
  /\ LET r == thread[t]  m == Process(t) IN
       /\ pte' = [pte EXCEPT ![m][r.slot[1]] = NoPTE, ![m][r.slot[2]] = pte[m][r.slot[1]]]
       /\ Become(t, [r EXCEPT !.pc = "UnlockPage"])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(t)

\* All: page lock held -> free. A fault whose page is shared copies it.
UnlockPage(t) ==
  /\ IF t \in Walkers THEN R!UnlockPage(t)
     ELSE /\ At(t, "UnlockPage")
          /\ LET r      == thread[t]
                 copies == /\ r.op = "Fault"
                           /\ LET e == pte[Process(t)][r.slot] IN
                                e.kind = "Present" /\ e.page = r.page /\ ~e.writable
             IN /\ page' = [page EXCEPT ![r.page].lock = None]
                /\ Become(t, IF copies THEN [r EXCEPT !.pc = "MapPage"] ELSE EndMM(r))
          /\ UNCHANGED <<vma, anon, pte>> /\ Record(t)

----------------------------------------------------------------------------------------------------
(* The process: what it does with the mmap lock alone.                                            *)

Map(m) == /\ MMapFree(m) /\ R!Map(m)

\* mm: as in MM, and the lock of the first area is wanted. Chooses the child. [dup_mmap]
Fork(m) ==
  /\ MayWrite(m, "Fork") /\ Alive(m)
  /\ \E c \in Processes \ {m} :
       LET births == Cardinality(Areas(m))
           need   == Cardinality({v \in Areas(m) : vma[v].anon # None})
       IN /\ Quiet(c) /\ Areas(c) = {} /\ Doomed(c) = {}
          /\ SpareVMAs >= births /\ SpareObjects >= need
          /\ Become(m, Await(m, [Begin(thread[m], "Fork") EXCEPT
                                   !.child = c, !.births = births, !.need = need,
                                   !.vma = LowestAddress(Areas(m)), !.pc = "CopyVMA"]))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)

\* An area is to be cut at an address inside it; its lock is wanted. [__split_vma]
Split(m, op) ==
  /\ MayWrite(m, op) /\ SpareVMAs >= 1
  /\ \E v \in Areas(m), at \in Slot :
       /\ vma[v].start < at /\ at < vma[v].end
       /\ Become(m, Await(m, [Begin(thread[m], op) EXCEPT
                                !.births = 1, !.vma = v, !.slot = at, !.pc = "CopyVMA"]))
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(m)
SplitBelow(m) == /\ Split(m, "SplitBelow")
SplitAbove(m) == /\ Split(m, "SplitAbove")

\* The area of m in hand leaves it.
Leaves(m, r) ==
  LET x      == vma[r.vma]
      filled == \E i \in x.start .. x.end - 1 : pte[m][i].kind # "Empty"
  IN /\ vma' = [vma EXCEPT ![r.vma].life = "Detached"]
     /\ Become(m, IF filled THEN [r EXCEPT !.pc = "ZapEntry"] ELSE R!Unlink(r, r.vma, x))

\* mm: one area is to go; where there is a second thread the area's lock is wanted first. Chooses
\* the area. [do_vmi_munmap]
Unmap(m) ==
  /\ MayWrite(m, "Unmap")
  /\ \E v \in Areas(m) :
       LET r == [Begin(thread[m], "Unmap") EXCEPT !.vma = v] IN
       IF Second(m) = {} THEN Leaves(m, r) ELSE Become(m, Await(m, r)) /\ UNCHANGED vma
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: all its areas leave: it is the last thread. [exit_mmap]
Exit(m) == /\ \A f \in Second(m) : IsIdle(f)
           /\ R!Exit(m)

\* mm: area's lock free -> held alone, to the end of the operation. What is unmapped leaves its
\* process. [vma_start_write]
LockArea(m) ==
  /\ At(m, "LockArea")
  /\ LET r == thread[m] IN
       /\ \A f \in Second(m) : ~IsIn(f, r.vma)
       /\ IF r.op = "Unmap" THEN Leaves(m, r)
          ELSE Become(m, [r EXCEPT !.pc = "CopyVMA"]) /\ UNCHANGED vma
  /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: no area -> the next area. The copy of one without anon_vma is complete in a fork.
\* [dup_mmap, __split_vma]
CopyVMA(m) ==
  /\ IF ~(thread[m].op = "Fork" /\ vma[thread[m].vma].anon = None) THEN R!CopyVMA(m)
     ELSE /\ At(m, "CopyVMA")
          /\ LET r == [thread[m] EXCEPT !.new = Pick(Unborn), !.births = @ - 1] IN
               /\ vma' = [vma EXCEPT ![r.new] = [vma[r.vma] EXCEPT !.mm = r.child]]
               /\ Become(m, NextVMA(m, r))
          /\ UNCHANGED <<anon, page, pte>> /\ Record(m)

\* mm: the child's entry empty -> the parent's, both read-only. [copy_present_ptes]
CopyEntry(m) ==
  /\ At(m, "CopyEntry") /\ TableFree(m, m)
  /\ LET r    == thread[m]
         e    == [pte[m][r.slot] EXCEPT !.writable = FALSE]
         todo == M!ToCopy(m, r.vma, r.slot + 1)
     IN /\ pte' = [pte EXCEPT ![m][r.slot] = e, ![r.child][r.slot] = e]
        /\ Become(m, IF todo = {} THEN NextVMA(m, r) ELSE [r EXCEPT !.slot = Lowest(todo)])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(m)

ZapEntry(m)     == /\ TableFree(m, m) /\ R!ZapEntry(m)
PinRoot(m)      == /\ R!PinRoot(m)
LockAdjust(m)   == /\ R!LockAdjust(m)
TakeOut(m)      == /\ R!TakeOut(m)
StoreStart(m)   == /\ R!StoreStart(m)
StorePgoff(m)   == /\ R!StorePgoff(m)
StoreEnd(m)     == /\ R!StoreEnd(m)
PutBack(m)      == /\ R!PutBack(m)
UnlockAdjust(m) == /\ R!UnlockAdjust(m)
UnlinkList(m)   == /\ R!UnlinkList(m)
UnlinkChain(m)  == /\ R!UnlinkChain(m)
FreeVMA(m)      == /\ R!FreeVMA(m)

----------------------------------------------------------------------------------------------------
(* The walker. It looks at an entry under the page-table's lock.                                  *)

\* walker: refs + 1, of an area's anon_vma. It shares the mmap lock: where a process has two threads
\* it runs beside their faults. [get_anon_vma (ksm)]
Pin(w) ==
  /\ MayBegin(w, "Pin") /\ thread[w].pin = None
  /\ \E v \in VMAs :
       LET m == vma[v].mm IN
       /\ vma[v].life = "Mapped" /\ vma[v].anon # None
       /\ IF Second(m) = {} THEN Quiet(m) ELSE ~Writes(m) /\ ~BusyChild(m)
       /\ anon' = [anon EXCEPT ![vma[v].anon].refs = @ + 1]
       /\ Become(w, [EndWalker(Begin(thread[w], "Pin")) EXCEPT !.pin = vma[v].anon])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

Walk(w)          == /\ R!Walk(w)
Migrate(w)       == /\ R!Migrate(w)
WalkPinned(w)    == /\ R!WalkPinned(w)
Unpin(w)         == /\ R!Unpin(w)
ReadMapping(w)   == /\ R!ReadMapping(w)
CheckMapped(w)   == /\ R!CheckMapped(w)
ReadRoot(w)      == /\ R!ReadRoot(w)
TryRoot(w)       == /\ R!TryRoot(w)
GetUnlessZero(w) == /\ R!GetUnlessZero(w)
RecheckMapped(w) == /\ R!RecheckMapped(w)
DropRef(w)       == /\ R!DropRef(w)
NextEntry(w)     == /\ R!NextEntry(w)
ReadStart(w)     == /\ R!ReadStart(w)
ReadPgoff(w)     == /\ R!ReadPgoff(w)
Visit(w)         == /\ At(w, "Visit")
                    /\ thread[w].gone = "None" => TableFree(w, vma[thread[w].vma].mm)
                    /\ R!Visit(w)

----------------------------------------------------------------------------------------------------

Rest == /\ C!Rest

\* What both threads of a process do.
FaultStep(t) ==
  \/ Fault(t) \/ UffdMove(t)
  \/ AllocAnon(t) \/ LockAnon(t) \/ LinkChain(t) \/ LinkList(t) \/ UnlockAnon(t)
  \/ PutAnon(t) \/ CheckUnlocked(t) \/ LockRoot(t) \/ UnlockRoot(t) \/ FreeAnon(t)
  \/ MapPage(t) \/ LockPage(t) \/ CheckOwn(t) \/ MovePage(t) \/ AllowWrite(t)
  \/ StoreIndex(t) \/ MoveEntry(t) \/ UnlockPage(t)
\* What its own thread does alone.
MMStep(m) ==
  \/ Map(m) \/ Fork(m) \/ Unmap(m) \/ Exit(m) \/ SplitBelow(m) \/ SplitAbove(m)
  \/ LockArea(m) \/ CopyVMA(m) \/ CopyEntry(m) \/ PinRoot(m)
  \/ LockAdjust(m) \/ TakeOut(m) \/ StoreStart(m) \/ StorePgoff(m) \/ StoreEnd(m) \/ PutBack(m)
  \/ UnlockAdjust(m)
  \/ ZapEntry(m) \/ UnlinkList(m) \/ UnlinkChain(m) \/ FreeVMA(m)
WalkerStep(w) ==
  \/ Walk(w) \/ Migrate(w) \/ Pin(w) \/ WalkPinned(w) \/ Unpin(w)
  \/ LockPage(w) \/ UnlockPage(w)
  \/ ReadMapping(w) \/ CheckMapped(w) \/ ReadRoot(w) \/ TryRoot(w) \/ GetUnlessZero(w)
  \/ RecheckMapped(w) \/ LockRoot(w) \/ DropRef(w) \/ UnlockRoot(w)
  \/ NextEntry(w) \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w)
  \/ PutAnon(w) \/ CheckUnlocked(w) \/ FreeAnon(w)
Next == \/ \E t \in MMs : FaultStep(t)
        \/ \E m \in Processes : MMStep(m)
        \/ \E w \in Walkers : WalkerStep(w)
        \/ Rest

Init == R!Init
Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------------------------------
(* What is claimed: as of RwsemRoot. What two threads or a UffdMove change is said here.          *)

\* The registers have their ranges from there, but for the steps and the operation that are new.
AsThere(r) == [r EXCEPT !.op   = IF @ = "UffdMove" THEN "Fault" ELSE @,
                        !.slot = IF r.op = "UffdMove" THEN @[1] ELSE @,
                        !.pc   = CASE @ = "LockArea"                  -> "CopyVMA"
                                   [] @ \in {"StoreIndex", "MoveEntry"} -> "MovePage"
                                   [] OTHER                             -> @]
RegistersOK ==
  /\ DOMAIN thread = Thread
  /\ \A t \in MMs     : /\ R!AsThere(AsThere(thread[t])) \in C!MMRegisters
                        /\ IsIdle(t) => thread[t] = EndMM(thread[t])
                        /\ thread[t].op = "UffdMove" => thread[t].slot \in Slot \X Slot
  /\ \A f \in Faulters : thread[f].op \in FaultOps \cup {"None"}
  /\ \A w \in Walkers : /\ thread[w] \in C!WalkerRegisters
                        /\ IsIdle(w) => thread[w] = EndWalker(thread[w])
                        /\ thread[w].pc = "Oopsed" <=> thread[w].oops # "None"
  /\ \A t \in Thread  : IsIdle(t) <=> thread[t].op = "None"
OwnsNothing(f) == /\ \A v \in VMAs : vma[v].mm # f
                  /\ \A i \in Slot : pte[f][i] = NoPTE
TypeOK == /\ C!VMATypeOK /\ R!TreeTypeOK /\ C!PageTypeOK /\ C!PTETypeOK
          /\ RegistersOK /\ C!HistoryTypeOK
          /\ \A f \in Faulters : OwnsNothing(f)

NoMissedMapping   == R!NoMissedMapping
NoBadFree         == R!NoBadFree
NoRecycledTrusted == R!NoRecycledTrusted
WritersIsolated   == R!WritersIsolated
ListStable        == R!ListStable
LockSucceeds      == R!LockSucceeds
UnlockMatchesLock == R!UnlockMatchesLock
NothingHeldAtRest == R!NothingHeldAtRest
NothingLeaked     == R!NothingLeaked
MutualExclusion   == R!MutualExclusion
LockedIsRoot      == R!LockedIsRoot
RootFreedLast     == R!RootFreedLast
AncestorsReused   == R!AncestorsReused
TreesSorted       == R!TreesSorted
Refinement        == R!Refinement

\* Nobody unmaps the area that a faulter is in.
NoAreaUnderFault == \A f \in Faulters : ~IsIdle(f) => thread[f].vma \in Areas(Whose[f])
NoUseAfterFree   == R!NoUseAfterFree /\ NoAreaUnderFault

\* Between the stores of a UffdMove the page is nowhere. An area whose first anon_vma is not in the
\* tree yet is not found there either; who stores that has the family's lock.
Moves(t)        == thread[t].pc \in {"StoreIndex", "MoveEntry"}
Plants(t, e)    == LET r == thread[t] IN
                   r.pc = "LinkList" /\ Prepares(r) /\ r.anon = C!Mapping(e) /\ Covers(r.vma, e[2])
LeafReaches     == \A e \in C!InUse : \/ thread[e[1]].pc \in C!StoreSteps \cup {"PutBack"}
                                      \/ \E t \in Both(e[1]) : Moves(t) \/ Plants(t, e)
                                      \/ C!Mapping(e) # None /\ \E v \in VMAs : C!Leads(v, e)
MappedReachable == C!LeafLive /\ LeafReaches

\* A process is at rest if both its threads are.
AtWork(m)        == IF \E f \in Second(m) : ~IsIdle(f) THEN Pick(Second(m)) ELSE m
Q                == INSTANCE RwsemRoot WITH
                      thread <- [t \in Thread |-> IF t \in Processes /\ IsIdle(t)
                                                  THEN thread[AtWork(t)] ELSE thread[t]]
ChainsMatchLists == Q!ChainsMatchLists

\* What a fault found may be gone at its end: the other thread has moved the page. The process tries
\* again. A page that was busy is not moved.
FaultDone(t) ==
  LET r == thread[t]  e == pte'[Process(t)][r.slot] IN
  \/ FreePages' = {}
  \/ Faulters # {} /\ r.page # None /\ e.kind = "Empty"
  \/ e.kind # "Empty" /\ (e.writable \/ r.page = None \/ e.kind # "Present" \/ e.page # r.page)
UffdDone(t) ==
  LET r == thread[t]  e == pte'[Process(t)][r.slot[1]] IN
  r.phase = "Cow" => ~(e.kind = "Present" /\ e.page = r.page)
DidItsWork(t) == LET op == thread[t].op IN
                 CASE op = "Fault"    -> FaultDone(t)
                   [] op = "UffdMove" -> UffdDone(t)
                   [] OTHER           -> R!DidItsWork(t)
OperationDone == [][\A t \in Thread : C!Ends(t) => DidItsWork(t)]_vars

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
THEOREM Spec => Refinement

====================================================================================================
(***************************************************************************************************
Sizes checked by TLC 1.7.3 and, with the same counts, by the explorer of spec/. The operations stand
in models/. MMs: processes, and how many of them have a second thread. Depth in states, as TLC
counts.

model       MMs VMAs Objects Pages Walkers Slots MMOps WalkerOps Layout       distinct  generated depth
Couples     2+2    3       3     2       1     1     1         0 Forked           2085       4254    38
Unused      1+1    1       2     2       1     2     2         0 Mapped           4740       8060    35
First       1+1    1       2     2       1     2     1         1 Mapped           5016       9244    31
Faulters    1+1    3       2     2       1     2     2         1 Neighbours      49598     108538    55
Beside      2+1    3       3     2       1     2     1         1 OnePage        108357     239491    69
Relocated     2    4       3     2       1     2     2         1 Neighbours     160216     394003    83
***************************************************************************************************)
