Unpack beside the modules of tla/ and run TLC on Replay: it follows the schedule and reports NoBadFree violated.
-- Replay.tla --
---- MODULE Replay ----
\* 1 mm, 2 VMAs, 2 objects, 1 page, 1 walker, 2 slots, 1 operation per mm and 1 operation per walker out of {Unmap,SplitBelow,Walk,Migrate}, start OnePage
\* go run ./cmd/rootlock replay --protocol OwnLock --model Tiny 'w1:Migrate(p1) w1:LockPage w1:ReadMapping w1:CheckMapped mm1:Unmap(v1) mm1:ZapEntry mm1:LockAnon mm1:UnlinkList mm1:UnlockAnon w1:LockLeaf w1:GetAnon'
EXTENDS MCOwnLock
CONSTANTS mm1, w1, v1, v2, a1, a2, p1
VARIABLE at  \* how many moves were taken

\* Each: the thread, its step, and what the step chooses.
Schedule == <<
  <<w1, "Migrate", <<p1>>>>,
  <<w1, "LockPage", <<>>>>,
  <<w1, "ReadMapping", <<>>>>,
  <<w1, "CheckMapped", <<>>>>,
  <<mm1, "Unmap", <<v1>>>>,
  <<mm1, "ZapEntry", <<>>>>,
  <<mm1, "LockAnon", <<>>>>,
  <<mm1, "UnlinkList", <<>>>>,
  <<mm1, "UnlockAnon", <<>>>>,
  <<w1, "LockLeaf", <<>>>>,
  <<w1, "GetAnon", <<>>>>
>>

\* What a step chooses shows in what it leaves.
Chosen(t, step, a) ==
  LET r == thread'[t]  begins == IsIdle(t) IN
  CASE ~begins /\ step = "AllocAnon" -> ~anon[a[1]].live /\ anon'[a[1]].live
    [] ~begins /\ step # "AllocAnon" -> TRUE
    [] begins /\ step = "Map"        -> /\ t \in MMs /\ r.op = "None"
                                        /\ LET v == vma'[Pick(Unborn)] IN v.start = a[1] /\ v.end = a[1] + a[2]
    [] begins /\ step = "Pin"        -> t \in Walkers /\ r.op = "None" /\ r.pin = vma[a[1]].anon
    [] OTHER -> /\ r.op = step
                /\ CASE step \in {"Fault", "SplitBelow", "SplitAbove"} -> r.vma = a[1] /\ r.slot = a[2]
                     [] step = "Unmap"               -> r.vma = a[1]
                     [] step = "Fork"                -> r.child = a[1]
                     [] step \in {"Walk", "Migrate"} -> r.page = a[1]
                     [] step = "WalkPinned"          -> r.slot = a[1]
                     [] step = "UffdMove"            -> r.slot = a
                     [] OTHER                        -> TRUE

Follow(t, step, a) ==
  /\ IF IsIdle(t) THEN step \in Operations ELSE step = thread[t].pc
  /\ Step(t) /\ Chosen(t, step, a)

ReplayInit == Init /\ at = 0
ReplayNext == at < Len(Schedule) /\ Follow(Schedule[at + 1][1], Schedule[at + 1][2], Schedule[at + 1][3]) /\ at' = at + 1
ReplaySpec == ReplayInit /\ [][ReplayNext]_<<vars, at>>

Unfinished == at < Len(Schedule)
====
-- Replay.cfg --
CONSTANTS
    MMs = {mm1}
    Walkers = {w1}
    VMAs = {v1, v2}
    Objects = {a1, a2}
    Pages = {p1}
    Slots = 2
    MMOps = 1
    WalkerOps = 1
    Layout = "OnePage"
    Ops = {"Migrate", "SplitBelow", "Unmap", "Walk"}
    None = None
    Unlimited = Unlimited
    mm1 = mm1
    w1 = w1
    v1 = v1
    v2 = v2
    a1 = a1
    a2 = a2
    p1 = p1
SPECIFICATION ReplaySpec
INVARIANTS
    NoBadFree
CHECK_DEADLOCK FALSE
