---------------------------------------- MODULE FamilyRwlock ---------------------------------------
(***************************************************************************************************
FamilyMutex where some threads share: what the readers-writer lock of a root should look like from
outside. One lock per family of anon_vmas, taken in one atomic step; readers may be in a family
together, and whoever is no reader is alone there. Without readers this is FamilyMutex.
***************************************************************************************************)
CONSTANTS
  Threads,   \* those that take locks
  Readers,   \* those of them that share a lock with each other
  Families,  \* what is locked; each family is named by its root
  None       \* no family

ASSUME ReadersAssumption == Readers \subseteq Threads
ASSUME NoneAssumption    == None \notin Families

VARIABLE
  inside     \* inside[t]: the family whose lock thread t holds, or None

TypeOK == inside \in [Threads -> Families \cup {None}]
Init   == inside = [t \in Threads |-> None]

\* t: in no family -> holds f, which nobody holds whom t does not share it with.
Acquire(t, f) ==
  /\ inside[t] = None /\ \A u \in Threads : inside[u] = f => {t, u} \subseteq Readers
  /\ inside' = [inside EXCEPT ![t] = f]

\* t: holds its family -> in none.
Release(t) ==
  /\ inside[t] # None
  /\ inside' = [inside EXCEPT ![t] = None]

Next == \E t \in Threads : Release(t) \/ \E f \in Families : Acquire(t, f)
Spec == Init /\ [][Next]_inside

\* Two threads in one family are readers.
ReadersTogether == \A t, u \in Threads : (t # u /\ inside[t] # None /\ inside[t] = inside[u]) =>
                                         {t, u} \subseteq Readers

\* What this is without readers.
Mutex   == INSTANCE FamilyMutex
IsMutex == Mutex!Spec

THEOREM Spec => []TypeOK
THEOREM Spec => []ReadersTogether
THEOREM Readers = {} /\ Spec => IsMutex

====================================================================================================
