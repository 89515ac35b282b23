---- MODULE Refine ----
\* A violated refinement: the conjuncts of a property have no names of their own.
EXTENDS Naturals
VARIABLE x
Init == x \in {1, 2}
Next == x' = x + 2 /\ x < 4
Spec == Init /\ [][Next]_x
AbsInit == x < 2
AbsNext == x' = x + 1
AbsSpec == AbsInit /\ [][AbsNext]_x
AbsStep == x < 9 /\ [][AbsNext]_x
Abs == INSTANCE Abs WITH y <- x
AbsModule == Abs!Spec
====
