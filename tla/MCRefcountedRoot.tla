------------------------------------------------- MODULE MCRefcountedRoot --------------------------------------------------
(* RefcountedRoot for TLC. One cfg beside this module is one model: its bounds, and the claims that TLC is to check.      *)
EXTENDS RefcountedRoot

\* The critical sections as FamilyMutex sees them: the protocol is to implement it.
Mutex == INSTANCE FamilyMutex
           WITH Threads <- Thread, Families <- ObjectId, None <- 0, inside <- [t \in Thread |-> Family(t)]
Refinement == Mutex!Spec

============================================================================================================================
