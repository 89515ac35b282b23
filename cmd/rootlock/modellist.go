package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// A listed model, as explore --list --json has it.
type listed struct {
	Protocol string  `json:"protocol"`
	Model    string  `json:"model"`
	Purpose  string  `json:"purpose"`
	Bound    string  `json:"bound"`
	TLC      bool    `json:"tlc"`      // TLC answers for it too
	Distinct uint64  `json:"distinct"` // by the ledger; 0: it has never seen the model
	Seconds  float64 `json:"seconds"`  // about, on this machine; 0: nobody knows
}

// list lists the models of a protocol, or of all: each once, with its size.
func (c *exploreCmd) list(a *app, l *ledger.Ledger) error {
	protocols := spec.Protocols()
	if c.Protocol != "" {
		p, err := spec.ProtocolByName(c.Protocol)
		if err != nil {
			return err
		}
		protocols = []spec.Protocol{p}
	}
	speed := usual()
	if l != nil {
		var err error
		if speed, err = measure(a.ctx); err != nil {
			return err
		}
	}
	var list []listed
	for _, p := range protocols {
		own, err := models.Of(p)
		if err != nil {
			return err
		}
		for _, m := range own {
			x := listed{Protocol: p.String(), Model: m.Name, Purpose: models.Purpose(m.Name), Bound: m.Bounds.String(), TLC: m.ForTLC()}
			if l != nil {
				if e := l.Find(p.String(), m.Name, engine.Explorer); e != nil {
					x.Distinct, x.Seconds = e.Distinct, speed.time(m, e.Generated).Seconds()
				}
			}
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(x, y listed) int { return cmp.Compare(x.Distinct, y.Distinct) })
	var names []string
	for _, x := range list {
		if slices.Contains(names, x.Model) {
			continue
		}
		names = append(names, x.Model)
		same := slices.DeleteFunc(slices.Clone(list), func(y listed) bool { return y.Model != x.Model })
		a.printf("%-11s %s\n%11s %s\n", x.Model, x.Purpose, "", sizesOf(same))
		if c.Verbose {
			a.printf("%11s %s\n", "", x.Bound)
		}
	}
	a.printf("\nfor random schedules, by hunt:\n")
	for _, name := range engine.Hunts(spec.RwsemRoot) {
		a.printf("%-15s %s\n", name, models.Purpose(name))
	}
	a.printf("\nstates by the ledger; times are estimates for this machine, by the explorer; -v has the bounds\n")
	return a.write(struct {
		OK     bool     `json:"ok"`
		Models []listed `json:"models"`
	}{true, list})
}

// sizesOf is the size of a model, over the protocols that have it, the smallest first.
func sizesOf(list []listed) string {
	few, many := list[0], list[len(list)-1]
	where := "explorer and TLC"
	if !few.TLC {
		where = "explorer only"
	}
	if many.Distinct == 0 {
		return fmt.Sprintf("not in the ledger; new: `check --update` records it (%s)", where)
	}
	states := number(many.Distinct)
	if few.Distinct != many.Distinct {
		states = number(few.Distinct) + " to " + states
	}
	took := "under 0.1 s"
	if many.Seconds >= 0.1 {
		took = fmt.Sprintf("about %.2g s", many.Seconds)
	}
	return fmt.Sprintf("%s states, %s (%s)", states, took, where)
}
