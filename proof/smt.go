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

// sortsOf lists the sorts of symbols, but Bool, by name.
func sortsOf(symbols []*Symbol) (list []*Sort) {
	for _, f := range symbols {
		for _, s := range append(slices.Clone(f.Args), f.Result) {
			if s != Bool && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	slices.SortFunc(list, func(a, b *Sort) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// declare prints sorts, named values and symbols. Named values of one sort differ; that an
// enumeration has no others is said nowhere, and not needed.
func declare(w io.Writer, symbols []*Symbol) {
	for _, s := range sortsOf(symbols) {
		fmt.Fprintf(w, "(declare-sort %s 0)\n", s.Name)
		var all []string
		for _, n := range s.Names {
			c := constantName(Named(s, n))
			all = append(all, c)
			fmt.Fprintf(w, "(declare-const %s %s)\n", c, s.Name)
		}
		if len(all) > 1 {
			fmt.Fprintf(w, "(assert (distinct %s))\n", strings.Join(all, " "))
		}
	}
	for _, f := range symbols {
		var args []string
		for _, s := range f.Args {
			args = append(args, s.Name)
		}
		fmt.Fprintf(w, "(declare-fun %s (%s) %s)\n", f.Name, strings.Join(args, " "), f.Result.Name)
	}
}
