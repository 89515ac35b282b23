package main

import (
	"fmt"
	"runtime"

	"github.com/rootlock/rootlock/internal/mutant"
)

// generated shows mutants to their engines and prints who told them from the law.
func (c *museumCmd) generated(a *app, dir string) error {
	switch {
	case len(c.Entries) > 0:
		return fmt.Errorf("--generated takes no entries, and there is %q; -n says how many mutants", c.Entries[0])
	case c.N < 0:
		return fmt.Errorf("-n %d: give a number from 1; without -n, all mutants are tried", c.N)
	}
	if err := here().sameLaw(); err != nil {
		return err
	}
	o := mutant.Options{Root: dir, Sample: c.N, Seed: c.Seed, Workers: runtime.GOMAXPROCS(0)}
	if c.Side != "both" {
		o.Sides = []mutant.Side{mutant.Side(c.Side)}
	}
	bar := a.meter("mutants", int64(c.N), "mutants")
	o.Progress = func(done, all int) { bar.at(int64(done), fmt.Sprintf("mutants, %d in all", all)) }
	report, failed := mutant.Run(a.ctx, o)
	bar.done()
	if report == nil {
		return failed
	}
	if !a.json {
		if err := mutant.Table(a.stdout, report); err != nil {
			return err
		}
	}
	if err := a.write(report.Matrix()); err != nil {
		return err
	}
	if failed == nil && !report.OK() {
		return errFails
	}
	return failed
}
