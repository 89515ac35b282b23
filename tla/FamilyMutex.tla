---------------------------------------- MODULE FamilyMutex ----------------------------------------
(***************************************************************************************************
What a root lock should look like from outside: one lock per family of anon_vmas, taken in one
atomic step. In a protocol that implements this module no two threads are ever in one family, and no
thread slips from one family into another without letting go. Which families there are, and why a
thread lets go, is not said.
***************************************************************************************************)
CONSTANTS
  Threads,   \* those that take locks
  Families,  \* what is locked; each family is named by its root
  None       \* no family

ASSUME NoneAssumption == None \notin Families

VARIABLE
  inside     \* inside[t]: the family whose lock thread t holds, or None

TypeOK == inside \in [Threads -> Families \cup {None}]
Init   == inside = [t \in Threads |-> None]

\* t: in no family -> holds f, which nobody holds.
Acquire(t, f) ==
  /\ inside[t] = None /\ \A u \in Threads : inside[u] # f
  /\ inside' = [inside EXCEPT ![t] = f]

\* t: holds its family -> in none.
Release(t) ==
  /\ inside[t] # None
  /\ inside' = [inside EXCEPT ![t] = None]

Next == \E t \in Threads : Release(t) \/ \E f \in Families : Acquire(t, f)
Spec == Init /\ [][Next]_inside

\* No two threads are in one family.
OneHolder == \A t, u \in Threads : (t # u /\ inside[t] # None) => inside[t] # inside[u]

THEOREM Spec => []TypeOK
THEOREM Spec => []OneHolder

====================================================================================================
