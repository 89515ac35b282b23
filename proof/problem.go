package proof

import (
	"fmt"
	"slices"
	"strings"
)

// A Goal is a formula with a name.
type Goal struct {
	Name string
	F    F
}

// A Problem asks whether each of its goals follows from what it presumes.
type Problem struct {
	Name    string // the branch, or what else it is about
	Presume []Goal
	Choices []F // free variables of the formulas
	Goals   []Goal
	Branch  bool     // it is about a branch
	Same    []string // goals that are among what is presumed, word for word: nothing to ask
}

// InitialProblem asks whether the invariant is true where nothing is mapped.
func (p *Protocol) InitialProblem() *Problem {
	list, _ := p.invariant()
	q := &Problem{Name: "Init", Presume: []Goal{{"Init", initial(p.state())}}, Goals: slices.Clone(list)}
	for _, c := range p.lates() {
		q.Goals = append(q.Goals, Goal{c.Name, c.Of(p.state())})
	}
	return q
}

// Induction asks of a branch whether every conjunct is true after it if all are before, and
// whether the step is one of the abstract lock, or none; and if it ends an operation, whether that
// has done its work.
func Induction(b *Branch) *Problem {
	list, before := b.S.invariant()
	p := &Problem{Name: b.Name, Branch: true, Presume: b.presume(list), Choices: b.choices()}
	for _, c := range b.S.Conjuncts() {
		f := c.Of(b.N)
		if Text(f) == before[c.Name] {
			p.Same = append(p.Same, c.Name)
			continue
		}
		p.Goals = append(p.Goals, Goal{c.Name, f})
	}
	for _, c := range b.S.lates() {
		if before, after := c.Of(b.S), c.Of(b.N); Text(before) == Text(after) {
			p.Same = append(p.Same, c.Name)
		} else {
			p.Goals = append(p.Goals, Goal{c.Name, Imp(before, after)})
		}
	}
	if f := b.refines(); f != True {
		p.Goals = append(p.Goals, Goal{Refinement, f})
	} else {
		p.Same = append(p.Same, Refinement)
	}
	p.Goals = append(p.Goals, b.didItsWork()...)
	return p
}

// Reachable asks whether a branch is never taken: then falsehood follows from its guard.
func Reachable(b *Branch) *Problem {
	list, _ := b.S.invariant()
	return &Problem{Name: b.Name, Presume: b.presume(list), Choices: b.choices(), Goals: []Goal{{"never", False}}}
}

func (b *Branch) choices() []F { return slices.Concat([]F{b.Actor}, b.Picks) }

func (b *Branch) presume(list []Goal) []Goal {
	list = slices.Clone(list)
	for i, g := range b.Guard {
		list = append(list, Goal{fmt.Sprintf("guard %d", i+1), g})
	}
	return list
}

// ClaimsProblem asks which claims follow from the invariant.
func (p *Protocol) ClaimsProblem() *Problem {
	list, _ := p.invariant()
	q := &Problem{Name: "Claims", Presume: list}
	for _, c := range p.Claims() {
		f := c.Of(p.state())
		for _, late := range p.late[claimOf(c.Name)] {
			f = Imp(late.Of(p.state()), f)
		}
		q.Goals = append(q.Goals, Goal{c.Name, f})
	}
	return q
}

// vocabulary is what the problem speaks of.
func (p *Problem) vocabulary() *vocabulary {
	v := vocabularyOf(p.Choices...)
	for _, g := range slices.Concat(p.Presume, p.Goals) {
		v.add(g.F)
	}
	for _, a := range v.axioms() {
		v.add(a)
	}
	return v
}

// head is what all goals of a problem have in common, in SMT-LIB 2. named: what is presumed
// gets its name, so that the solver can say what it has used.
func (p *Problem) head(named bool) string {
	var b strings.Builder
	words := p.vocabulary()
	words.declare(&b)
	for _, v := range p.Choices {
		fmt.Fprintf(&b, "(declare-const %s %s)\n", Text(v), v.sort.Name)
	}
	for _, a := range words.axioms() {
		fmt.Fprintf(&b, "(assert %s)\n", Text(a))
	}
	for _, x := range p.Presume {
		if named && !strings.Contains(x.Name, " ") {
			fmt.Fprintf(&b, "(assert (! %s :named %s))\n", Text(x.F), x.Name)
		} else {
			fmt.Fprintf(&b, "; %s\n(assert %s)\n", x.Name, Text(x.F))
		}
	}
	return b.String()
}

// Script asks for some goals of a problem, in SMT-LIB 2: the answer to each is a line.
// "unsat" is that the goal follows.
func (p *Problem) Script(options string, goals []Goal) string {
	return p.script(options, goals, false)
}

func (p *Problem) script(options string, goals []Goal, named bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "; %s\n%s%s", p.Name, options, p.head(named))
	for _, g := range goals {
		fmt.Fprintf(&b, "; %s\n(push 1)\n(assert (not %s))\n(check-sat)\n", g.Name, Text(g.F))
		if named {
			b.WriteString("(get-unsat-core)\n")
		}
		b.WriteString("(pop 1)\n")
	}
	b.WriteString("(echo \"" + endMark + "\")\n")
	return b.String()
}

const endMark = "all goals asked"
