---- MODULE Abs ----
EXTENDS Naturals
VARIABLE y
Init == y < 9
Step == y' = y + 1
Spec == Init /\ [][Step]_y
====
