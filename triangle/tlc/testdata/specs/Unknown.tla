---- MODULE Unknown ----
VARIABLE x
Init == x = 0
Next == x' = Missing(x) \/ x' = Gone
====
