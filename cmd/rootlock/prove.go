package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/proof"
	"github.com/rootlock/rootlock/spec"
)

type proveCmd struct {
	Protocol string `arg:"" optional:"" default:"RootPointer" help:"The protocol: RootPointer, RefcountedRoot or RwsemRoot. For another, the error says why it cannot be asked."`
	Repair   string `placeholder:"ENTRY" help:"The protocol with this repair of the museum. RefcountedRoot is proved only with ChildFirst."`
	Solver   string `enum:"z3,cvc5" default:"z3" help:"The solver: z3 or cvc5."`
	Path     string `placeholder:"FILE" help:"The solver's program; default: the one on PATH."`
	Conjunct string `placeholder:"NAME" help:"Ask only about this part of the invariant, or about this claim."`
	Step     string `placeholder:"NAME" help:"Ask only about this step, or this branch of a step. Init, Claims and Progress name the other problems."`
	Keep     string `placeholder:"DIR" help:"Write every problem into this folder, in SMT-LIB 2, so that another solver can answer it."`
	Workers  int    `help:"Solvers at a time; 0: one per core."`
	Anew     bool   `help:"Ask everything again, also what an answer is remembered for."`
	List     bool   `help:"List the parts of the invariant and the claims, in English. Nothing is asked."`
	Needed   bool   `help:"Instead, find the parts of the invariant that nothing needs. Asks z3 everything again."`
}

// Help is what prove --help adds.
func (c *proveCmd) Help() string {
	return help("You get, for each claim, whether it is proved without bounds: for any number of processes, areas, anon_vmas, pages and walkers. "+
		"The solver shows that an invariant of the protocol is inductive, and that the claims follow from it. "+
		"proof/README.md says what is proved, of which model, and under which assumptions. Answers are remembered until the formulas or the solver change. "+
		"Exit status: 0 all proved, 1 something is not.",
		"prove RootPointer --step LockAnon")
}

// proved is the JSON object of prove.
type proved struct {
	OK         bool              `json:"ok"`
	Protocol   string            `json:"protocol"`
	Repair     string            `json:"repair,omitempty"` // of the museum
	Solver     string            `json:"solver"`
	Version    string            `json:"version"`
	Branches   int               `json:"branches"`
	Conjuncts  int               `json:"conjuncts"`
	Queries    int               `json:"queries"`
	Unchanged  int               `json:"unchanged"`
	Remembered int               `json:"remembered"`
	Failed     int               `json:"failed"`    // with a counterexample to induction
	Undecided  int               `json:"undecided"` // without
	Open       []open            `json:"open"`      // both
	Seconds    float64           `json:"seconds"`
	Claims     map[string]string `json:"claims"`
}

type open struct {
	Step           string `json:"step"`
	Conjunct       string `json:"conjunct"`
	Answer         string `json:"answer"`
	Counterexample string `json:"counterexample,omitempty"`
	Why            string `json:"why,omitempty"`
}

// Run asks a solver whether the invariant is inductive and the claims follow.
func (c *proveCmd) Run(a *app) error {
	of, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return err
	}
	p, err := proof.Find(of, c.Repair)
	if err != nil {
		return err
	}
	if c.List {
		return c.list(a, p)
	}
	if err := countedWorkers(c.Workers, mostThreads()); err != nil {
		return err
	}
	solver, err := proof.FindSolver(a.ctx, c.Solver, c.Path)
	if err != nil {
		return err
	}
	o := proof.Options{Protocol: p, Solver: solver, Conjunct: c.Conjunct, Step: c.Step, Workers: c.Workers, Keep: c.Keep}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if !c.Anew {
		if o.Memory, err = proof.MemoryDir(); err != nil {
			return err
		}
	}
	if c.Keep != "" {
		if err := os.MkdirAll(c.Keep, 0o777); err != nil {
			return fmt.Errorf("--keep: %w", err)
		}
	}
	bar := a.meter("proving "+p.String(), 0, "problems")
	if c.Needed {
		return c.needed(a, o, bar)
	}
	o.Progress = func(done, all int, last string) {
		bar.at(int64(done), fmt.Sprintf("of %d problems, last %s", all, last))
	}
	r, err := proof.Prove(a.ctx, o)
	bar.done()
	if err != nil {
		return err
	}
	a.proved(p, r)
	if r.OK() {
		return nil
	}
	if repairs := proof.Repairs(of); c.Repair == "" && len(repairs) > 0 {
		a.printf("%s is proved with a repair of the museum: --repair %s\n", of, strings.Join(repairs, ", --repair "))
	}
	return errFails
}

