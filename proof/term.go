package proof

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// A Sort is a kind of value: the truth values; an enumeration, whose values are all
// named; or a set of any size, of which at most one value, none or zero, is named.
type Sort struct {
	Name  string
	Names []string // the named values
	Enum  bool     // there are no others
}

// Bool is the sort of formulas.
var Bool = &Sort{Name: "Bool", Names: []string{"false", "true"}, Enum: true}

// A Symbol is a function of the state, or one that never changes.
type Symbol struct {
	Name   string
	Args   []*Sort
	Result *Sort
	Doc    string
	Ghost  bool // no step of the law reads it: it is there for the invariant

	index   int                         // in the state; static symbols: -1
	compute func(*Structure, []int) int // of a static symbol: its value in the worlds of spec
}

type kind uint8

const (
	constant kind = iota // a named value of a sort
	variable             // of a quantifier, or a choice of a branch
	apply                // of a symbol
	not
	and
	or
	equal
	ifThenElse
	forAll
	exists
	triggered // a quantifier's body, and the terms by which a solver finds instances
)

// An F is a formula, or any other term: both are read by Text and by eval. Equal ones are
// one pointer, but for the variables of quantifiers. It is immutable.
type F = *term

type term struct {
	kind kind
	sort *Sort
	sym  *Symbol
	name string // of a constant or variable
	args []F
	vars []F // of a quantifier
	id   int
}

// A shape is what makes two terms equal.
type shape struct {
	kind kind
	sort *Sort
	sym  *Symbol
	name string
	args string
}

var interned = struct {
	sync.Mutex
	terms map[shape]F
	fresh int
}{terms: map[shape]F{}}

// intern returns the one term that is like t.
func intern(t term) F {
	var ids [64]byte
	list := ids[:0]
	for _, a := range t.args {
		list = binary.LittleEndian.AppendUint32(list, uint32(a.id))
	}
	for _, v := range t.vars {
		list = binary.LittleEndian.AppendUint32(list, ^uint32(v.id))
	}
	key := shape{t.kind, t.sort, t.sym, t.name, string(list)}
	interned.Lock()
	defer interned.Unlock()
	if old := interned.terms[key]; old != nil {
		return old
	}
	t.id = len(interned.terms)
	interned.terms[key] = &t
	return &t
}

// freshVar is a variable that no other term has.
func freshVar(s *Sort, hint string) F {
	interned.Lock()
	interned.fresh++
	name := fmt.Sprintf("%s!%d", hint, interned.fresh)
	interned.Unlock()
	return intern(term{kind: variable, sort: s, name: name})
}

// Named is the value of a sort with a name.
func Named(s *Sort, name string) F {
	if !slices.Contains(s.Names, name) {
		panic(fmt.Sprintf("proof: sort %s has no value %q", s.Name, name))
	}
	return intern(term{kind: constant, sort: s, name: name})
}

// None is the named value of a sort that is no enumeration: no thread, no area, address 0.
func None(s *Sort) F { return Named(s, s.Names[0]) }

var (
	True  = Named(Bool, "true")
	False = Named(Bool, "false")
)

// value makes a term of a sort: a term as it is, a name, or a truth value.
func value(s *Sort, x any) F {
	switch x := x.(type) {
	case F:
		if x.sort != s {
			panic(fmt.Sprintf("proof: %s is a %s, not a %s", x.name, x.sort.Name, s.Name))
		}
		return x
	case string:
		return Named(s, x)
	case bool:
		return Named(Bool, strconv.FormatBool(x))
	}
	panic(fmt.Sprintf("proof: %v is no term", x))
}

// Of applies a symbol.
func (f *Symbol) Of(args ...F) F {
	if len(args) != len(f.Args) {
		panic(fmt.Sprintf("proof: %s has %d arguments, not %d", f.Name, len(f.Args), len(args)))
	}
	for i, a := range args {
		value(f.Args[i], a)
	}
	return intern(term{kind: apply, sort: f.Result, sym: f, args: args})
}

// Eq says that two values are one.
func Eq(a F, b any) F {
	x := value(a.sort, b)
	switch {
	case a == x:
		return True
	case a.kind == constant && x.kind == constant:
		return False
	case a.sort == Bool && x == True:
		return a
	case a.sort == Bool && x == False:
		return Not(a)
	}
	return intern(term{kind: equal, sort: Bool, args: []F{a, x}})
}

// Ne says that two values differ.
func Ne(a F, b any) F { return Not(Eq(a, b)) }

// Is says that a value is one of those with these names.
func Is(a F, names ...string) F {
	var list []F
	for _, n := range names {
		list = append(list, Eq(a, n))
	}
	return Or(list...)
}

