---- MODULE Asserts ----
EXTENDS Naturals, TLC
VARIABLE x
Init == x = 0
Next == x' = x + 1 /\ PrintT(<<"at", x>>) /\ Assert(x < 2, "x grew to two")
====
