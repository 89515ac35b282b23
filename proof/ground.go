package proof

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Small worlds. With a few elements of each sort a quantifier is a conjunction, and a solver
// decides whether a goal can be false: then there is a counterexample to induction, and the
// solver's values make up its state.

// smallWorld: how many elements each sort has, none or zero included.
var smallWorld = map[*Sort]int{Thread: 4, VMA: 4, Object: 4, Page: 3, Slot: 3, Pgoff: 3, Index: 3}

const smallMMs = 2 // of the threads

func (s *Sort) elements() (list []string) {
	if s.Enum {
		for _, n := range s.Names {
			list = append(list, constantName(Named(s, n)))
		}
		return list
	}
	for i := range smallWorld[s] {
		if i == 0 {
			list = append(list, constantName(None(s)))
		} else {
			list = append(list, fmt.Sprintf("%s.%d", s.Name, i))
		}
	}
	return list
}

// tuples lists all arguments of a function.
func tuples(sorts []*Sort) [][]string {
	list := [][]string{nil}
	for _, s := range sorts {
		var longer [][]string
		for _, t := range list {
			for _, e := range s.elements() {
				longer = append(longer, append(append([]string(nil), t...), e))
			}
		}
		list = longer
	}
	return list
}

func application(f *Symbol, args []string) string {
	return "(" + f.Name + " " + strings.Join(args, " ") + ")"
}

// groundScript asks for a small world in which a goal is false, and for its values.
func (p *Problem) groundScript(g Goal) (script string, asked []string) {
	var b strings.Builder
	v := p.vocabulary()
	for _, s := range v.sorts() {
		for _, n := range s.Names {
			v.add(Named(s, n))
		}
	}
	b.WriteString("(set-option :produce-models true)\n")
	fmt.Fprintf(&b, "(set-option :rlimit %d)\n", 60_000_000)
	v.declare(&b)
	for _, s := range v.sorts() {
		list := s.elements()
		if !s.Enum {
			for _, e := range list[1:] {
				fmt.Fprintf(&b, "(declare-const %s %s)\n", e, s.Name)
			}
			fmt.Fprintf(&b, "(assert (distinct %s))\n", strings.Join(list, " "))
		}
		asked = append(asked, list...)
	}
	oneOf := func(term string, s *Sort) {
		if s == Bool {
			return
		}
		b.WriteString("(assert (or")
		for _, e := range s.elements() {
			fmt.Fprintf(&b, " (= %s %s)", term, e)
		}
		b.WriteString("))\n")
	}
	for _, f := range v.used() {
		for _, args := range tuples(f.Args) {
			oneOf(application(f, args), f.Result)
		}
	}
	for i, e := range Thread.elements() {
		fmt.Fprintf(&b, "(assert (= (isMM %s) %t))\n(assert (= (isWalker %s) %t))\n", e, i >= 1 && i <= smallMMs, e, i > smallMMs)
	}
	for _, x := range Slot.elements() {
		for _, y := range Slot.elements() {
			fmt.Fprintf(&b, "(assert (= (atMost %s %s) %t))\n", x, y, x <= y)
		}
	}
	for _, c := range p.Choices {
		fmt.Fprintf(&b, "(declare-const %s %s)\n", Text(c), c.sort.Name)
		oneOf(Text(c), c.sort)
		asked = append(asked, Text(c))
	}
	formula := func(f F) string {
		p := &printer{names: map[F]string{}, small: true}
		p.term(f)
		return p.String()
	}
	for _, a := range v.axioms() {
		fmt.Fprintf(&b, "(assert %s)\n", formula(a))
	}
	for _, x := range p.Presume {
		fmt.Fprintf(&b, "(assert %s)\n", formula(x.F))
	}
	fmt.Fprintf(&b, "(assert (not %s))\n(check-sat)\n", formula(g.F))
	for _, f := range v.used() {
		if f.index < 0 {
			continue
		}
		for _, args := range tuples(f.Args) {
			asked = append(asked, application(f, args))
		}
	}
	fmt.Fprintf(&b, "(get-value (%s))\n(echo \"%s\")\n", strings.Join(asked, " "), endMark)
	return b.String(), asked
}

// ErrNoSmall is that no small world shows a goal false.
var ErrNoSmall = fmt.Errorf("no counterexample with %d processes, %d walker and %d areas, %d anon_vmas, %d pages and %d addresses", smallMMs,
	smallWorld[Thread]-1-smallMMs, smallWorld[VMA]-1, smallWorld[Object]-1, smallWorld[Page]-1, smallWorld[Slot])

// Counterexample finds a state of a small world which fulfils what the problem presumes, and
// in which the goal is false: as text.
func (v *Solver) Counterexample(ctx context.Context, p *Problem, g Goal) (string, error) {
	if v.Name != "z3" {
		return "", errors.New("counterexamples are looked for with z3")
	}
	script, asked := p.groundScript(g)
	lines, err := v.run(ctx, script)
	if err != nil {
		return "", err
	}
	if lines[0] != "sat" {
		return "", ErrNoSmall
	}
	values, err := parseValues(strings.Join(lines[1:], "\n"))
	if err != nil || len(values) != len(asked) {
		return "", fmt.Errorf("the solver's values are none (%d of %d): %w", len(values), len(asked), err)
	}
	return p.state(asked, values), nil
}

