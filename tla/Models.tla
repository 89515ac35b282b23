------------------------------------------ MODULE Models -------------------------------------------
(***************************************************************************************************
What the models share. A model is two configurations, put together: MC<Protocol>.cfg has the claims
that are asked of the protocol, models/<Model>.cfg the bounds of the world. Nothing else has bounds.

Areas and objects have no order, and none of them is special: a model that says SYMMETRY looks at
one state for all that differ in their names only. Where termination is asked, and where the graph
is compared, it does not. TLC works out Symmetry at every start, asked for or not; more
than five names have too many orders for that, and then there is none.
***************************************************************************************************)
EXTENDS AnonVMA, TLC

Symmetry ==
    IF \A names \in {VMAs, Objects} : Cardinality(names) <= 5
    THEN Permutations(VMAs) \cup Permutations(Objects)
    ELSE {}

====================================================================================================
