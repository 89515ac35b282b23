------------------------------------------ MODULE Buffer -------------------------------------------
(* A bounded buffer: producers and consumers, one lock, one condition variable. Every thread goes   *)
(* on for ever. See law.go, which says the same in Go, step by step under the same names.           *)
EXTENDS Integers, FiniteSets

CONSTANTS Producers, Consumers, Capacity,
          Broadcasting   \* whoever has done something wakes all that sleep; otherwise one of them
Threads == Producers \cup Consumers

VARIABLES count,     \* items in the buffer
          holder,    \* of the lock: a set of one thread, or empty
          at,        \* the step that each thread takes next
          asleep     \* threads that wait for a signal
vars == <<count, holder, at, asleep>>

Init == count = 0 /\ holder = {} /\ at = [t \in Threads |-> "Lock"] /\ asleep = {}
At(t, step) == at[t] = step
Goto(t, step) == at' = [at EXCEPT ![t] = step]

Lock(t) ==
    /\ At(t, "Lock") /\ holder = {} /\ t \notin asleep
    /\ Goto(t, IF t \in Producers THEN IF count = Capacity THEN "Wait" ELSE "Put"
                                  ELSE IF count = 0 THEN "Wait" ELSE "Get")
    /\ holder' = {t} /\ UNCHANGED <<count, asleep>>

Put(t) == At(t, "Put") /\ count' = count + 1 /\ Goto(t, "Notify") /\ UNCHANGED <<holder, asleep>>
Get(t) == At(t, "Get") /\ count' = count - 1 /\ Goto(t, "Notify") /\ UNCHANGED <<holder, asleep>>

Wait(t) == At(t, "Wait") /\ holder' = {} /\ asleep' = asleep \cup {t} /\ Goto(t, "Lock") /\ UNCHANGED count

Notify(t) ==
    /\ At(t, "Notify")
    /\ IF asleep = {} THEN UNCHANGED asleep
       ELSE IF Broadcasting THEN asleep' = {}
       ELSE \E u \in asleep : asleep' = asleep \ {u}
    /\ Goto(t, "Unlock") /\ UNCHANGED <<count, holder>>

Unlock(t) == At(t, "Unlock") /\ holder' = {} /\ Goto(t, "Lock") /\ UNCHANGED <<count, asleep>>

Next == \E t \in Threads : Lock(t) \/ Put(t) \/ Get(t) \/ Wait(t) \/ Notify(t) \/ Unlock(t)
Spec == Init /\ [][Next]_vars

InBounds == count \in 0 .. Capacity
====================================================================================================