// list prints the invariant and the claims, as sentences.
func (c *proveCmd) list(a *app, p *proof.Protocol) error {
	type sentence struct {
		Part string `json:"part"`
		Name string `json:"name"`
		Says string `json:"says"`
	}
	var all []sentence
	for _, part := range append(p.Parts(), proof.Part{Name: "claims", Conjuncts: p.Claims()}) {
		a.printf("%s\n", a.style.Bold(part.Name))
		for _, k := range part.Conjuncts {
			a.printf("   %-34s %s\n", k.Name, k.Says)
			all = append(all, sentence{part.Name, k.Name, k.Says})
		}
	}
	return a.write(struct {
		OK        bool       `json:"ok"`
		Sentences []sentence `json:"sentences"`
	}{true, all})
}

// needed prints which parts of the invariant nothing needs.
func (c *proveCmd) needed(a *app, o proof.Options, bar *meter) error {
	o.Progress = func(done, all int, last string) {
		bar.at(int64(done), fmt.Sprintf("of %d problems, last %s", all, last))
	}
	list, err := proof.Unneeded(a.ctx, o)
	bar.done()
	if err != nil {
		return err
	}
	all := len(o.Protocol.Conjuncts())
	a.printf("of %d conjuncts %d are needed, by a claim or by a conjunct that is; not: %s\n", all, all-len(list), strings.Join(list, ", "))
	return a.write(struct {
		OK        bool     `json:"ok"`
		Conjuncts int      `json:"conjuncts"`
		Unneeded  []string `json:"unneeded"`
	}{true, all, append([]string{}, list...)})
}

// proved prints a report.
func (a *app) proved(p *proof.Protocol, r *proof.Report) {
	out := proved{OK: r.OK(), Protocol: p.Of.String(), Repair: p.Repair, Solver: r.Solver.Name, Version: r.Solver.Version, Branches: r.Branches, Conjuncts: r.Conjuncts, Queries: r.Queries,
		Unchanged: r.Same, Remembered: r.Remembered, Open: []open{}, Seconds: r.Seconds, Claims: map[string]string{}}
	for _, u := range r.Undecided {
		out.Open = append(out.Open, open(u))
		if u.Answer == "sat" || u.Counterexample != "" {
			out.Failed++
		} else {
			out.Undecided++
		}
		a.printf("%s\n", a.style.Red(fmt.Sprintf("not proved: %s after %s: the solver says %s", u.Conjunct, u.Step, u.Answer)))
		if u.Counterexample != "" {
			a.printf("a counterexample to induction: the invariant is true in this state, and %s is not after the step\n%s", u.Conjunct, indent(u.Counterexample))
		} else {
			a.printf("   %s\n", u.Why)
		}
	}
	var names []string
	for claim, follows := range r.Claims {
		names = append(names, claim)
		out.Claims[claim] = map[bool]string{true: "proved", false: "not proved"}[follows]
	}
	slices.Sort(names)
	for _, n := range names {
		verdict := a.style.Green(out.Claims[n])
		if !r.Claims[n] {
			verdict = a.style.Red(out.Claims[n])
		}
		a.printf("%-20s %s\n", n, verdict)
	}
	end := a.style.Green("0 undecided")
	if !r.OK() {
		end = a.style.Red(fmt.Sprintf("%d undecided", len(r.Undecided)))
	}
	remembered := ""
	if r.Remembered > 0 {
		remembered = fmt.Sprintf(", %s of them remembered", number(uint64(r.Remembered)))
	}
	a.printf("%s, any number of processes, areas, anon_vmas, pages and walkers: %d branches, %d conjuncts, %s queries%s (%s more where a branch leaves a conjunct as it is), %s; %.1f s, %s %s\n",
		p, r.Branches, r.Conjuncts, number(uint64(r.Queries)), remembered, number(uint64(r.Same)), end, r.Seconds, r.Solver.Name, r.Solver.Version)
	_ = a.write(out)
}

func indent(text string) string {
	return "   " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n   ") + "\n"
}
