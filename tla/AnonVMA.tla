------------------------------------------------------ MODULE AnonVMA ------------------------------------------------------
(**************************************************************************************************************************)
(* The world of rootlock: the anon_vma reverse map of Linux 2.6.34 to 2.6.36 and the operations on it, step by step.      *)
(* Source: mm/rmap.c, mm/memory.c, mm/mmap.c, mm/migrate.c, kernel/fork.c, as collected in KERNEL.md sections 1.1 to 1.13.*)
(*                                                                                                                        *)
(* Here are the state and the words for it. The steps are in MM and Walker, what is claimed of them in Claims. A protocol *)
(* (OwnLock, DeepestLock, RootPointer, TrylockRetry, WalkMutex, RefcountedRoot) EXTENDS the three: it says whose lock     *)
(* stands for a chain entry, how a walker finds and takes the lock, and builds Next. What all without a root pointer      *)
(* share is in Rootless, what all but RefcountedRoot share in Uncounted, what the two that nest share in Nested.          *)
(*                                                                                                                        *)
(* One action is one atomic step of one thread; `thread[t].pc` names the step that t takes next. A step that chooses      *)
(* something has an \E over what it chooses; in a schedule these are its arguments, in the order of the \E.               *)
(*                                                                                                                        *)
(* Abstracted away: page contents, the page-table lock (each touch of an entry is one step), allocation failure, RCU      *)
(* (an object is type-stable for ever, and may be reused at once), the order of stores inside one step.                   *)
(* Each step has the form   who acts: before -> after. [kernel function]                                                  *)
(**************************************************************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  MMs, VMAs, Objects, Pages, Walkers, Slots,  \* how many; ids count from 1, slots from 0; 0 as an id means none
  MMOps, WalkerOps,                           \* how many operations one thread may begin; Unlimited: not counted
  Layout,                                     \* the initial state
  Ops                                         \* the names of the operations that happen

Unlimited  == 255
Operations == {"Map", "Fault", "Fork", "Unmap", "Exit", "SplitBelow", "SplitAbove", "Walk", "Migrate", "WalkPinned", "Pin",
               "Unpin"}

ASSUME SizesAssumption  == /\ {MMs, VMAs, Objects, Pages, Slots} \subseteq Nat \ {0}
                           /\ Walkers \in Nat
ASSUME BudgetAssumption == {MMOps, WalkerOps} \subseteq 0..Unlimited
ASSUME LayoutAssumption == \/ Layout \in {"OnePage", "Mapped"}
                           \/ Layout = "Neighbours" /\ Slots >= 2 /\ VMAs >= 2
                           \/ Layout = "Forked" /\ MMs >= 2 /\ VMAs >= 2 /\ Objects >= 2 /\ Pages >= 2
ASSUME OpsAssumption    == Ops \subseteq Operations

MMThread     == 1..MMs                        \* thread m works for address space m, under its mmap_sem
WalkerThread == MMs + 1 .. MMs + Walkers
Thread       == MMThread \cup WalkerThread
VMAId        == 1..VMAs
ObjectId     == 1..Objects
PageId       == 1..Pages
SlotId       == 0 .. Slots - 1
Entry        == MMThread \X SlotId            \* the places of page-table entries

VARIABLES
  vma,     \* VMAs: life, mm, [start,end), pgoff, anon (where its new pages go), chain (same_vma: newest first, root last).
           \* A name is free again as soon as its area is freed. The chain entry (v,a) exists while a is in chain of v.
  anon,    \* anon_vma objects, recycled: live, root, refs, lock (holder or 0), list (same_anon_vma). `root` is the family
           \* given at allocation; it outlives the object. In OwnLock and DeepestLock only claims read it.
  page,    \* page frames: mapping (never cleared, only overwritten), index, lock, and the history bit
           \* stale: the object in mapping was freed since mapping was written
  pte,     \* page tables: pte[m][i] is kind, page, writable
  thread   \* registers of the threads, see NoThread

vars == <<vma, anon, page, pte, thread>>

NoVMA    == [life |-> "Unborn", mm |-> 0, start |-> 0, end |-> 0, pgoff |-> 0, anon |-> 0, chain |-> <<>>]
NoAnon   == [live |-> FALSE, root |-> 0, refs |-> 0, lock |-> 0, list |-> <<>>]
NoPage   == [mapping |-> 0, index |-> 0, lock |-> 0, stale |-> FALSE]
NoPTE    == [kind |-> "Empty", page |-> 0, writable |-> FALSE]
NoThread ==
  [pc     |-> "Idle",  \* the step that it takes next; Idle; Oopsed
   op     |-> "None",  \* the operation that it is in
   phase  |-> "None",  \* Fault: New, Cow. Walk: Plain. Migrate: Get, One, Two, Put. WalkPinned: Pinned. Unpin: Put
   left   |-> 0,       \* operations that it may still begin
   vma    |-> 0,       \* mm: subject of the operation. Walker: cursor, 0 before the first entry
   new    |-> 0,       \* mm: VMA under construction
   anon   |-> 0,       \* mm: object being linked, unlinked, locked. Walker: the leaf, that is what it looked up and walks
   root   |-> 0,       \* walker: what ReadTail, ReadRoot or ReadAnon found. mm: the root that its object pinned
   held   |-> 0,       \* the object whose lock it will unlock: what it believes it holds
   also   |-> 0,       \* walker: the second object whose lock it holds, for the area in hand
   mutex  |-> FALSE,   \* walker: it is inside the mutex of all walks
   page   |-> 0,       \* page in hand
   slot   |-> 0,       \* Fault: where. Fork: next to copy. Split: at. Walker: address to visit
   pos    |-> 0,       \* clone: place in the source chain (1 is the newest); 0 outside the clone loop
   child  |-> 0,       \* Fork: the child's address space
   need   |-> 0,       \* objects that it has still to allocate (reserved)
   births |-> 0,       \* VMAs that it has still to make (reserved)
   start  |-> 0,       \* walker: extent that ReadStart read ...
   end    |-> 0,       \* ... both are zero elsewhere
   empty  |-> FALSE,   \* found the list empty and no reference: it will be freed
   last   |-> FALSE,   \* so it found the root: that will be freed
   pin    |-> 0,       \* walker: object that it holds a reference on; outlives the operation
   gone   |-> "None",  \* walker: what became of the area in `vma`: its Entry was taken off the list, or the Area freed
   stale  |-> FALSE,   \* history, walker: the object in `anon` was freed since page.mapping was written, or read
   steady |-> FALSE,   \* history, walker: the page was mapped ever since the operation began
   owed   |-> {},      \* history, walker: entries that this walk has still to visit
   missed |-> FALSE,   \* history, walker: its last walk ended with entries owed; until its next operation
   failed |-> FALSE,   \* history, walker: a lock attempt returned nothing although steady; until its next operation
   oops   |-> "None"]  \* why it Oopsed

----------------------------------------------------------------------------------------------------------------------------
(* Words.                                                                                                                 *)

Last(s)    == s[Len(s)]
Members(s) == {s[k] : k \in 1..Len(s)}
Place(s,x) == CHOOSE k \in 1..Len(s) : s[k] = x
Lowest(S)  == CHOOSE x \in S : \A y \in S : x <= y
Total(f)   == LET sum[m \in 0..MMs] == IF m = 0 THEN 0 ELSE sum[m-1] + f[m] IN sum[MMs]

Entries(table, p, kind) == {e \in Entry : LET x == table[e[1]][e[2]] IN x.page = p /\ x.kind = kind}
MappedIn(table, p)      == \E m \in MMThread : \E i \in SlotId : table[m][i].page = p /\ table[m][i].kind = "Present"
IsMapped(p)             == MappedIn(pte, p)
MappedPages             == {p \in PageId : IsMapped(p)}
MapsIt(r)               == IF r.phase = "Two" THEN "Migration" ELSE "Present"  \* the kind that walker r must find

Areas(m)         == {v \in VMAId : vma[v].life = "Mapped" /\ vma[v].mm = m}
Doomed(m)        == {v \in VMAId : vma[v].life = "Detached" /\ vma[v].mm = m}  \* while m is in Unmap or Exit
DoomedSlots(m)   == {i \in SlotId : pte[m][i].kind # "Empty" /\ \E v \in Doomed(m) : i \in vma[v].start .. vma[v].end - 1}
LowestAddress(S) == CHOOSE v \in S : \A u \in S : vma[v].start <= vma[u].start
Unborn           == {v \in VMAId : vma[v].life = "Unborn"}
Alive(m)         == Areas(m) # {}
BusyChild(m)     == \E n \in MMThread : thread[n].op = "Fork" /\ thread[n].child = m
SpareVMAs        == Cardinality(Unborn) - Total([m \in MMThread |-> thread[m].births])
SpareObjects     == Cardinality({a \in ObjectId : ~anon[a].live}) - Total([m \in MMThread |-> thread[m].need])
FreePages        == {p \in PageId : /\ \A m \in MMThread : \A i \in SlotId : pte[m][i].page # p
                                    /\ \A t \in Thread : thread[t].page # p}
Splits           == {"SplitBelow", "SplitAbove"}
Building(r)      == r.op \in {"Fork"} \cup Splits         \* it makes a VMA and clones a chain into it
Refers(r)        == r.phase \in {"Two", "Put", "Pinned"}  \* it has a reference on its leaf: it need not ask for page_mapped
Linked(r)        == IF Building(r) THEN r.new ELSE r.vma  \* the VMA of the chain entry in hand

(* After a crash nothing moves: the kernel has oopsed.                                                                    *)
Crashed      == \E t \in Thread : thread[t].pc = "Oopsed"
At(t, step)  == thread[t].pc = step /\ ~Crashed
Become(t, r) == thread' = [thread EXCEPT ![t] = r]
Oops(r, why) == [r EXCEPT !.pc = "Oopsed", !.oops = why]

(* An operation begins and ends; MayBegin is what the guards have in common.                                              *)
IsIdle(t)       == thread[t].pc = "Idle"
MayBegin(t, op) == op \in Ops /\ IsIdle(t) /\ thread[t].left # 0 /\ ~Crashed
MMMayBegin(m, op) == MayBegin(m, op) /\ ~BusyChild(m)
Begin(r, op)    == [r EXCEPT !.op = op, !.missed = FALSE, !.failed = FALSE, !.left = IF @ = Unlimited THEN @ ELSE @ - 1]
End(r)          == [NoThread EXCEPT !.left = r.left, !.pin = r.pin, !.missed = r.missed, !.failed = r.failed]

(* History, kept in the same step by those that take an entry from a page or change its kind: MapPage, ZapEntry, Visit.   *)
(* No other step can end the steadiness of a walker or make less of what it is owed.                                      *)
Keep(threads, table) ==
  [t \in Thread |-> LET r == threads[t] IN
     IF t \in WalkerThread /\ r.page # 0
     THEN [r EXCEPT !.steady = @ /\ MappedIn(table, r.page), !.owed = @ \cap Entries(table, r.page, MapsIt(r))]
     ELSE r]

(* A walker whose cursor points to what is freed in this step is marked: its next touch is a use after free, whatever     *)
(* area has the name by then.                                                                                             *)
Lose(threads, points(_), what) ==
  [t \in Thread |-> LET r == threads[t] IN
     IF t \in WalkerThread /\ r.vma # 0 /\ points(r) THEN [r EXCEPT !.gone = what] ELSE r]

(* Locks of objects. Taking blocks while the lock is held; releasing asks nobody (UnlockMatchesLock does).                *)
Take(t, a, r)  == anon[a].lock = 0 /\ anon' = [anon EXCEPT ![a].lock = t] /\ Become(t, [r EXCEPT !.held = a])
Drop(t)        == anon' = [anon EXCEPT ![thread[t].held].lock = 0]

----------------------------------------------------------------------------------------------------------------------------
(* Steps of both sides.                                                                                                   *)

\* mm or walker: page lock free -> held. [lock_page in do_wp_page and unmap_and_move]
LockPage(t) ==
  /\ At(t, "LockPage") /\ page[thread[t].page].lock = 0
  /\ page' = [page EXCEPT ![thread[t].page].lock = t]
  /\ Become(t, [thread[t] EXCEPT !.pc = IF t \in MMThread THEN "CheckOwn" ELSE "ReadMapping"])
  /\ UNCHANGED <<vma, anon, pte>>

\* mm or walker: page lock held -> free. A fault whose page is reused or gone ends; one whose page is shared copies it.
\* [unlock_page in do_wp_page and unmap_and_move]
UnlockPage(t) ==
  /\ At(t, "UnlockPage")
  /\ LET r == thread[t]  e == pte[t][r.slot] IN
       /\ page' = [page EXCEPT ![r.page].lock = 0]
       /\ Become(t, IF t \in MMThread /\ e.kind = "Present" /\ e.page = r.page /\ ~e.writable
                    THEN [r EXCEPT !.pc = "MapPage"] ELSE End(r))
  /\ UNCHANGED <<vma, anon, pte>>

\* After a walker has dropped its reference: Migrate gives the page back, Unpin is at its end.
PutDone(r) == IF r.op = "Migrate" THEN [r EXCEPT !.anon = 0, !.root = 0, !.empty = FALSE, !.pc = "UnlockPage"] ELSE End(r)

\* Object a live -> free, at once for anybody to allocate. History: whoever still looks at it is stale.
Free(t, a, next) ==
  /\ anon' = [anon EXCEPT ![a].live = FALSE]
  /\ page' = [p \in PageId |-> IF page[p].mapping = a THEN [page[p] EXCEPT !.stale = TRUE] ELSE page[p]]
  /\ thread' = [u \in Thread |->
       IF u = t THEN next
       ELSE IF u \in WalkerThread /\ thread[u].op # "None" /\ thread[u].anon = a
            THEN [thread[u] EXCEPT !.stale = TRUE] ELSE thread[u]]
  /\ UNCHANGED <<vma, pte>>

----------------------------------------------------------------------------------------------------------------------------

\* `refs`: of an object whose list is in use and that nobody else refers to; `pins`: what an object adds to those of its root.
\* OnePage: v1 has all slots of mm1, the last one holds p1. Mapped: the same, never faulted. Neighbours: v1 has the first slot,
\* v2 the others, never faulted. Forked: as OnePage, then mm1 has forked mm2, and that has written: it has a page of its own.
InitCounting(refs, pins) ==
  LET filled == Layout # "Mapped"
      forked == Layout = "Forked"
      end    == IF Layout = "Neighbours" THEN 1 ELSE Slots
      first  == [NoVMA EXCEPT !.life = "Mapped", !.mm = 1, !.end = end]
      second == IF forked THEN [first EXCEPT !.mm = 2, !.anon = 2, !.chain = <<2, 1>>]
                ELSE [NoVMA EXCEPT !.life = "Mapped", !.mm = 1, !.start = 1, !.end = Slots, !.pgoff = 1]
      root   == [NoAnon EXCEPT !.live = TRUE, !.root = 1, !.refs = IF forked THEN refs + pins ELSE refs,
                               !.list = IF forked THEN <<1, 2>> ELSE <<1>>]
      leaf   == [NoAnon EXCEPT !.live = TRUE, !.root = 1, !.refs = refs, !.list = <<2>>]
      entry  == [kind |-> "Present", page |-> 1, writable |-> TRUE]
  IN /\ vma  = [v \in VMAId |-> IF v = 1 THEN IF filled THEN [first EXCEPT !.anon = 1, !.chain = <<1>>] ELSE first
                                ELSE IF v = 2 /\ (forked \/ Layout = "Neighbours") THEN second ELSE NoVMA]
     /\ anon = [a \in ObjectId |-> IF a = 1 /\ filled THEN root ELSE IF a = 2 /\ forked THEN leaf ELSE NoAnon]
     /\ page = [p \in PageId |-> IF p = 1 /\ filled THEN [NoPage EXCEPT !.mapping = 1, !.index = end - 1]
                                 ELSE IF p = 2 /\ forked THEN [NoPage EXCEPT !.mapping = 2, !.index = end - 1] ELSE NoPage]
     /\ pte  = [m \in MMThread |-> [i \in SlotId |->
                 IF i # end - 1 \/ ~filled THEN NoPTE
                 ELSE IF m = 1 THEN [entry EXCEPT !.writable = ~forked]
                 ELSE IF m = 2 /\ forked THEN [entry EXCEPT !.page = 2] ELSE NoPTE]]
     /\ thread = [t \in Thread |-> [NoThread EXCEPT !.left = IF t \in MMThread THEN MMOps ELSE WalkerOps]]

Init == InitCounting(0, 0)

\* Nobody's step: where nothing is to be done, or after a crash, TLC finds no deadlock.
Rest == ((\A t \in Thread : IsIdle(t)) \/ Crashed) /\ UNCHANGED vars

============================================================================================================================
