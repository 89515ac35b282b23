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
	p := &printer{names: map[F]string{}}
	p.term(t)
	return p.String()
}

// A printer writes terms. In a small world each quantifier is written out over the elements of its
// sorts.
type printer struct {
	strings.Builder
	names map[F]string // of bound variables
	small bool
}

var operators = map[kind]string{not: "not", and: "and", or: "or", equal: "=", ifThenElse: "ite", forAll: "forall", exists: "exists"}

func (p *printer) term(t F) {
	switch t.kind {
	case constant:
		p.WriteString(constantName(t))
	case variable:
		if n, bound := p.names[t]; bound {
			p.WriteString(n)
		} else {
			p.WriteString(strings.ReplaceAll(t.name, "!", "_"))
		}
	case forAll, exists:
		p.quantifier(t)
	case triggered:
		if p.small || slices.ContainsFunc(t.args[1:], conditional) { // after a step: such a formula is a goal
			p.term(t.args[0])
			return
		}
		p.WriteString("(! ")
		p.term(t.args[0])
		p.WriteString(" :pattern (")
		p.list(t.args[1:])
		p.WriteString("))")
	case apply:
		p.application(t.sym.Name, t.args)
	default:
		p.application(operators[t.kind], t.args)
	}
}

func (p *printer) quantifier(t F) {
	if p.small {
		var sorts []*Sort
		for _, v := range t.vars {
			sorts = append(sorts, v.sort)
		}
		p.WriteString(map[kind]string{forAll: "(and true", exists: "(or false"}[t.kind])
		for _, tuple := range tuples(sorts) {
			for i, v := range t.vars {
				p.names[v] = tuple[i]
			}
			p.WriteByte(' ')
			p.term(t.args[0])
		}
		p.WriteByte(')')
		return
	}
	p.WriteString("(" + operators[t.kind] + " (")
	for _, v := range t.vars {
		p.names[v] = "x" + strconv.Itoa(len(p.names))
		p.WriteString("(" + p.names[v] + " " + v.sort.Name + ")")
	}
	p.WriteString(") ")
	p.term(t.args[0])
	p.WriteByte(')')
	for _, v := range t.vars {
		delete(p.names, v)
	}
}

func (p *printer) application(f string, args []F) {
	if len(args) == 0 {
		p.WriteString(f)
		return
	}
	p.WriteString("(" + f + " ")
	p.list(args)
	p.WriteByte(')')
}

func (p *printer) list(args []F) {
	for i, a := range args {
		if i > 0 {
			p.WriteByte(' ')
		}
		p.term(a)
	}
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
