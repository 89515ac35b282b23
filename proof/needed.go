package proof

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Unneeded lists the parts of the invariant that nothing needs: no claim follows with their
// help, nor any part that is needed. The others are inductive without them, and all claims
// follow. It is what z3 has used, not the least that would do: another answer may leave out
// more.
func Unneeded(ctx context.Context, o Options) ([]string, error) {
	if o.Solver.Name != "z3" {
		return nil, errors.New("rootlock: what is needed is asked of z3")
	}
	o.Conjunct, o.Step = "", ""
	problems, err := o.problems()
	if err != nil {
		return nil, err
	}
	uses := map[string]map[string]bool{} // by goal: what was used for it, after any step
	var mu sync.Mutex
	group, all := errgroup.WithContext(ctx)
	group.SetLimit(max(o.Workers, 1))
	done := 0
	for _, p := range problems {
		group.Go(func() error {
			if all.Err() != nil {
				return all.Err()
			}
			if p.Name == "Init" {
				return nil
			}
			cores, err := o.Solver.cores(all, p)
			mu.Lock()
			defer mu.Unlock()
			for goal, core := range cores {
				if uses[goal] == nil {
					uses[goal] = map[string]bool{}
				}
				for _, c := range core {
					uses[goal][c] = true
				}
			}
			if done++; o.Progress != nil {
				o.Progress(done, len(problems), p.Name)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	todo := []string{Refinement, NoDeadlock}
	for goal := range uses {
		if claimOf(goal) == OperationDone {
			todo = append(todo, goal)
		}
	}
	for _, c := range slices.Concat(o.Protocol.Claims(), o.Protocol.lates()) {
		todo = append(todo, c.Name)
	}
	for len(todo) > 0 {
		goal := todo[0]
		todo = todo[1:]
		for c := range uses[goal] {
			if !needed[c] {
				needed[c] = true
				todo = append(todo, c)
			}
		}
	}
	var list []string
	for _, c := range o.Protocol.Conjuncts() {
		if !needed[c.Name] {
			list = append(list, c.Name)
		}
	}
	return list, nil
}

// cores is, by goal of a problem, what z3 has used to show that the goal follows.
func (v *Solver) cores(ctx context.Context, p *Problem) (map[string][]string, error) {
	cores := map[string][]string{}
	open := p.Goals
	efforts := dialects["z3"].efforts // names for what is presumed make other proofs: some take more
	for seed := 3; seed < 7; seed++ {
		efforts = append(efforts[:len(efforts):len(efforts)], effort{alone: true, options: z3Options(4_000_000, "mbqi false", fmt.Sprintf("random_seed %d", seed))})
	}
	for _, e := range efforts {
		var left []Goal
		for len(open) > 0 {
			n := len(open)
			if e.alone {
				n = 1
			}
			script := p.script("(set-option :produce-unsat-cores true)\n"+e.options, open[:n], true)
			lines, err := v.run(ctx, strings.ReplaceAll(script, "(get-unsat-core)", "(echo \"@\")\n(get-unsat-core)"), e.args...)
			if err != nil {
				return nil, err
			}
			answers := strings.Split(strings.Join(lines, " "), "@")
			if len(answers) != n+1 {
				return nil, fmt.Errorf("rootlock: z3 has answered %d of %d goals of %s", len(answers)-1, n, p.Name)
			}
			for i, g := range open[:n] {
				// before its mark stands the answer, at the end; after it the core
				before := strings.Fields(answers[i])
				if len(before) == 0 || before[len(before)-1] != "unsat" {
					left = append(left, g)
					continue
				}
				text := answers[i+1]
				if end := strings.IndexByte(text, ')'); end >= 0 {
					text = text[:end]
				}
				cores[g.Name] = strings.Fields(strings.TrimLeft(text, " ("))
			}
			open = open[n:]
		}
		open = left
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("rootlock: %s is not proved after %s: what is needed cannot be told", open[0].Name, p.Name)
	}
	for _, name := range p.Same { // such a goal needs itself
		if name != Refinement {
			cores[name] = append(cores[name], name)
		}
	}
	return cores, nil
}
