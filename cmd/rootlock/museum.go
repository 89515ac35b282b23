package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/museum"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/triangle/tlc"
)

type museumCmd struct {
	Entries []string `arg:"" optional:"" name:"entry" help:"Entries of testdata/museum; default: all."`
	NoTLC   bool     `name:"no-tlc" help:"Leave TLC out."`
	Engine  []string `placeholder:"NAME" help:"Only these engines, a list with commas or several times: explorer, tlc, rapid, lockstep."`
	Kind    string   `enum:",mistake,repair,noop,unseen" default:"" placeholder:"KIND" help:"Only entries of this kind: mistake, repair, noop or unseen."`

	Generated bool   `help:"Make mutants from the source of spec/ and impl/ instead, and list which engine finds each, and which no engine finds."`
	N         int    `short:"n" help:"How many of the generated mutants to try. By default all, which takes many minutes."`
	Seed      uint64 `default:"1" help:"With --n: seed of the sample. The same seed gives the same sample and the same report."`
	Side      string `enum:"spec,impl,both" default:"both" help:"Mutants of which folder: spec, impl or both."`
}

// Run shows each entry to its engines and prints who told it from the law.
func (c *museumCmd) Run(a *app) error {
	dir := here().dir
	if dir == "" {
		return needs("museum", "builds edited copies of the source")
	}
	if c.Generated {
		return c.generated(a, dir)
	}
	if c.N != 0 {
		return errors.New("-n is for --generated: it is how many mutants")
	}
	all, err := museum.Load(os.DirFS(filepath.Join(dir, museum.Dir)))
	if err != nil {
		return err
	}
	entries, err := c.choose(all)
	if err != nil {
		return err
	}
	if entries, err = c.ask(entries); err != nil {
		return err
	}
	if len(entries) == 0 {
		return fmt.Errorf("no entry is of kind %s", c.Kind)
	}
	if err := here().sameLaw(); err != nil {
		return err
	}
	withoutTLC := c.NoTLC || len(c.Engine) > 0 && !slices.Contains(c.Engine, museum.TLC)
	o, err := museumOptions(a.ctx, dir, withoutTLC, "--no-tlc")
	if err != nil {
		return err
	}
	start := time.Now()
	results, failed := a.museum(entries, o)
	if a.ctx.Err() != nil {
		a.printf("interrupted: %d entries shown, %d not\n", len(results), len(entries)-len(results))
		return errors.Join(failed, a.write(museum.Matrix(results, false)))
	}
	if !a.json {
		a.printf("\n")
		if err := museum.PartTable(a.stdout, results, len(entries)-len(results)); err != nil {
			return err
		}
		a.printf("%s; %.1f s in all\n", kills(results), time.Since(start).Seconds())
	}
	if err := a.write(museum.Matrix(results, failed == nil)); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	if slices.ContainsFunc(results, func(r *museum.Result) bool { return !r.OK() }) {
		return errFails
	}
	return nil
}

// museumOptions are with TLC, if there is one.
func museumOptions(ctx context.Context, dir string, noTLC bool, why string) (museum.Options, error) {
	o := museum.Options{Root: dir, WhyNoTLC: why}
	if noTLC {
		return o, nil
	}
	in, err := tlc.Finder{}.Find(ctx)
	var setup *tlc.SetupError
	switch {
	case err == nil:
		o.TLC = &in
	case !errors.As(err, &setup) || requireTLC():
		return o, err
	default:
		o.WhyNoTLC = err.Error()
	}
	return o, nil
}

// atOnce is how many entries are shown at a time: each is several programs, and a search of
// schedules has one thread.
const atOnce = 2

// museum shows entries to their engines until it is interrupted. An entry that cannot be
// shown is part of the error; the others are shown all the same.
func (a *app) museum(entries []museum.Entry, o museum.Options) (results []*museum.Result, failed error) {
	bar := a.meter("museum", int64(len(entries)), "entries")
	defer bar.done()
	bar.at(0, "entries; building them, all in one program")
	shown := int64(0)
	return museum.RunAll(a.ctx, entries, o, atOnce, func(e *museum.Entry, r *museum.Result, err error) {
		bar.done()
		if shown++; err != nil {
			a.printf("%-16s %-8s %s\n", e.Name, e.Kind, a.style.Red("cannot be shown: "+err.Error()))
		} else {
			a.shown(r)
		}
		bar.at(shown, "entries; last: "+e.Name)
	})
}

// shown prints an entry as soon as it was shown to its engines: a line.
func (a *app) shown(r *museum.Result) {
	var said []string
	for _, row := range r.Rows {
		verdict := "killed"
		if !row.Killed {
			verdict = "survived"
		}
		said = append(said, fmt.Sprintf("%s %s %.2f s", row.Engine, verdict, row.Seconds))
	}
	end := a.style.Green("as expected")
	if !r.OK() {
		end = a.style.Red("NOT as expected: " + strings.Join(r.Differences, "; "))
	}
	a.printf("%-16s %-8s %s: %s\n", r.Entry.Name, r.Entry.Kind, strings.Join(said, ", "), end)
}

// kills says how fast engines told entries from the law.
func kills(results []*museum.Result) string {
	var rows []museum.Row
	for _, r := range results {
		for _, row := range r.Rows {
			if row.Killed {
				rows = append(rows, row)
			}
		}
	}
	if len(rows) == 0 {
		return "no kill"
	}
	slices.SortFunc(rows, func(x, y museum.Row) int { return cmp.Compare(x.Seconds, y.Seconds) })
	last := rows[len(rows)-1]
	return fmt.Sprintf("%d kills, median %.2f s, the slowest %.2f s (%s by %s)", len(rows), rows[len(rows)/2].Seconds, last.Seconds, last.Entry, last.Engine)
}

// ask leaves the chosen engines to the entries, and out those that none of them is for.
func (c *museumCmd) ask(entries []museum.Entry) ([]museum.Entry, error) {
	if len(c.Engine) == 0 {
		return entries, nil
	}
	for _, name := range c.Engine {
		if !slices.Contains(museum.Engines(), name) {
			return nil, fmt.Errorf("unknown engine %q; the engines are %s", name, strings.Join(museum.Engines(), ", "))
		}
	}
	if c.NoTLC && slices.Contains(c.Engine, museum.TLC) {
		return nil, errors.New("--engine tlc and --no-tlc: which of them?")
	}
	var list []museum.Entry
	for _, e := range entries {
		e.Engines = slices.DeleteFunc(slices.Clone(e.Engines), func(name string) bool { return !slices.Contains(c.Engine, name) })
		if len(e.Engines) > 0 {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("none of the chosen entries is for %s: its engines are %s", strings.Join(c.Engine, ", "), strings.Join(entries[0].Engines, ", "))
	}
	return list, nil
}

// choose picks the entries that are named, in their order.
func (c *museumCmd) choose(all []museum.Entry) ([]museum.Entry, error) {
	var names []string
	var chosen []museum.Entry
	for i := range all {
		names = append(names, all[i].Name)
		if len(c.Entries) == 0 && (c.Kind == "" || string(all[i].Kind) == c.Kind) {
			chosen = append(chosen, all[i])
		}
	}
	for _, name := range c.Entries {
		i := slices.Index(names, name)
		if i < 0 {
			return nil, fmt.Errorf("unknown entry %q%s; the entries are %s", quote.Clip(name), models.Meant(name, names), strings.Join(names, ", "))
		}
		if c.Kind != "" && string(all[i].Kind) != c.Kind {
			return nil, fmt.Errorf("%s is a %s, and --kind asks for %s", name, all[i].Kind, c.Kind)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
