package proof

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rootlock/rootlock/internal/atomicfile"
)

// Options say what to prove, and how.
type Options struct {
	Protocol *Protocol
	Solver   *Solver
	Branches []*Branch // nil: the protocol's
	Conjunct string    // only this one, of the invariant or a claim
	Step     string    // only this step or branch
	Workers  int       // solvers at a time
	Memory   string    // a folder for answers; empty: none are remembered
	Keep     string    // a folder for the problems, in SMT-LIB; empty: none

	Progress func(done, all int, last string) // one call at a time
}

// An Undecided goal is one that the solver has not shown to follow.
type Undecided struct {
	Step, Conjunct string
	Answer         string // sat, or unknown
	Counterexample string // a state, and what the step does to it; empty: none found
	Why            string // if there is none
}

// A Report is what came out.
type Report struct {
	Solver     *Solver
	Branches   int
	Conjuncts  int
	Queries    int // goals that the solver was asked about, or that are remembered
	Same       int // goals that are among what is presumed
	Remembered int // of Queries
	Undecided  []Undecided
	Claims     map[string]bool // those asked for
	Seconds    float64
}

// OK reports whether everything that was asked for follows.
func (r *Report) OK() bool { return len(r.Undecided) == 0 }

// problems are those that are asked for.
func (o *Options) problems() ([]*Problem, error) {
	branches := o.Branches
	if branches == nil {
		branches = o.Protocol.Branches()
	}
	known := map[string]bool{Refinement: true, OperationDone: true}
	for _, c := range slices.Concat(o.Protocol.Conjuncts(), o.Protocol.lates(), o.Protocol.Claims()) {
		known[c.Name] = true
		if claim, _, isClaim := strings.Cut(c.Name, "."); isClaim {
			known[claim] = true
		}
	}
	for _, b := range branches {
		for _, g := range b.didItsWork() {
			known[g.Name] = true
		}
	}
	if o.Conjunct != "" && !known[o.Conjunct] {
		return nil, fmt.Errorf("rootlock: unknown conjunct %q; the conjuncts are %s", o.Conjunct, names(known))
	}
	steps := map[string]bool{"Init": true, "Claims": true, "Progress": true}
	list := make([]*Problem, len(branches))
	var wg sync.WaitGroup
	for i, b := range branches {
		steps[b.Step()] = true
		steps[b.Name] = true
		if o.Step == "" || o.Step == b.Name || o.Step == b.Step() {
			wg.Go(func() { list[i] = Induction(b) })
		}
	}
	if o.Step != "" && !steps[o.Step] {
		return nil, fmt.Errorf("rootlock: unknown step %q; the steps are %s", o.Step, names(steps))
	}
	wg.Wait()
	list = slices.DeleteFunc(list, func(p *Problem) bool { return p == nil })
	if o.Step == "" || o.Step == "Progress" {
		list = append(list, o.Protocol.progressProblems(branches)...)
	}
	for _, p := range []*Problem{o.Protocol.InitialProblem(), o.Protocol.ClaimsProblem()} {
		if o.Step == "" || o.Step == p.Name {
			list = append(list, p)
		}
	}
	if o.Conjunct != "" {
		is := func(name string) bool { return name == o.Conjunct || strings.HasPrefix(name, o.Conjunct+".") }
		for _, p := range list {
			p.Goals = slices.DeleteFunc(p.Goals, func(g Goal) bool { return !is(g.Name) })
			p.Same = slices.DeleteFunc(p.Same, func(name string) bool { return !is(name) })
		}
	}
	return list, nil
}