// parseValues reads the answer to get-value: a list of pairs of a term and its value.
func parseValues(text string) (values []string, err error) {
	depth, start := 0, 0
	for i, c := range text {
		switch c {
		case '(':
			if depth++; depth == 2 {
				start = i + 1
			}
		case ')':
			if depth == 2 {
				pair := strings.TrimSpace(text[start:i])
				values = append(values, strings.TrimSpace(pair[strings.LastIndexAny(pair, " )\n")+1:]))
			}
			depth--
		}
	}
	if depth != 0 {
		return nil, errors.New("a bracket is missing")
	}
	return values, nil
}

// state is the text of a state, and of the step that leads out of it.
func (p *Problem) state(asked, values []string) string {
	number := map[string]int{} // of an element, by the value that the solver gives it
	value := map[string]string{}
	for i, term := range asked {
		value[term] = values[i]
	}
	for _, s := range p.vocabulary().sorts() {
		for i, e := range s.elements() {
			number[s.Name+" "+value[e]] = i
		}
	}
	x := &Structure{mms: smallMMs, size: smallWorld}
	of := func(term string, s *Sort) int {
		if s == Bool {
			return truth(value[term] == "true")
		}
		return number[s.Name+" "+value[term]]
	}
	for _, f := range symbols {
		x.tables = append(x.tables, newTable(f, smallWorld))
		for i, args := range tuples(f.Args) {
			x.tables[f.index].values[i] = int16(of(application(f, args), f.Result))
		}
	}
	var picks []string
	for _, v := range p.Choices[min(1, len(p.Choices)):] {
		picks = append(picks, x.say(v.sort, of(Text(v), v.sort)))
	}
	text := x.String()
	if len(p.Choices) > 0 {
		text += fmt.Sprintf("then %s:%s(%s)\n", x.say(Thread, of(Text(p.Choices[0]), Thread)), p.Name, strings.Join(picks, ","))
	}
	return text
}

var prefixes = map[*Sort]string{VMA: "v", Object: "a", Page: "p", Slot: "", Pgoff: "", Index: ""}

// say is how a value is called in schedules.
func (x *Structure) say(s *Sort, v int) string {
	switch {
	case s.Enum:
		return s.Names[v]
	case s == Thread && v > x.mms:
		return fmt.Sprintf("w%d", v-x.mms)
	case s == Thread && v > 0:
		return fmt.Sprintf("mm%d", v)
	case v == 0:
		return s.Names[0]
	}
	return fmt.Sprintf("%s%d", prefixes[s], v)
}

// String writes a structure like a state of tla/: what is 0, none or false is left out.
func (x *Structure) String() string {
	var b strings.Builder
	groups := []struct {
		name, letter string
		key          int // how many arguments name the record
		sorts        []*Sort
	}{{"vma", "V", 1, []*Sort{VMA}}, {"anon", "A", 1, []*Sort{Object}}, {"page", "P", 1, []*Sort{Page}}, {"pte", "E", 2, []*Sort{Thread, Slot}},
		{"thread", "T", 1, []*Sort{Thread}}, {"history", "H", 1, []*Sort{Thread}}}
	for _, g := range groups {
		for _, key := range numbersOf(g.sorts, x.size) {
			var fields []string
			for _, f := range symbols {
				if !strings.HasPrefix(f.Name, g.letter+".") {
					continue
				}
				if text := x.field(f, key, f.Args[g.key:]); text != "" {
					fields = append(fields, strings.ToLower(f.Name[2:])+" "+text)
				}
			}
			if len(fields) == 0 {
				continue
			}
			b.WriteString(g.name)
			for i, k := range key {
				b.WriteString("[" + x.say(g.sorts[i], k) + "]")
			}
			b.WriteString(": " + strings.Join(fields, ", ") + "\n")
		}
	}
	return b.String()
}

// field is the value of a function at key: of one with more arguments the set of those that
// it is true of.
func (x *Structure) field(f *Symbol, key []int, rest []*Sort) string {
	if len(rest) == 0 {
		v := x.get(f, key...)
		if v == 0 && (f.Name != "T.PC" || key[0] == 0) {
			return ""
		}
		return x.say(f.Result, v)
	}
	var set []string
	for _, more := range numbersOf(rest, x.size) {
		if x.get(f, append(append([]int(nil), key...), more...)...) == 0 {
			continue
		}
		var one []string
		for i, m := range more {
			one = append(one, x.say(rest[i], m))
		}
		set = append(set, strings.Join(one, "-"))
	}
	if len(set) == 0 {
		return ""
	}
	return "{" + strings.Join(set, " ") + "}"
}

func numbersOf(sorts []*Sort, size map[*Sort]int) [][]int {
	list := [][]int{nil}
	for _, s := range sorts {
		var longer [][]int
		for _, t := range list {
			for n := range size[s] {
				longer = append(longer, append(append([]int(nil), t...), n))
			}
		}
		list = longer
	}
	return list
}
