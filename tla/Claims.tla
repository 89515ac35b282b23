------------------------------------------------------ MODULE Claims -------------------------------------------------------
(**************************************************************************************************************************)
(* What is claimed of every protocol. A claim's conjuncts have names of their own, for the report of a false one.         *)
(* NoDeadlock is TLC's own check, see Rest. The refinement of FamilyMutex stands in the MC modules.                       *)
(**************************************************************************************************************************)
EXTENDS AnonVMA

AreaSteps     == {"ReadAnon", "TryVMA", "LockVMA", "ReadStart", "ReadPgoff", "Visit"}  \* a walker trusts an area
WalkSteps     == AreaSteps \cup {"NextEntry", "UnlockVMA"}                       \* a walker follows the leaf's list
CriticalSteps == WalkSteps \cup {"GetAnon", "PutLast", "UnlockRoot", "DropRef"}  \* a walker has the lock, as it believes
MMSide    == {"Idle", "AllocAnon", "PinRoot", "LockAnon", "LinkChain", "LinkList", "UnlockAnon", "MapPage", "LockPage",
              "CheckOwn", "MovePage", "AllowWrite", "UnlockPage", "CopyVMA", "CopyEntry", "ZapEntry", "UnlinkList",
              "PutAnon", "LockRoot", "PutLast", "UnlockRoot", "CheckUnlocked", "FreeAnon", "UnlinkChain", "FreeVMA",
              "LockAdjust", "StoreStart", "StoreEnd", "StorePgoff", "UnlockAdjust"}
WalkSide  == WalkSteps \cup
             {"Idle", "Faulted", "LockPage", "CheckMapped", "ReadMapping", "GetAnon", "LockLeaf", "ReadFirst", "ReadTail",
              "UnlockLeaf", "ReadRoot", "TryRoot", "GetUnlessZero", "LockRoot", "RecheckMapped", "DropRef", "UnlockRoot",
              "PutAnon", "PutLast", "CheckUnlocked", "FreeAnon", "UnlockPage", "LockWalks", "UnlockWalks"}

Id(S)         == S \cup {0}
Never         == {FALSE}
VMARecord     == [life: {"Unborn", "Detached", "Mapped", "Freed"}, mm: Id(MMThread), start: SlotId, end: 0..Slots,
                  pgoff: SlotId, anon: Id(ObjectId), chain: Seq(ObjectId)]
AnonRecord    == [live: BOOLEAN, root: Id(ObjectId), refs: Nat, lock: Id(Thread), list: Seq(VMAId)]
PageRecord    == [mapping: Id(ObjectId), index: SlotId, lock: Id(Thread), stale: BOOLEAN]
PTERecord     == [kind: {"Empty", "Present", "Migration"}, page: Id(PageId), writable: BOOLEAN]
MMRecord      == [pc: MMSide, op: {"None", "Fault", "Fork", "Unmap", "Exit"} \cup Splits, phase: {"None", "New", "Cow"},
                  left: 0..MMOps, vma: Id(VMAId), new: Id(VMAId), anon: Id(ObjectId), root: Id(ObjectId),
                  held: Id(ObjectId), also: {0}, mutex: Never, page: Id(PageId), slot: SlotId, pos: 0..Objects,
                  child: Id(MMThread), need: 0..Objects, births: 0..VMAs, start: {0}, end: {0}, empty: BOOLEAN,
                  last: BOOLEAN, pin: {0}, stale: Never, steady: Never, owed: {{}}, missed: Never, failed: Never,
                  fault: {"None"}]
WalkerRecord  == [pc: WalkSide, op: {"None", "Walk", "Migrate", "Unpin"},
                  phase: {"None", "Plain", "Get", "One", "Two", "Put"},
                  left: 0..WalkerOps, vma: Id(VMAId), new: {0}, anon: Id(ObjectId), root: Id(ObjectId), held: Id(ObjectId),
                  also: Id(ObjectId), mutex: BOOLEAN, page: Id(PageId), slot: SlotId, pos: {0}, child: {0}, need: {0},
                  births: {0}, start: SlotId, end: 0..Slots, empty: BOOLEAN, last: BOOLEAN, pin: Id(ObjectId),
                  stale: BOOLEAN, steady: BOOLEAN, owed: SUBSET Entry, missed: BOOLEAN, failed: BOOLEAN,
                  fault: {"None", "FreedVMA", "EmptyChain", "UnlinkedEntry", "Recycled"}]

Distinct(s)   == Cardinality(Members(s)) = Len(s)
VMATypeOK     == /\ vma \in [VMAId -> VMARecord]
                 /\ \A v \in VMAId : LET x == vma[v] IN
                      /\ Distinct(x.chain)
                      /\ IF x.life \in {"Unborn", "Freed"} THEN x = [NoVMA EXCEPT !.life = x.life]
                         ELSE x.mm # 0 /\ x.start < x.end
AnonTypeOK(n) == anon \in [ObjectId -> AnonRecord] /\ \A a \in ObjectId : anon[a].refs <= n /\ Distinct(anon[a].list)
PageTypeOK    == page \in [PageId -> PageRecord]
PTETypeOK     == /\ pte \in [MMThread -> [SlotId -> PTERecord]]
                 /\ \A m \in MMThread, i \in SlotId : (pte[m][i].kind = "Empty") <=> (pte[m][i] = NoPTE)
ThreadTypeOK  == /\ DOMAIN thread = Thread
                 /\ \A m \in MMThread : thread[m] \in MMRecord
                 /\ \A w \in WalkerThread : thread[w] \in WalkerRecord
                 /\ \A t \in Thread : LET r == thread[t] IN /\ (r.pc = "Faulted") <=> (r.fault # "None")
                                                            /\ (r.pc = "Idle") => r = End(r)
                                                            /\ (r.pc = "Idle") <=> (r.op = "None")

\* The protocol has TypeOK of it: n bounds the references on an object.
TypesOK(n)    == VMATypeOK /\ AnonTypeOK(n) /\ PageTypeOK /\ PTETypeOK /\ ThreadTypeOK

\* All VMAs of a list end in one root: the seed's simple constraint.
HasTail(v, a) == vma[v].chain # <<>> /\ Last(vma[v].chain) = a
SameTail      == \A a \in ObjectId : (anon[a].live /\ anon[a].list # <<>>) =>
                   LET first == vma[anon[a].list[1]].chain IN
                   first # <<>> /\ \A v \in Members(anon[a].list) : HasTail(v, Last(first))
TailIsRoot    == \A a \in ObjectId : anon[a].live => \A v \in Members(anon[a].list) : HasTail(v, anon[a].root)
OneRoot       == SameTail /\ TailIsRoot

\* The family whose critical section thread t is in; 0: none. A walker whose leaf was freed is in none: see NoUseAfterFree.
Family(t)       == LET r == thread[t] IN
                   IF r.held = 0 \/ r.anon = 0 THEN 0
                   ELSE IF t \in MMThread \/ (r.pc \in CriticalSteps /\ ~r.stale) THEN anon[r.anon].root ELSE 0
OneHolder       == \A t \in Thread : Family(t) = 0 \/ \A u \in Thread \ {t} : Family(u) # Family(t)
MutualExclusion == OneHolder

\* What a walker holds is the root of what it walks, and live, for as long as it walks.
IsWalking(w)     == thread[w].pc \in WalkSteps
HeldIsLive       == \A w \in WalkerThread : IsWalking(w) => anon[thread[w].held].live
HeldIsOwnRoot    == \A w \in WalkerThread : IsWalking(w) => anon[thread[w].held].root = thread[w].held
HeldIsRootOfLeaf == \A w \in WalkerThread : LET r == thread[w] IN
                      (IsWalking(w) /\ anon[r.anon].live /\ ~r.stale) => anon[r.anon].root = r.held
LockedIsRoot     == HeldIsLive /\ HeldIsOwnRoot /\ HeldIsRootOfLeaf

\* A complete walk visited all that it owed; a migration entry stands only while its migration runs.
WalkComplete    == \A w \in WalkerThread : ~thread[w].missed
NoMigrationLeft == \A m \in MMThread, i \in SlotId : pte[m][i].kind = "Migration" =>
                     \E w \in WalkerThread : thread[w].op = "Migrate" /\ thread[w].page = pte[m][i].page
NoMissedMapping == WalkComplete /\ NoMigrationLeft

\* Nobody edits a list that another thread walks.
NoEditUnderWalk == \A m \in MMThread : thread[m].pc \in {"LinkList", "UnlinkList"} =>
                     \A w \in WalkerThread : ~(IsWalking(w) /\ thread[w].anon = thread[m].anon)
ListStable      == NoEditUnderWalk

NoFreedTouched    == \A t \in Thread : thread[t].fault \notin {"FreedVMA", "EmptyChain", "UnlinkedEntry"}
NoRecycledTrusted == \A t \in Thread : /\ thread[t].fault # "Recycled"
                                       /\ ~(thread[t].stale /\ thread[t].pc \in AreaSteps)
NoUseAfterFree    == NoFreedTouched /\ NoRecycledTrusted

OwnsWhatItUnlocks == \A t \in Thread : LET r == thread[t] IN
                       /\ r.pc \in {"UnlockAnon", "UnlockAdjust", "UnlockLeaf", "UnlockRoot"} => anon[r.held].lock = t
                       /\ r.pc = "UnlockVMA" => anon[r.also].lock = t
                       /\ r.pc = "UnlockWalks" => r.mutex
                       /\ r.pc = "UnlockPage" => page[r.page].lock = t
UnlockMatchesLock == OwnsWhatItUnlocks

IdleHoldsNothing  == \A t \in Thread : IsIdle(t) => /\ \A a \in ObjectId : anon[a].lock # t
                                                    /\ \A p \in PageId : page[p].lock # t
                                                    /\ ~thread[t].mutex
NothingHeldAtRest == IdleHoldsNothing

AllGone           == /\ \A v \in VMAId : vma[v].life \notin {"Mapped", "Detached"}
                     /\ \A t \in Thread : IsIdle(t) /\ thread[t].pin = 0
AllFree           == AllGone => \A a \in ObjectId : ~anon[a].live
NothingLeaked     == AllFree

RootLive          == \A a \in ObjectId : anon[a].live => anon[anon[a].root].live
RootFreedLast     == RootLive

\* If the page stays mapped, the attempt to lock returns something.
MappedMeansLocked == \A w \in WalkerThread : ~thread[w].failed
LockSucceeds      == MappedMeansLocked

\* NoDeadlock is TLC's own check, see Rest.

\* Each operation of a walker ends.
WalkTerminates == \A w \in WalkerThread : thread[w].op # "None" ~> (thread[w].op = "None" \/ Crashed)

============================================================================================================================
