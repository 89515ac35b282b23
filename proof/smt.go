package proof

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Text prints a term in SMT-LIB 2. The variables of quantifiers are named by their depth,
// so that the text of a formula does not depend on when it was made.
func Text(t F) string {
	var b strings.Builder
	printTerm(&b, t, map[F]string{})
	return b.String()
}

var operators = map[kind]string{not: "not", and: "and", or: "or", equal: "=", ifThenElse: "ite", forAll: "forall", exists: "exists"}

func printTerm(b *strings.Builder, t F, names map[F]string) {
	switch t.kind {
	case constant:
		b.WriteString(constantName(t))
		return
	case variable:
		if n, bound := names[t]; bound {
			b.WriteString(n)
		} else {
			b.WriteString(strings.ReplaceAll(t.name, "!", "_"))
		}
		return
	case forAll, exists:
		b.WriteString("(" + operators[t.kind] + " (")
		for _, v := range t.vars {
			names[v] = "x" + strconv.Itoa(len(names))
			b.WriteString("(" + names[v] + " " + v.sort.Name + ")")
		}
		b.WriteString(")")
		defer func() {
			for _, v := range t.vars {
				delete(names, v)
			}
		}()
	case triggered:
		if slices.ContainsFunc(t.args[1:], conditional) { // after a step: such a formula is a goal
			printTerm(b, t.args[0], names)
			return
		}
		b.WriteString("(! ")
		printTerm(b, t.args[0], names)
		b.WriteString(" :pattern (")
		for i, a := range t.args[1:] {
			if i > 0 {
				b.WriteByte(' ')
			}
			printTerm(b, a, names)
		}
		b.WriteString("))")
		return
	case apply:
		if len(t.args) == 0 {
			b.WriteString(t.sym.Name)
			return
		}
		b.WriteString("(" + t.sym.Name)
	default:
		b.WriteString("(" + operators[t.kind])
	}
	for _, a := range t.args {
		b.WriteByte(' ')
		printTerm(b, a, names)
	}
	b.WriteByte(')')
}

// conditional reports whether a term has a condition in it.
func conditional(t F) bool { return t.kind == ifThenElse || slices.ContainsFunc(t.args, conditional) }

func constantName(t F) string {
	if t.sort == Bool {
		return t.name
	}
	return t.sort.Name + "." + t.name
}

// A vocabulary is what some terms speak of: symbols, and named values of sorts.
type vocabulary struct {
	seen    map[F]bool
	symbols map[*Symbol]bool
	names   map[*Sort]map[string]bool
}

func vocabularyOf(terms ...F) *vocabulary {
	v := &vocabulary{map[F]bool{}, map[*Symbol]bool{}, map[*Sort]map[string]bool{}}
	for _, t := range terms {
		v.add(t)
	}
	return v
}

func (v *vocabulary) add(t F) {
	if v.seen[t] {
		return
	}
	v.seen[t] = true
	if v.names[t.sort] == nil {
		v.names[t.sort] = map[string]bool{}
	}
	switch t.kind {
	case constant:
		v.names[t.sort][t.name] = true
	case apply:
		v.symbols[t.sym] = true
	}
	for _, a := range append(slices.Clone(t.args), t.vars...) {
		v.add(a)
	}
}

// used are the symbols that occur, in the order of the state.
func (v *vocabulary) used() (list []*Symbol) {
	for _, f := range slices.Concat(statics, symbols) {
		if v.symbols[f] {
			list = append(list, f)
		}
	}
	return list
}

// sorts lists the sorts that occur, but Bool, by name.
func (v *vocabulary) sorts() (list []*Sort) {
	for s := range v.names {
		if s != Bool {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *Sort) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// declare prints sorts, named values and symbols. Named values of one sort differ; that an
// enumeration has no others is said nowhere, and not needed.
func (v *vocabulary) declare(w io.Writer) {
	for _, s := range v.sorts() {
		fmt.Fprintf(w, "(declare-sort %s 0)\n", s.Name)
		var all []string
		for _, n := range s.Names {
			if !v.names[s][n] {
				continue
			}
			c := constantName(Named(s, n))
			all = append(all, c)
			fmt.Fprintf(w, "(declare-const %s %s)\n", c, s.Name)
		}
		if len(all) > 1 {
			fmt.Fprintf(w, "(assert (distinct %s))\n", strings.Join(all, " "))
		}
	}
	for _, f := range v.used() {
		var args []string
		for _, s := range f.Args {
			args = append(args, s.Name)
		}
		fmt.Fprintf(w, "(declare-fun %s (%s) %s)\n", f.Name, strings.Join(args, " "), f.Result.Name)
	}
}
