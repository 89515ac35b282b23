---- MODULE Shapes ----
\* One variable per kind of value that TLC prints, and a deadlock at step 2.
EXTENDS Integers, Sequences, TLC
CONSTANTS A, B
VARIABLES n, v
vars == <<n, v>>
Init == n = 0 /\ v = [int |-> -7, str |-> "a \"quoted\" \\ text", bool |-> TRUE, mv |-> A,
  seq |-> <<1, <<>>, <<"x">>>>, set |-> {1, 2, 3}, none |-> {}, rec |-> [f |-> A, g |-> {B}],
  fun |-> (A :> 1 @@ B :> <<2>>), ints |-> (3 :> "c" @@ 5 :> "e"), onen |-> [i \in 1..3 |-> i * i],
  range |-> 1..4, subset |-> SUBSET {1, 2}, fset |-> [{1} -> {2}], rset |-> [p: {1,2}, q: {A}], prod |-> {1} \X {2}, tab |-> "a\tb",
  long |-> [i \in 1..12 |-> "some longer text to force a line break"]]
Step == n < 2 /\ n' = n + 1 /\ v' = [v EXCEPT !.int = n]
Next == Step
Spec == Init /\ [][Next]_vars
====
