------------------------------------------- MODULE Claims ------------------------------------------
(***************************************************************************************************
What is claimed, the claim of the sketch's mail first. Central claims are about harm, and asked of
every protocol. Structural claims say how a protocol works, and are asked of those that work so: the
protocol's MC*.cfg lists them. A claim with parts has a name for each, so that a report can say
which one is false.

A protocol adds two things: Touched(t), the anon_vmas that the next step of t touches although
nothing but the protocol keeps them; and Freed(t), the object that t is about to free.
***************************************************************************************************)
EXTENDS History

----------------------------------------------------------------------------------------------------
(* Central claims.                                                                                *)

\* A completed walk has looked at every entry that mapped the page ever since the walk took its
\* lock, and has changed each that it was to change. No migration entry outlives its migration.
WalkComplete    == \A w \in Walkers : ~history[w].missed
NoMigrationLeft == \A m \in MMs, i \in Slot : pte[m][i].kind = "Migration" =>
                     \E w \in Walkers : thread[w].op = "Migrate" /\ thread[w].page = pte[m][i].page
NoMissedMapping == WalkComplete /\ NoMigrationLeft

\* No thread touches a freed area, a freed chain entry, or an anon_vma that is not live. A lookup
\* under RCU may: RCU keeps the memory of an anon_vma, though not what it is.
NoFreedArea               == \A w \in Walkers : thread[w].oops # "FreedVMA"
NoFreedEntry              == \A w \in Walkers :
                               thread[w].oops \notin {"EmptyChain", "UnlinkedEntry"}
NoDeadTouched(touched(_)) == \A t \in Thread : \A a \in touched(t) \ {None} : anon[a].live
TouchesLive(touched(_))   == NoFreedArea /\ NoFreedEntry /\ NoDeadTouched(touched)

\* An anon_vma is freed only while it is live, its list is empty, nobody refers to it, and nobody
\* but a lookup holds its lock.
Freeing                   == {t \in Thread : thread[t].pc = "FreeAnon"}
LateLookup(t)             == t \in Walkers /\ ~Refers(thread[t])
FreesLive(freed(_))       == \A t \in Freeing : freed(t) # None /\ anon[freed(t)].live
FreesUnlisted(freed(_))   == \A t \in Freeing : anon[freed(t)].list = <<>>
FreesUnreferred(freed(_)) == \A t \in Freeing : anon[freed(t)].refs = 0
FreesUnlocked(freed(_))   == \A t \in Freeing : LET u == anon[freed(t)].lock IN
                               u = None \/ LateLookup(u)
FreesUnused(freed(_))     == /\ FreesLive(freed) /\ FreesUnlisted(freed)
                             /\ FreesUnreferred(freed) /\ FreesUnlocked(freed)

\* No thread takes a reference on an anon_vma that was freed since the page named it, or walks its
\* list for a page that was mapped all the time. A plain walk of a recycled object is no breach:
\* the walker looks again at every entry that it finds.
NoStrangerPinned  == \A w \in Walkers : LET r == thread[w] IN history[w].stale =>
                       /\ r.pc # "GetAnon"
                       /\ ~ /\ r.pc = "RecheckMapped" /\ r.phase = "Get"
                            /\ r.held = None /\ IsMapped(r.page)
NoStrangerWalked  == \A w \in Walkers : ~ /\ history[w].stale /\ history[w].steady
                                          /\ thread[w].pc \in WalkSteps
NoRecycledTrusted == NoStrangerPinned /\ NoStrangerWalked

