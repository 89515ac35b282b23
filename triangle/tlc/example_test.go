package tlc_test

import (
	"fmt"

	"github.com/rootlock/rootlock/triangle/tlc"
)

func ExampleParseValue() {
	v, err := tlc.ParseValue(`[held |-> {m2, m1}, at |-> (1 :> "Lock" @@ 2 :> "Idle")]`)
	if err != nil {
		panic(err)
	}
	held, _ := v.Field("held")
	fmt.Println(v)
	fmt.Println(held.Contains(tlc.Model("m1")), held.Len())
	// Output:
	// [at |-> <<"Lock", "Idle">>, held |-> {m1, m2}]
	// true 2
}

func ExampleConfig_WithInvariants() {
	c, err := tlc.ParseConfig("SPECIFICATION Spec INVARIANTS TypeOK OneRoot")
	if err != nil {
		panic(err)
	}
	fmt.Print(c.WithInvariants("OneRoot").WithReplacement("ReadRoot", "ReadRoot_Stale"))
	// Output:
	// CONSTANTS
	//     ReadRoot <- ReadRoot_Stale
	// SPECIFICATION Spec
	// INVARIANTS
	//     OneRoot
}
