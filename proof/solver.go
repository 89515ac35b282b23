package proof

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/process"
)

// A Solver is a program that answers problems.
type Solver struct {
	Name    string // z3 or cvc5
	Path    string
	Version string
}

// dialect is how a kind of solver is asked. An effort is a set of options, bounded by work
// and not by time: so the answer does not depend on how busy the machine is.
type dialect struct {
	args    []string
	efforts []effort
	oldest  [3]int
	install string
}

type effort struct {
	alone   bool   // each goal in a program run of its own
	options string // at the head of the script
	args    []string
	parts   bool // and each part of it
}

var dialects = map[string]dialect{
	"z3": {[]string{"-in", "-smt2"}, []effort{
		{false, z3Options(500_000, "mbqi false"), nil, false},
		{true, z3Options(1_000_000, "mbqi false", "case_split 3"), nil, false},
		{true, z3Options(1_000_000, "mbqi false", "random_seed 1"), nil, false},
		{true, z3Options(2_000_000, "mbqi false", "random_seed 2", "case_split 3"), nil, false},
		{true, z3Options(2_000_000, "case_split 3"), nil, false},
	}, [3]int{4, 8, 0}, "the Debian package z3, or z3-solver from PyPI"},
	"cvc5": {[]string{"--lang", "smt2", "--incremental", "--quiet"}, []effort{
		{false, "(set-logic ALL)\n", []string{"--rlimit-per", "200000"}, false},
		{true, "(set-logic ALL)\n", []string{"--rlimit-per", "2000000"}, false},
		{true, "(set-logic ALL)\n", []string{"--rlimit-per", "1000000"}, true},
	}, [3]int{1, 0, 0}, "the Debian package cvc5"},
}

// z3Options: by default z3 instantiates quantifiers by patterns, and by models, too.
func z3Options(limit int, smt ...string) string {
	text := fmt.Sprintf("(set-option :auto_config false)\n(set-option :rlimit %d)\n", limit)
	for _, o := range smt {
		text += "(set-option :smt." + o + ")\n"
	}
	return text
}

// A SetupError is that there is no solver to ask; it says what to do.
type SetupError struct{ text string }

func (e *SetupError) Error() string { return e.text }

var versionNumber = regexp.MustCompile(`(?i)version (\d+)\.(\d+)\.(\d+)`)

// FindSolver finds a solver: at a path, or on PATH if that is empty.
func FindSolver(ctx context.Context, name, path string) (*Solver, error) {
	d, known := dialects[name]
	if !known {
		return nil, &SetupError{fmt.Sprintf("rootlock: unknown solver %q; the solvers are z3, cvc5", name)}
	}
	if path == "" {
		path = name
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return nil, &SetupError{fmt.Sprintf("rootlock: no solver: %v; install %s", err, d.install)}
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, found, "--version")
	cmd.Stdout = &out
	if err := process.Run(cmd); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &SetupError{fmt.Sprintf("rootlock: %s --version: %v; install %s", found, err, d.install)}
	}
	m := versionNumber.FindStringSubmatch(out.String())
	if m == nil || !strings.Contains(strings.ToLower(out.String()), name) {
		return nil, &SetupError{fmt.Sprintf("rootlock: %s does not say that it is %s: %q; install %s", found, name, firstLine(out.String()), d.install)}
	}
	for i, old := range d.oldest {
		n, _ := strconv.Atoi(m[i+1])
		if n > old {
			break
		}
		if n < old {
			return nil, &SetupError{fmt.Sprintf("rootlock: %s is %s %s, and too old: %d.%d.%d is needed; install %s", found, name, m[0], d.oldest[0], d.oldest[1], d.oldest[2], d.install)}
		}
	}
	return &Solver{name, found, strings.Join(m[1:], ".")}, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}

// run gives a script to the solver, and returns the lines of its answer.
func (v *Solver) run(ctx context.Context, script string, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, v.Path, append(append([]string(nil), dialects[v.Name].args...), args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(script), &out, &errs
	err := process.Run(cmd)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, l := range lines {
		if !strings.HasPrefix(l, "(error") {
			continue
		}
		if !strings.Contains(l, "is not available") {
			return nil, fmt.Errorf("the solver says %s", firstLine(l))
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.Exited() { // no model, no core: the answer says why
			err = nil
		}
	}
	last := strings.Trim(lines[len(lines)-1], `"`)
	switch {
	case last == endMark && err == nil:
		return lines[:len(lines)-1], nil
	case err != nil:
		return nil, errors.New(strings.TrimSpace(fmt.Sprintf("the solver ended before it had answered: %v; was it killed, or is memory short? %s", err, firstLine(errs.String()))))
	}
	return nil, fmt.Errorf("the solver's answer is no answer: it ends with %q", firstLine(last))
}

// ask asks for goals of a problem with one effort: what the solver says to each.
func (v *Solver) ask(ctx context.Context, p *Problem, e effort, goals []Goal) ([]string, error) {
	lines, err := v.run(ctx, p.Script(e.options, goals), e.args...)
	if err == nil && len(lines) != len(goals) {
		err = fmt.Errorf("the solver has answered %d of %d goals", len(lines), len(goals))
	}
	for _, l := range lines {
		if err == nil && l != "unsat" && l != "sat" && l != "unknown" {
			err = fmt.Errorf("the solver's answer is no answer: %q", firstLine(l))
		}
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("rootlock: %s %s on %s: %w; nothing is recorded", v.Name, v.Version, p.Name, err)
	}
	return lines, err
}

// parts are goals that are true together where g is: of a conjunction, or of one that is said of
// everything, its members.
func (g Goal) parts() (list []Goal) {
	body, wrap := g.F, func(f F) F { return f }
	if body.kind == forAll {
		body, wrap = body.args[0], func(f F) F { return quantify(forAll, g.F.vars, f) }
	}
	if body.kind != and {
		return []Goal{g}
	}
	for i, f := range body.args {
		list = append(list, Goal{fmt.Sprintf("%s, part %d", g.Name, i+1), wrap(f)})
	}
	return list
}

// Solve returns the solver's answer to each goal of a problem: unsat if it follows.
func (v *Solver) Solve(ctx context.Context, p *Problem) (map[string]string, error) {
	answers := map[string]string{}
	open := p.Goals
	for _, e := range dialects[v.Name].efforts {
		var left []Goal
		for len(open) > 0 {
			n := len(open)
			if e.alone {
				n = 1
			}
			asked := open[:n]
			if e.parts {
				asked = open[0].parts()
			}
			lines, err := v.ask(ctx, p, e, asked)
			if err != nil {
				return nil, err
			}
			if e.parts { // the first that is not decided stands for all
				at := slices.IndexFunc(lines, func(l string) bool { return l != "unsat" })
				lines = lines[max(at, 0):][:1]
			}
			for i, l := range lines {
				answers[open[i].Name] = l
				if l != "unsat" {
					left = append(left, open[i])
				}
			}
			open = open[n:]
		}
		open = left
	}
	return answers, nil
}
