package mutant

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Side is the package that a mutant is of.
type Side string

// The sides.
const (
	Law  Side = "spec" // the model: told by the explorer
	Code Side = "impl" // the implementation: told by lockstep with the model
)

// Sides lists both.
func Sides() []Side { return []Side{Law, Code} }

// A Mutant is one small change of one function. Was and Now are source text on one line.
type Mutant struct {
	Number   uint32 // within its side, from 1: what active.N selects
	Side     Side
	File     string // from the module's root: spec/mm.go
	Line     int
	Func     string // beginFault; AddressSpace.fault for a method of another type than Model
	Operator Operator
	Was, Now string
	Ordinal  int // among those of the function that are otherwise the same, from 1
}

// An Operator is a kind of change.
type Operator string

// The operators.
const (
	Negate   Operator = "negate"   // a condition, or a bool that is stored or returned
	Never    Operator = "never"    // a branch or case is not taken
	Drop     Operator = "drop"     // a statement is left out, or one assignment of several
	Swap     Operator = "swap"     // two statements change places
	Sibling  Operator = "sibling"  // another constant or field of the type, used nearby
	Constant Operator = "constant" // off by one; true for false
	Connect  Operator = "connect"  // && for ||, or one side alone
	Compare  Operator = "compare"  // another comparison
	Arith    Operator = "arith"    // + for -
)

// Operators lists them.
func Operators() []Operator {
	return []Operator{Negate, Never, Drop, Swap, Sibling, Constant, Connect, Compare, Arith}
}

// Key names a mutant for good: the line may change, the code around it too.
func (m *Mutant) Key() string {
	key := fmt.Sprintf("%s %s %s: %s", m.File, m.Func, m.Operator, m.Was)
	if m.Now != "" {
		key += " => " + m.Now
	}
	if m.Ordinal > 1 {
		key += fmt.Sprintf(" #%d", m.Ordinal)
	}
	return key
}

// What says in a line what was changed.
func (m *Mutant) What() string {
	switch m.Operator {
	case Drop:
		return "without " + m.Was
	case Never:
		return "never " + m.Was
	case Negate:
		return "not " + m.Was
	case Swap:
		return m.Now + " before " + m.Was
	}
	return m.Was + " -> " + m.Now
}

// number puts mutants in the order of the source and tells apart those that look alike.
func number(list []*Mutant) {
	slices.SortStableFunc(list, func(a, b *Mutant) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Number, b.Number))
	})
	seen := map[string]int{}
	for _, m := range list {
		key := m.Key()
		seen[key]++
		m.Ordinal = seen[key]
	}
}

// short is a piece of source on one line, without the middle if it is long.
func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= 100 {
		return text
	}
	return text[:60] + " ... " + text[len(text)-35:]
}