\* The anon_vma that a mapped page names is live, and its list leads to every entry that maps the
\* page: unless the process is between two stores to an extent.
StoreSteps      == {"StoreStart", "StorePgoff", "StoreEnd"}
InUse           == {e \in Entry : pte[e[1]][e[2]].kind # "Empty"}
Mapping(e)      == page[pte[e[1]][e[2]].page].mapping
Leads(v, e)     == LET p == page[pte[e[1]][e[2]].page] IN
                   /\ vma[v].mm = e[1] /\ Covers(v, e[2]) /\ v \in Members(anon[p.mapping].list)
                   /\ vma[v].start + p.index = e[2] + vma[v].pgoff
LeafLive        == \A e \in InUse : Mapping(e) # None /\ anon[Mapping(e)].live
LeafReaches     == \A e \in InUse : \/ thread[e[1]].pc \in StoreSteps
                                    \/ Mapping(e) # None /\ \E v \in VMAs : Leads(v, e)
MappedReachable == LeafLive /\ LeafReaches

\* A writable entry is the only entry of its page; migration entries count.
WritersIsolated == \A e, f \in Entry : LET x == pte[e[1]][e[2]]  y == pte[f[1]][f[2]] IN
                     x.writable /\ e # f => y.page # x.page

\* Nobody edits a list while another thread reads or edits it, or reads a chain that it found
\* through the list.
ReadSteps            == WalkSteps \cup {"ReadFirst", "ReadTail"}  \* a list, or what one led to
EditSteps            == {"LinkList", "UnlinkList"}
ChainSteps           == {"LinkChain", "UnlinkChain"}
NoEditUnderRead      == \A m \in MMs : thread[m].pc \in EditSteps =>
                          \A t \in Thread \ {m} : thread[t].pc \in ReadSteps \cup EditSteps =>
                                                    thread[t].anon # thread[m].anon
NoChainEditUnderRead == \A w \in Walkers : thread[w].pc = "ReadTail" /\ thread[w].vma # None =>
                          \A m \in MMs : thread[m].pc \in ChainSteps =>
                                           Linked(thread[m]) # thread[w].vma
ListStable           == NoEditUnderRead /\ NoChainEditUnderRead

\* If the page stays mapped, the attempt to lock its family does not fail.
LockSucceeds == \A w \in Walkers : ~history[w].failed

\* A thread unlocks only what it holds.
UnlockMatchesLock == \A t \in Thread : LET r == thread[t] IN
  /\ r.pc \in {"UnlockAnon", "UnlockAdjust", "UnlockLeaf", "UnlockRoot"} => anon[r.held].lock = t
  /\ r.pc = "UnlockVMA"   => anon[r.also].lock = t
  /\ r.pc = "UnlockWalks" => r.mutex
  /\ r.pc = "UnlockPage"  => page[r.page].lock = t

\* A thread between operations holds no lock.
NothingHeldAtRest == \A t \in Thread : IsIdle(t) =>
  /\ \A a \in Objects : anon[a].lock # t
  /\ \A p \in Pages : page[p].lock # t
  /\ t \in Walkers => ~thread[t].mutex

\* When all processes are gone and nothing is pinned, every anon_vma is free.
AllGone       == /\ \A v \in VMAs : vma[v].life = "Unborn"
                 /\ \A t \in Thread : IsIdle(t)
                 /\ \A w \in Walkers : thread[w].pin = None
NothingLeaked == AllGone => \A a \in Objects : ~anon[a].live

\* An operation that ends without an error has done its work. What a walk owes is NoMissedMapping's;
\* Map and Pin are one step.
Vacant(m, low, high) == \A i \in low .. high - 1 : pte'[m][i].kind = "Empty"
FaultDone(m) ==
  LET r == thread[m]  e == pte'[m][r.slot] IN
  \/ FreePages' = {}
  \/ e.kind # "Empty" /\ (e.writable \/ r.page = None \/ e.kind # "Present" \/ e.page # r.page)
Copied(m, c, v, n) ==
  LET x == vma'[v]  y == vma'[n] IN
  /\ y.life = "Mapped" /\ y.mm = c
  /\ y.start = x.start /\ y.end = x.end /\ y.pgoff = x.pgoff
  /\ IF x.anon = None THEN y.anon = None
     ELSE /\ y.chain = <<y.anon>> \o x.chain
          /\ \A i \in x.start .. x.end - 1 : /\ pte'[c][i].page = pte'[m][i].page
                                            /\ ~pte'[c][i].writable /\ ~pte'[m][i].writable
ForkDone(m)  == \A v \in Areas(m)' : \E n \in VMAs : Copied(m, thread[m].child, v, n)
UnmapDone(m) ==
  LET x == vma[thread[m].vma] IN
  /\ Doomed(m)' = {} /\ Vacant(m, x.start, x.end)
  /\ \A v \in Areas(m)' : vma'[v].end <= x.start \/ x.end <= vma'[v].start
ExitDone(m)  == Areas(m)' = {} /\ Doomed(m)' = {} /\ Vacant(m, 0, Slots)
Cut(m, low, high) ==
  LET x == vma'[low]  y == vma'[high]  at == thread[m].slot IN
  /\ {low, high} \subseteq Areas(m)'
  /\ x.start < at /\ x.end = at /\ y.start = at /\ at < y.end
  /\ y.pgoff = x.pgoff + at - x.start /\ x.anon = y.anon /\ x.chain = y.chain
SplitDone(m) == LET r == thread[m] IN
                IF r.op = "SplitBelow" THEN Cut(m, r.new, r.vma) ELSE Cut(m, r.vma, r.new)
DidItsWork(t) == LET op == thread[t].op IN
  CASE op = "Fault"                -> FaultDone(t)
    [] op = "Fork"                 -> ForkDone(t)
    [] op = "Unmap"                -> UnmapDone(t)
    [] op = "Exit"                 -> ExitDone(t)
    [] op \in Splits               -> SplitDone(t)
    [] op \in {"Migrate", "Unpin"} -> thread'[t].pin = None
    [] OTHER                       -> TRUE
Ends(t)       == thread[t].op # "None" /\ thread'[t].op = "None"
OperationDone == [][\A t \in Thread : Ends(t) => DidItsWork(t)]_vars

\* No deadlock: that is TLC's own check. Where nothing is to be done, and after a crash, the law
\* rests: nobody's step, so that TLC finds no deadlock there.
Rest == /\ (\A t \in Thread : IsIdle(t)) \/ Crashed
        /\ UNCHANGED vars

\* Every operation of a walker ends. Every operation of a process ends.
WalkTerminates      == \A w \in Walkers : thread[w].op # "None" ~> thread[w].op = "None"
OperationTerminates == \A m \in MMs     : thread[m].op # "None" ~> thread[m].op = "None"

----------------------------------------------------------------------------------------------------
(* Structural claims.                                                                             *)

\* Between operations an area is on the lists of exactly the anon_vmas of its chain, its own among
\* them. Areas of one process with one anon_vma have one chain: a merge drops one without looking.
Resting          == {v \in VMAs : vma[v].life = "Mapped" /\ Quiet(vma[v].mm)}
AnonInChain      == \A v \in Resting : IF vma[v].anon = None THEN vma[v].chain = <<>>
                                       ELSE vma[v].anon \in Members(vma[v].chain)
ChainListed      == \A v \in Resting : \A a \in Members(vma[v].chain) :
                      anon[a].live /\ v \in Members(anon[a].list)
ListChained      == \A a \in Objects : \A v \in Members(anon[a].list) :
                      vma[v].life # "Unborn" /\ (v \in Resting => a \in Members(vma[v].chain))
OneChain         == \A u, v \in Resting : LET x == vma[u]  y == vma[v] IN
                      x.mm = y.mm /\ x.anon = y.anon => x.chain = y.chain
ChainsMatchLists == AnonInChain /\ ChainListed /\ ListChained /\ OneChain

\* All areas on a list have the same root at the end of their chains: the mail's simple constraint.
HasTail(v, a) == vma[v].chain # <<>> /\ Last(vma[v].chain) = a
SameTail      == \A a \in Objects : anon[a].live /\ anon[a].list # <<>> =>
                   LET first == vma[Head(anon[a].list)].chain IN
                   first # <<>> /\ \A v \in Members(anon[a].list) : HasTail(v, Last(first))
TailIsRoot    == \A a \in Objects : anon[a].live =>
                   \A v \in Members(anon[a].list) : HasTail(v, anon[a].root)
OneRoot       == SameTail /\ TailIsRoot

\* At most one thread at a time is inside a family. A thread is inside while it holds the lock, and
\* while it is about to read or edit a list, or what a list led it to. What it holds does not
\* matter. Nor does it matter when it looked the object up: the object counts as what it is now. A
\* lock that readers share keeps a writer alone, and has no HolderAlone.
HoldSteps       == {"GetAnon", "PutLast", "DropRef"}  \* a walker does more than walk under its lock
IsInside(t)     == LET r == thread[t] IN
                   /\ r.anon # None
                   /\ IF t \in MMs THEN r.pc \in EditSteps \/ r.held # None
                      ELSE r.pc \in ReadSteps \/ (r.pc \in HoldSteps /\ r.held # None)
Family(t)       == IF IsInside(t) THEN anon[thread[t].anon].root ELSE None
Together(T)     == \E t \in T : /\ Family(t) # None
                               /\ \E u \in Thread \ {t} : Family(u) = Family(t)
WriterAlone     == ~Together(MMs)
HolderAlone     == ~Together(Walkers)
MutualExclusion == WriterAlone /\ HolderAlone

\* The same from outside: the protocol implements one lock per family, which is taken and given
\* back in one step each.
Mutex      == INSTANCE FamilyMutex WITH Threads <- Thread, Families <- Objects,
                                        inside <- [t \in Thread |-> Family(t)]
Refinement == Mutex!Spec

\* What a walker holds is the live root of the anon_vma whose list it walks, as long as it walks.
IsWalking(w)     == thread[w].pc \in WalkSteps
HeldIsLive       == \A w \in Walkers : IsWalking(w) => anon[thread[w].held].live
HeldIsOwnRoot    == \A w \in Walkers : IsWalking(w) => anon[thread[w].held].root = thread[w].held
HeldIsRootOfLeaf == \A w \in Walkers : IsWalking(w) => anon[thread[w].anon].root = thread[w].held
LockedIsRoot     == HeldIsLive /\ HeldIsOwnRoot /\ HeldIsRootOfLeaf

\* No anon_vma outlives its root.
RootFreedLast == \A a \in Objects : anon[a].live => anon[anon[a].root].live

----------------------------------------------------------------------------------------------------
(* Every field is in its range. The protocol's TypeOK bounds the reference counts.                *)

MMPCs     == {"Idle", "AllocAnon", "PinRoot", "LockAnon", "LinkChain", "LinkList", "UnlockAnon",
              "MapPage", "LockPage", "CheckOwn", "MovePage", "AllowWrite", "UnlockPage", "CopyVMA",
              "CopyEntry", "ZapEntry", "UnlinkList", "PutAnon", "LockRoot", "PutLast", "UnlockRoot",
              "CheckUnlocked", "FreeAnon", "UnlinkChain", "FreeVMA", "LockAdjust", "StoreStart",
              "StorePgoff", "StoreEnd", "UnlockAdjust"}
WalkerPCs == LookupSteps \cup WalkSteps \cup
             {"Idle", "Oopsed", "LockPage", "UnlockPage", "LockWalks", "UnlockWalks", "GetAnon",
              "UnlockRoot", "PutAnon", "PutLast", "CheckUnlocked", "FreeAnon"}

Or(S)       == S \cup {None}
Budget(n)   == IF n = Unlimited THEN {n} ELSE 0 .. n
Distinct(s) == Cardinality(Members(s)) = Len(s)
Spans       == [life: {"Unborn", "Detached", "Mapped"}, mm: Or(MMs), start: Slot, end: 0 .. Slots,
                pgoff: Slot, anon: Or(Objects), chain: Seq(Objects)]
Anons       == [live: BOOLEAN, root: Or(Objects), refs: Nat, lock: Or(Thread), list: Seq(VMAs)]
Frames      == [mapping: Or(Objects), index: Slot, lock: Or(Thread)]
PTEs        == [kind: {"Empty", "Present", "Migration"}, page: Or(Pages), writable: BOOLEAN]
MMRegisters ==
  [pc: MMPCs, op: {"None", "Fault", "Fork", "Unmap", "Exit"} \cup Splits,
   phase: {"None", "New", "Cow"}, left: Budget(MMOps), vma: Or(VMAs), new: Or(VMAs),
   anon: Or(Objects), root: Or(Objects), held: Or(Objects), page: Or(Pages), slot: Slot,
   pos: 0 .. Cardinality(Objects), child: Or(MMs), need: 0 .. Cardinality(Objects),
   births: 0 .. Cardinality(VMAs), empty: BOOLEAN, last: BOOLEAN]
WalkerRegisters ==
  [pc: WalkerPCs, op: {"None", "Walk", "Migrate", "WalkPinned", "Unpin"},
   phase: {"None", "Plain", "Get", "One", "Two", "Put", "Pinned"}, left: Budget(WalkerOps),
   vma: Or(VMAs), anon: Or(Objects), root: Or(Objects), held: Or(Objects), also: Or(Objects),
   mutex: BOOLEAN, page: Or(Pages), slot: Slot, start: Slot, end: 0 .. Slots, empty: BOOLEAN,
   last: BOOLEAN, pin: Or(Objects), gone: {"None", "Entry", "Area"},
   oops: {"None", "FreedVMA", "EmptyChain", "UnlinkedEntry"}]
Histories   == [stale: BOOLEAN, steady: BOOLEAN, owed: SUBSET Entry, missed: BOOLEAN,
                failed: BOOLEAN]

VMATypeOK     == /\ vma \in [VMAs -> Spans]
                 /\ \A v \in VMAs : /\ Distinct(vma[v].chain)
                                    /\ IF vma[v].life = "Unborn" THEN vma[v] = NoVMA
                                       ELSE vma[v].mm # None /\ vma[v].start < vma[v].end
AnonTypeOK(n) == /\ anon \in [Objects -> Anons]
                 /\ \A a \in Objects : anon[a].refs <= n /\ Distinct(anon[a].list)
PageTypeOK    == page \in [Pages -> Frames]
PTETypeOK     == /\ pte \in [MMs -> [Slot -> PTEs]]
                 /\ \A m \in MMs, i \in Slot : pte[m][i].kind = "Empty" <=> pte[m][i] = NoPTE
ThreadTypeOK  == /\ DOMAIN thread = Thread
                 /\ \A m \in MMs     : /\ thread[m] \in MMRegisters
                                       /\ IsIdle(m) => thread[m] = EndMM(thread[m])
                 /\ \A w \in Walkers : /\ thread[w] \in WalkerRegisters
                                       /\ IsIdle(w) => thread[w] = EndWalker(thread[w])
                                       /\ thread[w].pc = "Oopsed" <=> thread[w].oops # "None"
                 /\ \A t \in Thread  : IsIdle(t) <=> thread[t].op = "None"
HistoryTypeOK == history \in [Walkers -> Histories] /\ stale \in [Pages -> BOOLEAN]
TypesOK(n)    == /\ VMATypeOK /\ AnonTypeOK(n) /\ PageTypeOK /\ PTETypeOK
                 /\ ThreadTypeOK /\ HistoryTypeOK

====================================================================================================
