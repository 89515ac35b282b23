---- MODULE Counter ----
\* Two hands move a counter; toy spec of the package tests.
EXTENDS Naturals
CONSTANTS Max, Hands
VARIABLES x, turn
vars == <<x, turn>>
Init == x \in {0, 1} /\ turn \in Hands
Up(h) == turn = h /\ x < Max /\ x' = x + 1 /\ turn' \in Hands
Reset == x = Max /\ x' = 0 /\ UNCHANGED turn
Never == x > Max /\ x' = 0 /\ UNCHANGED turn
Next == (\E h \in Hands : Up(h)) \/ Reset \/ Never
Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ WF_vars(Next)
TypeOK == x \in 0..Max /\ turn \in Hands
BelowTwo == x < 2
BelowOne == x < 1
NeverDown == [][x' >= x]_vars
StaysAtMax == <>[](x = Max)
ReachesMax == <>(x = Max)
====
