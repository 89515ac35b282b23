---- MODULE Endless ----
\* Never ends and never grows a queue: something to stop.
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = x + 1
====
