------------------------------------------ MODULE AnonVMA ------------------------------------------
(***************************************************************************************************
The world of rootlock: the anonymous reverse map of Linux, 2.6.34 to 3.0, and the operations on it.

A process has areas (VMAs). The pages of an area belong to an anon_vma. To find every page-table
entry that maps a page, a walker goes from the page to its anon_vma (the leaf), and along the
anon_vma's list to the areas. A fork gives each area of the child an anon_vma of its own, and links
that area to all anon_vmas of the parent's area, too: those are the area's chain. All anon_vmas
that forks have made from one are a family; the first is its root.

How to read tla/: this module has the state and the words for it. History watches the steps, for
the claims. MM has the operations of a process, Walker those of a walker: the world, read once. A
protocol is one page that EXTENDS them: whose lock protects a list, how a walker finds and takes
that lock, when an object is freed. Claims says what is claimed.

One action is one atomic step of one thread; thread[t].pc names the step that t takes next. A step
that chooses something has an \E over what it chooses; in a schedule these are its arguments, in
the order of the \E. Each step has the form  who acts: before -> after. [kernel function]

Abstracted away: page contents; the page-table lock (each touch of an entry is one step); failing
allocations; RCU, but for what it promises: an anon_vma keeps its type for ever, and may be another
one the moment after it was freed. The order of stores inside one step is not modelled either.

Source: mm/rmap.c, mm/memory.c, mm/mmap.c, mm/migrate.c, kernel/fork.c, as told in docs/kernel.md
1.1 to 1.13.
***************************************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  MMs,        \* address spaces; each is also the thread that works in it, under its mmap_sem
  Walkers,    \* threads that walk the reverse map
  VMAs,       \* names of areas; a name is free again as soon as its area is freed
  Objects,    \* anon_vma objects, which are recycled
  Pages,      \* page frames
  None,       \* no address space, thread, area, object or page
  Slots,      \* pages in an address space; an address is one of 0 .. Slots - 1
  MMOps,      \* how many operations a process may begin ...
  WalkerOps,  \* ... and a walker: a number, or
  Unlimited,  \* as many as they like
  Layout,     \* the initial state
  Ops         \* the names of the operations that happen

Thread     == MMs \cup Walkers
Slot       == 0 .. Slots - 1
Entry      == MMs \X Slot        \* the places of page-table entries
Operations == {"Map", "Fault", "Fork", "Unmap", "Exit", "SplitBelow", "SplitAbove",
               "Walk", "Migrate", "WalkPinned", "Pin", "Unpin"}
Layouts    == {"OnePage", "Mapped", "Neighbours", "Forked"}
Many(S, n) == Cardinality(S) >= n

ASSUME NoneAssumption   == None \notin Thread \cup VMAs \cup Objects \cup Pages
ASSUME ThreadAssumption == MMs \cap Walkers = {}
ASSUME SizesAssumption  == /\ Many(MMs, 1) /\ Many(VMAs, 1) /\ Many(Objects, 1) /\ Many(Pages, 1)
                           /\ Slots \in Nat \ {0}
ASSUME BudgetAssumption == {MMOps, WalkerOps} \subseteq Nat \cup {Unlimited}
ASSUME LayoutAssumption ==
  /\ Layout \in Layouts
  /\ Layout = "Neighbours" => Slots >= 2 /\ Many(VMAs, 2)
  /\ Layout = "Forked"     => Many(MMs, 2) /\ Many(VMAs, 2) /\ Many(Objects, 2) /\ Many(Pages, 2)
ASSUME OpsAssumption    == Ops \subseteq Operations

----------------------------------------------------------------------------------------------------
(* The state.                                                                                     *)

VARIABLES
  vma,     \* vma[v]: an area
  anon,    \* anon[a]: an anon_vma
  page,    \* page[p]: a page frame's descriptor
  pte,     \* pte[m][i]: the page-table entry of process m at address i
  thread   \* thread[t]: the registers of a thread

NoVMA  == [life  |-> "Unborn",  \* Unborn; Detached: being built, or dying; Mapped
           mm    |-> None,      \* its process
           start |-> 0,         \* it covers the addresses from start ...
           end   |-> 0,         \* ... up to, and without, end
           pgoff |-> 0,         \* what page.index is at start
           anon  |-> None,      \* the anon_vma that its new pages get; None before the first fault
           chain |-> <<>>]      \* same_vma: the anon_vmas that it is linked to, newest first, the
                                \* root last. The chain entry (v,a) exists while a is in it
NoAnon == [live  |-> FALSE,     \* allocated
           root  |-> None,      \* its family, given at allocation; outlives the object. Where there
                                \* is no root pointer yet, only claims read it
           refs  |-> 0,         \* its reference count
           lock  |-> None,      \* the thread that holds its lock
           list  |-> <<>>]      \* same_anon_vma: the areas that are linked to it
NoPage == [mapping |-> None,    \* its anon_vma; never cleared, only overwritten
           index   |-> 0,       \* its offset: its address in area v is index - v.pgoff + v.start
           lock    |-> None]    \* the thread that holds the page lock
NoPTE  == [kind     |-> "Empty",  \* Empty; Present; Migration: the page is being moved
           page     |-> None,
           writable |-> FALSE]

\* The registers of a process.
NoMM ==
  [pc     |-> "Idle",  \* the step that it takes next
   op     |-> "None",  \* the operation that it is in
   phase  |-> "None",  \* of a Fault: New, the entry was empty; Cow, it was read-only
   left   |-> 0,       \* operations that it may still begin
   vma    |-> None,    \* the area that the operation is about
   new    |-> None,    \* the area under construction
   anon   |-> None,    \* the object being linked, unlinked or locked
   root   |-> None,    \* the root that its object has a reference on, while the object is freed
   held   |-> None,    \* the object whose lock it will unlock: what it believes it holds
   page   |-> None,    \* the page in hand
   slot   |-> 0,       \* Fault: where. Fork: the next to copy. Split: where to cut
   pos    |-> 0,       \* clone: place in the source's chain, 1 is the newest; 0: no clone
   child  |-> None,    \* Fork: the new process
   need   |-> 0,       \* objects that it has still to allocate (they are reserved)
   births |-> 0,       \* areas that it has still to make (they are reserved)
   empty  |-> FALSE,   \* it found the list empty and no reference: the object will be freed
   last   |-> FALSE]   \* ... and so its root

\* The registers of a walker.
NoWalker ==
  [pc     |-> "Idle",  \* the step that it takes next; or Oopsed: the kernel has crashed
   op     |-> "None",  \* the operation that it is in
   phase  |-> "None",  \* Walk: Plain. Migrate: Get, One, Two, Put. WalkPinned: Pinned. Unpin: Put
   left   |-> 0,       \* operations that it may still begin
   vma    |-> None,    \* the cursor: the area in hand, None before the first
   anon   |-> None,    \* the leaf: what it looked up, and walks
   root   |-> None,    \* the object to lock: the leaf's root, or an area's own anon_vma
   held   |-> None,    \* the object whose lock it will unlock: what it believes it holds
   also   |-> None,    \* the second object whose lock it holds, for the area in hand
   mutex  |-> FALSE,   \* it is inside the mutex of all walks
   page   |-> None,    \* the page in hand
   slot   |-> 0,       \* the address to visit
   start  |-> 0,       \* the extent that ReadStart read ...
   end    |-> 0,       \* ... both are 0 elsewhere
   empty  |-> FALSE,   \* it found the list empty and no other reference: it will free the object
   last   |-> FALSE,   \* ... and so its root
   pin    |-> None,    \* an object that it has a reference on; outlives the operation
   gone   |-> "None",  \* what became of the area in vma: its Entry was taken off, or the Area freed
   oops   |-> "None"]  \* why it is Oopsed

----------------------------------------------------------------------------------------------------
(* Words.                                                                                         *)

Last(s)    == s[Len(s)]
Members(s) == {s[k] : k \in 1 .. Len(s)}
Place(s,x) == CHOOSE k \in 1 .. Len(s) : s[k] = x
Lowest(S)  == CHOOSE i \in S : \A j \in S : i <= j
Pick(S)     == CHOOSE x \in S : TRUE                 \* where it does not matter which
RECURSIVE Sum(_, _)
Sum(f, S)  == IF S = {} THEN 0 ELSE LET x == Pick(S) IN f[x] + Sum(f, S \ {x})

\* The entries of a page-table `table` that have page p, of one kind.
Entries(table, p, kind) == {e \in Entry : LET x == table[e[1]][e[2]] IN x.page = p /\ x.kind = kind}
MappedIn(table, p)      == \E m \in MMs, i \in Slot :
                             table[m][i].page = p /\ table[m][i].kind = "Present"
IsMapped(p)             == MappedIn(pte, p)
MappedPages             == {p \in Pages : IsMapped(p)}

Areas(m)         == {v \in VMAs : vma[v].life = "Mapped" /\ vma[v].mm = m}
Doomed(m)        == {v \in VMAs : vma[v].life = "Detached" /\ vma[v].mm = m}  \* in Unmap or Exit
LowestAddress(S) == CHOOSE v \in S : \A u \in S : vma[v].start <= vma[u].start
Unborn           == {v \in VMAs : vma[v].life = "Unborn"}
Covers(v, i)     == vma[v].start <= i /\ i < vma[v].end
Alive(m)         == Areas(m) # {}
BusyChild(m)     == \E n \in MMs : thread[n].op = "Fork" /\ thread[n].child = m
Quiet(m)         == thread[m].pc = "Idle" /\ ~BusyChild(m)        \* nobody is at work in process m
SpareVMAs        == Cardinality(Unborn) - Sum([m \in MMs |-> thread[m].births], MMs)
SpareObjects     == Cardinality({a \in Objects : ~anon[a].live})
                      - Sum([m \in MMs |-> thread[m].need], MMs)
FreePages        == {p \in Pages : /\ \A m \in MMs, i \in Slot : pte[m][i].page # p
                                   /\ \A t \in Thread : thread[t].page # p}
Splits           == {"SplitBelow", "SplitAbove"}
Building(r)      == r.op \in {"Fork"} \cup Splits         \* it makes an area and clones a chain
Linked(r)        == IF Building(r) THEN r.new ELSE r.vma  \* the area of the chain entry in hand
Refers(r)        == r.phase \in {"Two", "Put", "Pinned"}  \* it has a reference on its leaf

\* After a crash nothing moves.
Crashed      == \E w \in Walkers : thread[w].pc = "Oopsed"
At(t, step)  == thread[t].pc = step /\ ~Crashed
Become(t, r) == thread' = [thread EXCEPT ![t] = r]
Oops(r, why) == [r EXCEPT !.pc = "Oopsed", !.oops = why]

\* An operation begins and ends. MayBegin is what the guards have in common.
IsIdle(t)       == thread[t].pc = "Idle"
MayBegin(t, op) == op \in Ops /\ IsIdle(t) /\ thread[t].left # 0 /\ ~Crashed
Begin(r, op)    == [r EXCEPT !.op = op, !.left = IF @ = Unlimited THEN @ ELSE @ - 1]
EndMM(r)        == [NoMM EXCEPT !.left = r.left]
EndWalker(r)    == [NoWalker EXCEPT !.left = r.left, !.pin = r.pin]

\* Locks of objects. Taking waits while the lock is held. Releasing asks nobody whose lock it is:
\* that is what UnlockMatchesLock is for.
Take(t, a, r) == /\ anon[a].lock = None
                 /\ anon' = [anon EXCEPT ![a].lock = t]
                 /\ Become(t, [r EXCEPT !.held = a])
Drop(t)       == anon' = [anon EXCEPT ![thread[t].held].lock = None]

\* The steps of a walker: those of a lookup, those of a walk along a list.
LookupSteps == {"ReadMapping", "CheckMapped", "LockLeaf", "ReadFirst", "ReadTail", "UnlockLeaf",
                "ReadRoot", "TryRoot", "GetUnlessZero", "LockRoot", "RecheckMapped", "DropRef"}
WalkSteps   == {"NextEntry", "ReadAnon", "TryVMA", "LockVMA", "ReadStart", "ReadPgoff", "Visit",
                "UnlockVMA"}

----------------------------------------------------------------------------------------------------
(* The initial state.
   OnePage: one area has all addresses of one process; its page is at the last. Mapped: the same
   area, never written to. Neighbours: two areas beside each other; the first has one address and a
   page there, the other was never written to. Forked: OnePage, then that process has forked, and
   the child has written: it has a page of its own.
   `refs`: the reference count of an object whose list is in use and that nobody else refers to.
   `pins`: what an object adds to the count of its root.                                          *)

Start(refs, pins) ==
  LET m1     == Pick(MMs)      m2 == Pick(MMs \ {m1})
      v1     == Pick(VMAs)     v2 == Pick(VMAs \ {v1})
      a1     == Pick(Objects)  a2 == Pick(Objects \ {a1})
      p1     == Pick(Pages)    p2 == Pick(Pages \ {p1})
      filled == Layout # "Mapped"
      forked == Layout = "Forked"
      end    == IF Layout = "Neighbours" THEN 1 ELSE Slots
      first  == [NoVMA EXCEPT !.life = "Mapped", !.mm = m1, !.end = end]
      beside == [NoVMA EXCEPT !.life = "Mapped", !.mm = m1, !.start = 1, !.end = Slots, !.pgoff = 1]
      child  == [first EXCEPT !.mm = m2, !.anon = a2, !.chain = <<a2, a1>>]
      root   == [NoAnon EXCEPT !.live = TRUE, !.root = a1,
                               !.refs = IF forked THEN refs + pins ELSE refs,
                               !.list = IF forked THEN <<v1, v2>> ELSE <<v1>>]
      leaf   == [NoAnon EXCEPT !.live = TRUE, !.root = a1, !.refs = refs, !.list = <<v2>>]
      entry  == [kind |-> "Present", page |-> p1, writable |-> TRUE]
  IN /\ vma  = [v \in VMAs |->
          CASE v = v1 /\ filled                  -> [first EXCEPT !.anon = a1, !.chain = <<a1>>]
            [] v = v1 /\ ~filled                 -> first
            [] forked /\ v = v2                  -> child
            [] Layout = "Neighbours" /\ v = v2   -> beside
            [] OTHER                             -> NoVMA]
     /\ anon = [a \in Objects |-> IF a = a1 /\ filled THEN root
                                  ELSE IF forked /\ a = a2 THEN leaf ELSE NoAnon]
     /\ page = [p \in Pages |->
          CASE p = p1 /\ filled -> [NoPage EXCEPT !.mapping = a1, !.index = end - 1]
            [] forked /\ p = p2 -> [NoPage EXCEPT !.mapping = a2, !.index = end - 1]
            [] OTHER            -> NoPage]
     /\ pte  = [m \in MMs |-> [i \in Slot |->
          CASE i # end - 1 \/ ~filled -> NoPTE
            [] m = m1                 -> [entry EXCEPT !.writable = ~forked]
            [] forked /\ m = m2       -> [entry EXCEPT !.page = p2]
            [] OTHER                  -> NoPTE]]
     /\ thread = [t \in Thread |-> IF t \in MMs THEN [NoMM EXCEPT !.left = MMOps]
                                   ELSE [NoWalker EXCEPT !.left = WalkerOps]]

====================================================================================================