// Not is the negation.
func Not(a F) F {
	switch {
	case a == True:
		return False
	case a == False:
		return True
	case a.kind == not:
		return a.args[0]
	}
	return intern(term{kind: not, sort: Bool, args: []F{value(Bool, a)}})
}

// And says that all of them are true.
func And(list ...F) F { return join(and, True, False, list) }

// Or says that one of them is true.
func Or(list ...F) F { return join(or, False, True, list) }

// join drops what is neutral, and is what absorbs all.
func join(k kind, neutral, absorbing F, list []F) F {
	var args []F
	for _, a := range list {
		switch value(Bool, a); {
		case a == absorbing:
			return absorbing
		case a == neutral || slices.Contains(args, a):
		case a.kind == k:
			args = append(args, a.args...)
		default:
			args = append(args, a)
		}
	}
	switch len(args) {
	case 0:
		return neutral
	case 1:
		return args[0]
	}
	return intern(term{kind: k, sort: Bool, args: args})
}

// Imp says that the last of them is true if all others are.
func Imp(list ...F) F {
	last := len(list) - 1
	return Or(Not(And(list[:last]...)), list[last])
}

// Iff says that both are true or both are false.
func Iff(a, b F) F { return Eq(a, b) }

// If is a where c is true, and else b.
func If(c F, a, b any) F {
	x, ok := a.(F)
	if !ok {
		if y, is := b.(F); is {
			x = value(y.sort, a)
		} else {
			x = value(Bool, a)
		}
	}
	y := value(x.sort, b)
	switch {
	case c == True || x == y:
		return x
	case c == False:
		return y
	case x.sort == Bool && x == True:
		return Or(c, y)
	case x.sort == Bool && x == False:
		return And(Not(c), y)
	case x.sort == Bool && y == False:
		return And(c, x)
	case x.sort == Bool && y == True:
		return Or(Not(c), x)
	}
	return intern(term{kind: ifThenElse, sort: x.sort, args: []F{value(Bool, c), x, y}})
}

// quantify makes a quantifier; one over nothing that is said of its variables is dropped.
func quantify(k kind, vars []F, body F) F {
	if body == True || body == False {
		return body
	}
	return intern(term{kind: k, sort: Bool, args: []F{value(Bool, body)}, vars: vars})
}

// All says that something is true of every value of a sort ...
func All(s *Sort, body func(x F) F) F {
	x := freshVar(s, "x")
	return quantify(forAll, []F{x}, body(x))
}

// All2 ... of every two, All3 of every three, All4 of every four.
func All2(s, t *Sort, body func(x, y F) F) F {
	x, y := freshVar(s, "x"), freshVar(t, "y")
	return quantify(forAll, []F{x, y}, body(x, y))
}

// All3 is All of three values.
func All3(s, t, u *Sort, body func(x, y, z F) F) F {
	x, y, z := freshVar(s, "x"), freshVar(t, "y"), freshVar(u, "z")
	return quantify(forAll, []F{x, y, z}, body(x, y, z))
}

// All4 is All of four values.
func All4(s, t, u, v *Sort, body func(w, x, y, z F) F) F {
	w, x, y, z := freshVar(s, "w"), freshVar(t, "x"), freshVar(u, "y"), freshVar(v, "z")
	return quantify(forAll, []F{w, x, y, z}, body(w, x, y, z))
}

// By is the body of a quantifier. A solver is to make an instance of it where it has met all
// of the terms; else it finds some itself, which may be too few.
func By(body F, terms ...F) F {
	return intern(term{kind: triggered, sort: Bool, args: append([]F{value(Bool, body)}, terms...)})
}

// Some says that something is true of some value of a sort.
func Some(s *Sort, body func(x F) F) F {
	x := freshVar(s, "x")
	return quantify(exists, []F{x}, body(x))
}

// Some2 is Some of two values.
func Some2(s, t *Sort, body func(x, y F) F) F {
	x, y := freshVar(s, "x"), freshVar(t, "y")
	return quantify(exists, []F{x, y}, body(x, y))
}

// A Fn is a symbol's function in a state: of the state before a step the symbol itself,
// after the step what the step makes of it.
type Fn func(args ...F) F

// Set gives the function another value at one place: keys, then the value.
func (f *Fn) Set(keysAndValue ...any) {
	old := *f
	n := len(keysAndValue) - 1
	*f = func(args ...F) F {
		var here []F
		for i, a := range args {
			here = append(here, Eq(a, keysAndValue[i].(F)))
		}
		was := old(args...)
		return If(And(here...), value(was.sort, keysAndValue[n]), was)
	}
}

// Each gives the function another value everywhere, made of the old one.
func (f *Fn) Each(next func(old F, args ...F) F) {
	old := *f
	*f = func(args ...F) F { return next(old(args...), args...) }
}
