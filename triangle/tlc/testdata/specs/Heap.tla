---- MODULE Heap ----
\* Doubles a sequence until the heap is full.
EXTENDS Sequences
VARIABLE x
Init == x = <<TRUE>>
Next == x' = x \o x
====
