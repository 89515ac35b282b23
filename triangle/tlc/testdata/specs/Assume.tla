---- MODULE Assume ----
EXTENDS Naturals
CONSTANT N
ASSUME Positive == N > 0
VARIABLE x
Init == x = 0
Next == x' = x
====
