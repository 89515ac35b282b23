------------------------------------------------------ MODULE Claims -------------------------------------------------------
(**************************************************************************************************************************)
(* What is claimed. Central claims are asked of every protocol, structural ones of those that work so: a model's cfg says *)
(* which. Two claims need words of the protocol: it defines NoUseAfterFree and NoBadFree out of NoDeadTouched and         *)
(* FreesUnused. A claim's conjuncts have names of their own, for the report of a false one. The refinement of FamilyMutex *)
(* stands in the MC modules.                                                                                              *)
(**************************************************************************************************************************)
EXTENDS AnonVMA

WalkSteps   == {"NextEntry", "ReadAnon", "TryVMA", "LockVMA", "ReadStart", "ReadPgoff", "Visit", "UnlockVMA"}
ReadSteps   == WalkSteps \cup {"ReadFirst", "ReadTail"}             \* a walker reads a list, or what it found through one
WorkSteps   == {"GetAnon", "PutLast", "DropRef"}                    \* a walker works on its leaf, by the lock that it has
EditSteps   == {"LinkList", "UnlinkList"}                           \* an mm thread edits a list
ChainSteps  == {"LinkChain", "UnlinkChain"}                         \* an mm thread edits a chain
StoreSteps  == {"StoreStart", "StoreEnd", "StorePgoff"}             \* an mm thread stores an extent
MMSide    == {"Idle", "AllocAnon", "PinRoot", "LockAnon", "LinkChain", "LinkList", "UnlockAnon", "MapPage", "LockPage",
              "CheckOwn", "MovePage", "AllowWrite", "UnlockPage", "CopyVMA", "CopyEntry", "ZapEntry", "UnlinkList",
              "PutAnon", "LockRoot", "PutLast", "UnlockRoot", "CheckUnlocked", "FreeAnon", "UnlinkChain", "FreeVMA",
              "LockAdjust", "StoreStart", "StoreEnd", "StorePgoff", "UnlockAdjust"}
WalkSide  == WalkSteps \cup
             {"Idle", "Oopsed", "LockPage", "CheckMapped", "ReadMapping", "GetAnon", "LockLeaf", "ReadFirst", "ReadTail",
              "UnlockLeaf", "ReadRoot", "TryRoot", "GetUnlessZero", "LockRoot", "RecheckMapped", "DropRef", "UnlockRoot",
              "PutAnon", "PutLast", "CheckUnlocked", "FreeAnon", "UnlockPage", "LockWalks", "UnlockWalks"}

Id(S)         == S \cup {0}
Never         == {FALSE}
VMARecord     == [life: {"Unborn", "Detached", "Mapped"}, mm: Id(MMThread), start: SlotId, end: 0..Slots,
                  pgoff: SlotId, anon: Id(ObjectId), chain: Seq(ObjectId)]
AnonRecord    == [live: BOOLEAN, root: Id(ObjectId), refs: Nat, lock: Id(Thread), list: Seq(VMAId)]
PageRecord    == [mapping: Id(ObjectId), index: SlotId, lock: Id(Thread), stale: BOOLEAN]
PTERecord     == [kind: {"Empty", "Present", "Migration"}, page: Id(PageId), writable: BOOLEAN]
MMRecord      == [pc: MMSide, op: {"None", "Fault", "Fork", "Unmap", "Exit"} \cup Splits, phase: {"None", "New", "Cow"},
                  left: 0..MMOps, vma: Id(VMAId), new: Id(VMAId), anon: Id(ObjectId), root: Id(ObjectId),
                  held: Id(ObjectId), also: {0}, mutex: Never, page: Id(PageId), slot: SlotId, pos: 0..Objects,
                  child: Id(MMThread), need: 0..Objects, births: 0..VMAs, start: {0}, end: {0}, empty: BOOLEAN,
                  last: BOOLEAN, pin: {0}, gone: {"None"}, stale: Never, steady: Never, owed: {{}}, missed: Never, failed: Never,
                  oops: {"None"}]
WalkerRecord  == [pc: WalkSide, op: {"None", "Walk", "Migrate", "WalkPinned", "Unpin"},
                  phase: {"None", "Plain", "Get", "One", "Two", "Put", "Pinned"},
                  left: 0..WalkerOps, vma: Id(VMAId), new: {0}, anon: Id(ObjectId), root: Id(ObjectId), held: Id(ObjectId),
                  also: Id(ObjectId), mutex: BOOLEAN, page: Id(PageId), slot: SlotId, pos: {0}, child: {0}, need: {0},
                  births: {0}, start: SlotId, end: 0..Slots, empty: BOOLEAN, last: BOOLEAN, pin: Id(ObjectId),
                  gone: {"None", "Entry", "Area"}, stale: BOOLEAN, steady: BOOLEAN, owed: SUBSET Entry, missed: BOOLEAN,
                  failed: BOOLEAN, oops: {"None", "FreedVMA", "EmptyChain", "UnlinkedEntry"}]

Distinct(s)   == Cardinality(Members(s)) = Len(s)
VMATypeOK     == /\ vma \in [VMAId -> VMARecord]
                 /\ \A v \in VMAId : LET x == vma[v] IN
                      /\ Distinct(x.chain)
                      /\ IF x.life = "Unborn" THEN x = NoVMA ELSE x.mm # 0 /\ x.start < x.end
AnonTypeOK(n) == anon \in [ObjectId -> AnonRecord] /\ \A a \in ObjectId : anon[a].refs <= n /\ Distinct(anon[a].list)
PageTypeOK    == page \in [PageId -> PageRecord]
PTETypeOK     == /\ pte \in [MMThread -> [SlotId -> PTERecord]]
                 /\ \A m \in MMThread, i \in SlotId : (pte[m][i].kind = "Empty") <=> (pte[m][i] = NoPTE)
ThreadTypeOK  == /\ DOMAIN thread = Thread
                 /\ \A m \in MMThread : thread[m] \in MMRecord
                 /\ \A w \in WalkerThread : thread[w] \in WalkerRecord
                 /\ \A t \in Thread : LET r == thread[t] IN /\ (r.pc = "Oopsed") <=> (r.oops # "None")
                                                            /\ (r.pc = "Idle") => r = End(r)
                                                            /\ (r.pc = "Idle") <=> (r.op = "None")

\* The protocol has TypeOK of it: n bounds the references on an object.
TypesOK(n)    == VMATypeOK /\ AnonTypeOK(n) /\ PageTypeOK /\ PTETypeOK /\ ThreadTypeOK

----------------------------------------------------------------------------------------------------------------------------
(* Central claims: their breach is harm. Asked of every protocol.                                                         *)

\* A completed walk has looked at every entry that mapped the page ever since the walk took its lock; no migration entry
\* outlives its migration.
WalkComplete    == \A w \in WalkerThread : ~thread[w].missed
NoMigrationLeft == \A m \in MMThread, i \in SlotId : pte[m][i].kind = "Migration" =>
                     \E w \in WalkerThread : thread[w].op = "Migrate" /\ thread[w].page = pte[m][i].page
NoMissedMapping == WalkComplete /\ NoMigrationLeft

\* No thread touches a freed area, a freed chain entry, or, other than in a lookup under RCU, an anon_vma that is not live.
\* RCU keeps the shape of an object that was freed, so a lookup may touch one, and a plain walk, which keeps RCU until it
\* unlocks. Outside RCU are the mm side, whoever has a reference instead, and, where a walker sleeps (`sleeps`), a walker that
\* has the lock or a reference and knows that its page is mapped. The protocol has NoUseAfterFree of it: `lock` is its MMLock,
\* `dropped` and `freed` the objects that a put and a FreeAnon concern.
NoFreedArea  == \A t \in Thread : thread[t].oops # "FreedVMA"
NoFreedEntry == \A t \in Thread : thread[t].oops \notin {"EmptyChain", "UnlinkedEntry"}
Touched(t, lock(_, _), dropped(_), freed(_), sleeps) ==
  LET r == thread[t]  outside == t \in MMThread \/ Refers(r) IN
  CASE r.pc = "LockAnon"                                              -> {r.anon, lock(Linked(r), r.anon)}
    [] r.pc = "LockAdjust"                                            -> {lock(r.vma, r.anon)}
    [] r.pc \in {"LinkList", "UnlinkList", "DropRef"}                 -> {r.anon}
    [] r.pc \in {"UnlockAnon", "UnlockAdjust"}                        -> {r.held}
    [] r.pc = "PinRoot"                                               -> {r.anon, anon[r.anon].root}
    [] r.pc \in {"PutAnon", "PutLast"}                                -> {dropped(t)}
    [] r.pc = "CheckUnlocked"                                         -> {anon[freed(t)].root}
    [] r.pc = "NextEntry" /\ (outside \/ sleeps)                      -> {r.anon, r.held}
    [] r.pc = "ReadRoot" /\ (outside \/ (sleeps /\ r.root # 0))       -> {r.anon}
    [] r.pc = "LockRoot" /\ (outside \/ sleeps)                       -> {r.root}
    [] r.pc \in {"LockLeaf", "ReadFirst"} /\ outside                  -> {r.anon}
    [] r.pc \in {"TryVMA", "LockVMA"} /\ outside                      -> {r.root}
    [] r.pc = "UnlockVMA" /\ outside                                  -> {r.also}
    [] r.pc \in {"UnlockLeaf", "UnlockRoot"} /\ outside               -> {r.held}
    [] OTHER                                                          -> {}
NoDeadTouched(lock(_, _), dropped(_), freed(_), sleeps) ==
  \A t \in Thread : \A a \in Touched(t, lock, dropped, freed, sleeps) \ {0} : anon[a].live

\* An anon_vma is freed only while it is live, its list is empty, nobody refers to it, and nobody but a lookup holds its lock.
Freeing                  == {t \in Thread : thread[t].pc = "FreeAnon"}
FreesLive(freed(_))      == \A t \in Freeing : freed(t) # 0 /\ anon[freed(t)].live
FreesUnlisted(freed(_))  == \A t \in Freeing : anon[freed(t)].list = <<>>
FreesUnreferred(freed(_)) == \A t \in Freeing : anon[freed(t)].refs = 0
FreesUnlocked(freed(_))  == \A t \in Freeing : LET u == anon[freed(t)].lock IN
                              u = 0 \/ (u \in WalkerThread /\ ~Refers(thread[u]))
FreesUnused(freed(_))    == FreesLive(freed) /\ FreesUnlisted(freed) /\ FreesUnreferred(freed) /\ FreesUnlocked(freed)

\* No thread takes a reference on an anon_vma that was freed since the page named it, or walks its list for a page that was
\* mapped all the time. A plain walk of a recycled object is no breach: whoever finds an entry looks at it again.
NoStrangerPinned  == \A w \in WalkerThread : LET r == thread[w] IN r.stale =>
                       /\ r.pc # "GetAnon"
                       /\ ~(r.pc = "RecheckMapped" /\ r.phase = "Get" /\ r.held = 0 /\ IsMapped(r.page))
NoStrangerWalked  == \A w \in WalkerThread : ~(thread[w].stale /\ thread[w].steady /\ thread[w].pc \in WalkSteps)
NoRecycledTrusted == NoStrangerPinned /\ NoStrangerWalked

\* The anon_vma that a mapped page names is live, and its list leads to every entry that maps the page: unless the mm is
\* between two stores to an extent.
Mapping(e)      == page[pte[e[1]][e[2]].page].mapping
InUse           == {e \in Entry : pte[e[1]][e[2]].kind \in {"Present", "Migration"}}
Leads(v, e)     == LET x == vma[v] IN /\ x.mm = e[1] /\ v \in Members(anon[Mapping(e)].list)
                                      /\ x.start <= e[2] /\ e[2] < x.end
                                      /\ x.start + page[pte[e[1]][e[2]].page].index = e[2] + x.pgoff
LeafLive        == \A e \in InUse : Mapping(e) # 0 /\ anon[Mapping(e)].live
LeafReaches     == \A e \in InUse : thread[e[1]].pc \in StoreSteps \/ (Mapping(e) # 0 /\ \E v \in VMAId : Leads(v, e))
MappedReachable == LeafLive /\ LeafReaches

\* A writable entry is the only entry of its page, migration entries included.
WritableAlone   == \A e \in Entry : pte[e[1]][e[2]].writable =>
                     \A f \in Entry \ {e} : pte[f[1]][f[2]].page # pte[e[1]][e[2]].page
WritersIsolated == WritableAlone

\* Nobody edits a list while another thread reads or edits it, or reads a chain that it found through it.
NoEditUnderRead      == \A m \in MMThread : thread[m].pc \in EditSteps =>
                          \A t \in Thread \ {m} : thread[t].pc \in ReadSteps \cup EditSteps => thread[t].anon # thread[m].anon
NoChainEditUnderRead == \A w \in WalkerThread : (thread[w].pc = "ReadTail" /\ thread[w].gone # "Area") =>
                          \A m \in MMThread : thread[m].pc \in ChainSteps => Linked(thread[m]) # thread[w].vma
ListStable           == NoEditUnderRead /\ NoChainEditUnderRead

\* If the page stays mapped, the attempt to lock its family does not fail.
MappedMeansLocked == \A w \in WalkerThread : ~thread[w].failed
LockSucceeds      == MappedMeansLocked

\* A thread unlocks only what it holds.
OwnsWhatItUnlocks == \A t \in Thread : LET r == thread[t] IN
                       /\ r.pc \in {"UnlockAnon", "UnlockAdjust", "UnlockLeaf", "UnlockRoot"} => anon[r.held].lock = t
                       /\ r.pc = "UnlockVMA" => anon[r.also].lock = t
                       /\ r.pc = "UnlockWalks" => r.mutex
                       /\ r.pc = "UnlockPage" => page[r.page].lock = t
UnlockMatchesLock == OwnsWhatItUnlocks

\* A thread between operations holds no lock.
IdleHoldsNothing  == \A t \in Thread : IsIdle(t) => /\ \A a \in ObjectId : anon[a].lock # t
                                                    /\ \A p \in PageId : page[p].lock # t
                                                    /\ ~thread[t].mutex
NothingHeldAtRest == IdleHoldsNothing

\* When all processes are gone and nothing is pinned, every anon_vma is free.
AllGone           == /\ \A v \in VMAId : vma[v].life = "Unborn"
                     /\ \A t \in Thread : IsIdle(t) /\ thread[t].pin = 0
AllFree           == AllGone => \A a \in ObjectId : ~anon[a].live
NothingLeaked     == AllFree

\* An operation that ends without an error has done its work. What a walk owes is in NoMissedMapping; Map and Pin are one step.
Vacant(m, low, high) == \A i \in low .. high - 1 : pte'[m][i].kind = "Empty"
FaultDone(m)         == LET r == thread[m]  e == pte'[m][r.slot] IN
                        \/ FreePages' = {}
                        \/ e.kind # "Empty" /\ (e.writable \/ r.page = 0 \/ e.kind # "Present" \/ e.page # r.page)
Copied(m, c, v, n)   == LET x == vma'[v]  y == vma'[n] IN
                        /\ y.life = "Mapped" /\ y.mm = c /\ y.start = x.start /\ y.end = x.end /\ y.pgoff = x.pgoff
                        /\ IF x.anon = 0 THEN y.anon = 0
                           ELSE /\ y.chain = <<y.anon>> \o x.chain
                                /\ \A i \in x.start .. x.end - 1 : /\ pte'[c][i].page = pte'[m][i].page
                                                                  /\ ~pte'[c][i].writable /\ ~pte'[m][i].writable
ForkDone(m)          == \A v \in Areas(m)' : \E n \in VMAId : Copied(m, thread[m].child, v, n)
UnmapDone(m)         == LET x == vma[thread[m].vma] IN
                        /\ Doomed(m)' = {}
                        /\ \A v \in Areas(m)' : vma'[v].end <= x.start \/ x.end <= vma'[v].start
                        /\ Vacant(m, x.start, x.end)
ExitDone(m)          == Areas(m)' = {} /\ Doomed(m)' = {} /\ Vacant(m, 0, Slots)
Cut(m, low, high)    == LET x == vma'[low]  y == vma'[high]  at == thread[m].slot IN
                        /\ {low, high} \subseteq Areas(m)'
                        /\ x.start < at /\ x.end = at /\ y.start = at /\ at < y.end
                        /\ y.pgoff = x.pgoff + at - x.start /\ x.anon = y.anon /\ x.chain = y.chain
SplitDone(m)         == LET r == thread[m] IN IF r.op = "SplitBelow" THEN Cut(m, r.new, r.vma) ELSE Cut(m, r.vma, r.new)
PutBackDone(w)       == thread'[w].pin = 0
DidItsWork(t)        == CASE thread[t].op = "Fault"               -> FaultDone(t)
                          [] thread[t].op = "Fork"                -> ForkDone(t)
                          [] thread[t].op = "Unmap"               -> UnmapDone(t)
                          [] thread[t].op = "Exit"                -> ExitDone(t)
                          [] thread[t].op \in Splits              -> SplitDone(t)
                          [] thread[t].op \in {"Migrate", "Unpin"} -> PutBackDone(t)
                          [] OTHER                                -> TRUE
OperationDone        == [][\A t \in Thread : (thread[t].op # "None" /\ thread'[t].op = "None") => DidItsWork(t)]_vars

\* NoDeadlock is TLC's own check, see Rest.

\* Every operation of a walker ends; every operation of a process ends.
WalkTerminates      == \A w \in WalkerThread : thread[w].op # "None" ~> thread[w].op = "None"
OperationTerminates == \A m \in MMThread : thread[m].op # "None" ~> thread[m].op = "None"

----------------------------------------------------------------------------------------------------------------------------
(* Structural claims: they say how a protocol works. Asked of the protocols that work so.                                 *)

\* Between operations an area is on the list of exactly the anon_vmas of its chain, its own among them, and areas of one
\* process with one anon_vma have one chain: a merge drops one of the two without looking.
Resting          == {v \in VMAId : vma[v].life = "Mapped" /\ IsIdle(vma[v].mm) /\ ~BusyChild(vma[v].mm)}
AnonInChain      == \A v \in Resting : IF vma[v].anon = 0 THEN vma[v].chain = <<>> ELSE vma[v].anon \in Members(vma[v].chain)
ChainListed      == \A v \in Resting : \A a \in Members(vma[v].chain) : anon[a].live /\ v \in Members(anon[a].list)
ListChained      == \A a \in ObjectId : \A v \in Members(anon[a].list) :
                      vma[v].life # "Unborn" /\ (v \in Resting => a \in Members(vma[v].chain))
OneChain         == \A u, v \in Resting : (vma[u].mm = vma[v].mm /\ vma[u].anon = vma[v].anon) => vma[u].chain = vma[v].chain
ChainsMatchLists == AnonInChain /\ ChainListed /\ ListChained /\ OneChain

\* All areas on a list have the same root at the end of their chains: the seed's simple constraint.
HasTail(v, a) == vma[v].chain # <<>> /\ Last(vma[v].chain) = a
SameTail      == \A a \in ObjectId : (anon[a].live /\ anon[a].list # <<>>) =>
                   LET first == vma[anon[a].list[1]].chain IN
                   first # <<>> /\ \A v \in Members(anon[a].list) : HasTail(v, Last(first))
TailIsRoot    == \A a \in ObjectId : anon[a].live => \A v \in Members(anon[a].list) : HasTail(v, anon[a].root)
OneRoot       == SameTail /\ TailIsRoot

\* At most one thread at a time holds a family, or is about to read or edit a list of it, or what it found through one.
\* Family(t): the family that t is inside of; 0: none. It counts what the object is now, whatever t holds and however long ago
\* t looked the object up. A lock that readers share keeps a writer alone, and has no HolderAlone.
Family(t)       == LET r == thread[t] IN
                   IF \/ r.anon = 0
                      \/ t \in WalkerThread /\ r.pc \notin ReadSteps /\ (r.held = 0 \/ r.pc \notin WorkSteps)
                      \/ t \in MMThread /\ r.held = 0 /\ r.pc \notin EditSteps
                   THEN 0 ELSE anon[r.anon].root
Together(T)     == \E t \in T : Family(t) # 0 /\ \E u \in Thread \ {t} : Family(u) = Family(t)
WriterAlone     == ~Together(MMThread)
HolderAlone     == ~Together(WalkerThread)
MutualExclusion == WriterAlone /\ HolderAlone

\* What a walker holds is the live root of the anon_vma whose list it walks, for as long as it walks.
IsWalking(w)     == thread[w].pc \in WalkSteps
HeldIsLive       == \A w \in WalkerThread : IsWalking(w) => anon[thread[w].held].live
HeldIsOwnRoot    == \A w \in WalkerThread : IsWalking(w) => anon[thread[w].held].root = thread[w].held
HeldIsRootOfLeaf == \A w \in WalkerThread : IsWalking(w) => anon[thread[w].anon].root = thread[w].held
LockedIsRoot     == HeldIsLive /\ HeldIsOwnRoot /\ HeldIsRootOfLeaf

\* No anon_vma outlives its root.
RootLive          == \A a \in ObjectId : anon[a].live => anon[anon[a].root].live
RootFreedLast     == RootLive

============================================================================================================================
