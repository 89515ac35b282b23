---- MODULE Absent ----
EXTENDS NoSuchModule
VARIABLE x
Init == x = 0
Next == x' = x
====