func names(set map[string]bool) string {
	var list []string
	for n := range set {
		list = append(list, n)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Prove asks the solver for all that is asked for. What does not follow is in the report;
// an error is that something could not be asked.
func Prove(ctx context.Context, o Options) (*Report, error) {
	start := time.Now()
	problems, err := o.problems()
	if err != nil {
		return nil, err
	}
	r := &Report{Solver: o.Solver, Claims: map[string]bool{}, Conjuncts: len(o.Protocol.Conjuncts()) + len(o.Protocol.lates())}
	var mu sync.Mutex
	done := 0
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(max(o.Workers, 1))
	for _, p := range problems {
		group.Go(func() error {
			if all.Err() != nil {
				return all.Err()
			}
			answers, remembered, err := o.answer(all, p)
			if err != nil {
				return err
			}
			bad := o.undecided(all, p, answers)
			mu.Lock()
			defer mu.Unlock()
			r.add(p, answers, remembered, bad)
			if done++; o.Progress != nil {
				o.Progress(done, len(problems), p.Name)
			}
			return all.Err()
		})
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	slices.SortFunc(r.Undecided, func(a, b Undecided) int { return strings.Compare(a.Step+" "+a.Conjunct, b.Step+" "+b.Conjunct) })
	r.conclude(o.Step == "" && o.Conjunct == "")
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

func (r *Report) add(p *Problem, answers map[string]string, remembered bool, bad []Undecided) {
	if p.Branch {
		r.Branches++
	}
	r.Queries += len(answers)
	r.Same += len(p.Same)
	if remembered {
		r.Remembered += len(answers)
	}
	r.Undecided = append(r.Undecided, bad...)
	if p.Name == "Claims" {
		for _, g := range p.Goals {
			r.Claims[g.Name] = answers[g.Name] == "unsat"
		}
	}
}

// conclude: a claim is proved only if the whole invariant is, and no part of it is left out.
// The parts of a claim become one.
func (r *Report) conclude(whole bool) {
	claims := map[string]bool{}
	if !whole {
		r.Claims = claims
		return
	}
	open := func(conjunct string) bool {
		return slices.ContainsFunc(r.Undecided, func(u Undecided) bool { return claimOf(u.Conjunct) == conjunct })
	}
	inductive := !slices.ContainsFunc(r.Undecided, func(u Undecided) bool {
		return u.Step != "Claims" && !slices.Contains([]string{Refinement, OperationDone, NoDeadlock}, claimOf(u.Conjunct))
	})
	for name, follows := range r.Claims {
		claim := claimOf(name)
		before, seen := claims[claim]
		claims[claim] = follows && inductive && (before || !seen)
	}
	claims[Refinement] = inductive && !open(Refinement)
	claims[OperationDone] = inductive && !open(OperationDone)
	claims[NoDeadlock] = claims[NoDeadlock] && !open(NoDeadlock)
	r.Claims = claims
}

// claimOf is the claim that a part belongs to.
func claimOf(name string) string {
	claim, _, _ := strings.Cut(name, ".")
	return claim
}

// answer solves a problem, or remembers it. Only answers to all goals of a problem, each of
// which follows, are remembered.
func (o *Options) answer(ctx context.Context, p *Problem) (answers map[string]string, remembered bool, err error) {
	var script strings.Builder
	fmt.Fprintf(&script, "; %s %s\n", o.Solver.Name, o.Solver.Version)
	for _, e := range dialects[o.Solver.Name].efforts {
		fmt.Fprintf(&script, "; effort: alone %t, options %q, arguments %q\n", e.alone, e.options, e.args)
	}
	text := p.Script(dialects[o.Solver.Name].efforts[0].options, p.Goals)
	script.WriteString(text)
	if o.Keep != "" {
		if err := os.WriteFile(filepath.Join(o.Keep, p.Name+".smt2"), []byte(text), 0o644); err != nil {
			return nil, false, fmt.Errorf("rootlock: keeping a problem: %w", err)
		}
	}
	sum := sha256.Sum256([]byte(script.String()))
	file := filepath.Join(o.Memory, hex.EncodeToString(sum[:])+".json")
	if o.Memory != "" {
		if answers := recall(file, p); answers != nil {
			return answers, true, nil
		}
	}
	if answers, err = o.Solver.Solve(ctx, p); err != nil || o.Memory == "" {
		return answers, false, err
	}
	for _, a := range answers {
		if a != "unsat" {
			return answers, false, nil
		}
	}
	data, err := json.Marshal(memory{p.Name, answers})
	if err == nil {
		err = atomicfile.Write(ctx, file, data)
	}
	if err != nil {
		return nil, false, fmt.Errorf("rootlock: remembering an answer: %w", err)
	}
	return answers, false, nil
}

// memory is what a file remembers.
type memory struct {
	Problem string            `json:"problem"`
	Answers map[string]string `json:"answers"`
}

// recall reads a file of answers; nil if there is none, or if it does not answer the problem.
func recall(file string, p *Problem) map[string]string {
	data, err := os.ReadFile(file)
	var m memory
	if err != nil || json.Unmarshal(data, &m) != nil || m.Problem != p.Name || len(m.Answers) != len(p.Goals) {
		return nil
	}
	for _, g := range p.Goals {
		if m.Answers[g.Name] != "unsat" {
			return nil
		}
	}
	return m.Answers
}

// undecided are the goals of a problem that do not follow, with a counterexample each, if a
// small one is found.
func (o *Options) undecided(ctx context.Context, p *Problem, answers map[string]string) (list []Undecided) {
	for _, g := range p.Goals {
		a := answers[g.Name]
		if a == "unsat" {
			continue
		}
		u := Undecided{Step: p.Name, Conjunct: g.Name, Answer: a}
		if len(list) < 3 { // the rest would be more of the same
			var err error
			if u.Counterexample, err = o.Solver.Counterexample(ctx, p, g); err != nil {
				u.Why = err.Error()
			}
		} else {
			u.Why = "not looked for: three others of this step were"
		}
		list = append(list, u)
	}
	return list
}

// MemoryDir is the folder in which answers are remembered, made if it is not there.
func MemoryDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("rootlock: no folder to remember answers in: %w", err)
	}
	dir := filepath.Join(base, "rootlock", "proof")
	return dir, errors.Join(os.MkdirAll(dir, 0o755))
}
