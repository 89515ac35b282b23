package models

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
)

// Default is the model that the command line takes if none is named: small, and
// large enough for every protocol to show what it does wrong with freed objects.
const Default = "Recycle"

// A Model is one model of a protocol, as TLC and as the explorer see it.
type Model struct {
	*spec.Model
	Config *tlc.Config
	File   string // of the configuration: MCOwnLockSmall.cfg; empty: not in tla/
}

// Unfair is the model that asks whether walks end where locks are not fair: what it
// breaks is not held against a protocol.
const Unfair = "LiveWeak"

// Module is the root module that TLC checks.
func (m *Model) Module() string { return "MC" + m.Protocol.String() }

// FullName names the model with its protocol: OwnLock/Small.
func (m *Model) FullName() string { return m.Protocol.String() + "/" + m.Name }

// Live reports whether the model asks for termination.
func (m *Model) Live() bool {
	return slices.Contains(m.Config.Properties, spec.WalkTerminates.String())
}

// Fair reports whether the model assumes fair locks, not just running threads.
func (m *Model) Fair() bool { return m.Config.Specification == "LiveSpec" }

// Refines reports whether the model asks for the refinement of FamilyMutex.
func (m *Model) Refines() bool { return slices.Contains(m.Config.Properties, "Refinement") }

// All lists the models of all protocols: by protocol, then by name. They are shared.
func All() ([]*Model, error) {
	list, err := all()
	return slices.Clone(list), err
}

var all = sync.OnceValues(func() ([]*Model, error) {
	list, err := Read(tla.FS)
	if err != nil {
		return nil, err
	}
	if list, err = complete(list); err != nil {
		return nil, err
	}
	for _, p := range spec.Protocols() {
		more, err := widen(p)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	sorted(list)
	return list, nil
})

func sorted(list []*Model) {
	slices.SortFunc(list, func(a, b *Model) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), strings.Compare(a.Name, b.Name))
	})
}

// Read reads the models that have a configuration.
func Read(files fs.FS) ([]*Model, error) {
	names, err := fs.Glob(files, "MC*.cfg")
	if err != nil {
		return nil, err
	}
	var list []*Model
	for _, name := range names {
		m, err := read(files, name)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("rootlock: no model: no MC*.cfg beside the modules")
	}
	sorted(list)
	return list, nil
}

// Find finds a model by protocol and name, those of random search too; the error lists
// the others' names.
func Find(p spec.Protocol, name string) (*Model, error) {
	if name == "Wide" { // which TLC knows too
		return Beyond(p)
	}
	if m, err := Random(p, name); m != nil || err != nil {
		return m, err
	}
	list, err := All()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range list {
		if m.Protocol == p {
			if m.Name == name {
				return m, nil
			}
			names = append(names, m.Name)
		}
	}
	return nil, fmt.Errorf("rootlock: unknown model %q of %s; its models are %s; there is no %s", name, p, strings.Join(names, ", "), ConfigFile(p, name))
}

// FindFull finds a model by its full name, OwnLock/Small or OwnLockSmall.
func FindFull(name string) (*Model, error) {
	list, err := All()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range list {
		if full := m.FullName(); full == name || strings.Replace(full, "/", "", 1) == name {
			return m, nil
		}
		names = append(names, m.FullName())
	}
	return nil, fmt.Errorf("rootlock: unknown model %q; the models are %s", name, strings.Join(names, ", "))
}

func read(files fs.FS, name string) (*Model, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	config, err := tlc.ParseConfig(string(text))
	if err != nil {
		return nil, fmt.Errorf("rootlock: %s: %w", name, err)
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(name, "MC"), ".cfg")
	for _, p := range spec.Protocols() {
		if model, ok := strings.CutPrefix(bare, p.String()); ok && model != "" {
			b, err := bounds(config)
			if err != nil {
				return nil, fmt.Errorf("rootlock: %s: %w", name, err)
			}
			m, err := spec.NewModel(p, model, b)
			if err != nil {
				return nil, fmt.Errorf("rootlock: %s: %w", name, err)
			}
			if err := asked(p, config, string(text)); err != nil {
				return nil, fmt.Errorf("rootlock: %s, %w", name, err)
			}
			return &Model{m, config, name}, nil
		}
	}
	return nil, fmt.Errorf("rootlock: %s is not named after a protocol: want MC<Protocol><Model>.cfg", name)
}

// asked checks that a configuration asks claims that there are, and that the protocol is
// asked to have. The error begins with the line.
func asked(p spec.Protocol, config *tlc.Config, text string) error {
	for _, name := range slices.Concat(config.Invariants, config.Properties) {
		if name == "Refinement" {
			continue
		}
		line := 1
		if before, _, ok := strings.Cut(text, " "+name); ok {
			line += strings.Count(before, "\n")
		}
		if _, err := p.AskedClaim(name); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return nil
}

// bounds reads the constants of a configuration.
func bounds(config *tlc.Config) (spec.Bounds, error) {
	var b spec.Bounds
	var layout string
	numbers := map[string]*int{"MMs": &b.MMs, "VMAs": &b.VMAs, "Objects": &b.Objects, "Pages": &b.Pages, "Walkers": &b.Walkers,
		"Slots": &b.Slots, "MMOps": &b.MMOps, "WalkerOps": &b.WalkerOps}
	seen := map[string]bool{}
	for _, c := range config.Constants {
		if c.Replacement != "" { // an override: the law is another, not the bounds
			continue
		}
		if seen[c.Name] {
			return b, fmt.Errorf("constant %s twice", c.Name)
		}
		seen[c.Name] = true
		ok := true
		switch n := numbers[c.Name]; {
		case n != nil:
			var v int64
			v, ok = c.Value.AsInt()
			*n = int(v)
		case c.Name == "Layout":
			layout, ok = c.Value.AsString()
		case c.Name == "Ops":
			for _, e := range c.Value.Elems() {
				text, _ := e.AsString()
				op, err := spec.ParseOps(text)
				if err != nil {
					return b, err
				}
				b.Ops |= op
			}
			ok = c.Value.Kind() == tlc.KindSet
		default:
			return b, fmt.Errorf("constant %s is none of the world's", c.Name)
		}
		if !ok {
			return b, fmt.Errorf("constant %s = %s is of the wrong kind", c.Name, c.Value)
		}
	}
	if want := len(numbers) + 2; len(seen) != want {
		return b, fmt.Errorf("%d of the world's %d constants are set", len(seen), want)
	}
	var err error
	b.Layout, err = spec.LayoutByName(layout)
	return b, err
}
