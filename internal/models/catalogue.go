package models

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Default is the model that the command line takes if none is named: small, and
// large enough for every protocol to show what it does wrong with freed objects.
const Default = "Recycle"

// A Model is one model of a protocol, as TLC and as the explorer see it.
type Model struct {
	*spec.Model
	Config *tlc.Config
	File   string // of the configuration, as TLC gets it: MCOwnLockSmall.cfg; empty: not in tla/
}

// Unfair is the model that asks whether walks end where locks are not fair: what it
// breaks is not held against a protocol.
const Unfair = "LiveWeak"

// Module is the root module that TLC checks.
func (m *Model) Module() string { return "MC" + m.Page() }

// Page is the module that has the law of the model: a second thread in a process, and
// UFFDIO_MOVE, have one of their own.
func (m *Model) Page() string {
	if beside(m.Bounds) {
		return m.Protocol.String() + "Faulters"
	}
	return m.Protocol.String()
}

// FullName names the model with its protocol: OwnLock/Small.
func (m *Model) FullName() string { return m.Protocol.String() + "/" + m.Name }

// Symmetric reports whether states that differ in the names of areas and objects alone
// count as one.
func (m *Model) Symmetric() bool { return len(m.Config.Symmetry) > 0 }

// Live reports whether the model asks for termination.
func (m *Model) Live() bool {
	return slices.Contains(m.Config.Properties, spec.WalkTerminates.String())
}

// Fair reports whether the model assumes fair locks, not just running threads.
func (m *Model) Fair() bool { return m.Config.Specification == "LiveSpec" }

// Refines reports whether the model asks for the refinement of FamilyMutex, or FamilyRwlock.
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

// Read reads the models of tla/: of each protocol in each world, and in those that it has
// alone. A model's configuration is two files put together: MC<Protocol>.cfg has the claims,
// models/<Model>.cfg or models/<Protocol>/<Model>.cfg the bounds.
// A protocol that has no claims there yet has the same models, and TLC does not answer for
// them: they have no File.
func Read(files fs.FS) ([]*Model, error) {
	worlds, err := fs.Glob(files, "models/*.cfg")
	if err != nil {
		return nil, err
	}
	if len(worlds) == 0 {
		return nil, fmt.Errorf("rootlock: no model: no models/*.cfg beside the modules")
	}
	var list []*Model
	for _, p := range spec.Protocols() {
		claims := ClaimsFile(p)
		asks, err := parse(files, claims, p)
		alone := errors.Is(err, fs.ErrNotExist)
		if alone {
			asks, err = &tlc.Config{}, nil
		}
		if err != nil {
			return nil, err
		}
		own, err := fs.Glob(files, "models/"+p.String()+"/*.cfg")
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Concat(worlds, own) {
			world, err := parse(files, name, p)
			if err != nil {
				return nil, err
			}
			m, err := join(p, strings.TrimSuffix(path.Base(name), ".cfg"), asks, world)
			if err != nil {
				return nil, fmt.Errorf("rootlock: %s and %s: %w", claims, name, err)
			}
			if alone {
				m.File = ""
			}
			list = append(list, m)
		}
	}
	sorted(list)
	return list, nil
}

// parse reads one configuration, and checks the claims in it.
func parse(files fs.FS, name string, p spec.Protocol) (*tlc.Config, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("rootlock: reading a configuration of %s: %w", p, err)
	}
	config, err := tlc.ParseConfig(string(text))
	if err != nil {
		return nil, fmt.Errorf("rootlock: %s: %w", name, err)
	}
	if err := asked(p, config, string(text)); err != nil {
		return nil, fmt.Errorf("rootlock: %s, %w", name, err)
	}
	return config, nil
}

// join makes a model of a protocol's claims and a world's bounds.
func join(p spec.Protocol, name string, asks, world *tlc.Config) (*Model, error) {
	if len(asks.Constants) > 0 {
		return nil, fmt.Errorf("constant %s stands beside the claims; bounds belong to models/", asks.Constants[0].Name)
	}
	if len(world.Invariants) > 0 {
		return nil, fmt.Errorf("invariant %s stands beside the bounds; claims belong to the protocol", world.Invariants[0])
	}
	b, err := bounds(world)
	if err != nil {
		return nil, err
	}
	m, err := spec.NewModel(p, name, b)
	if err != nil {
		return nil, err
	}
	config := world.Clone()
	config.Invariants = slices.Clone(asks.Invariants)
	config.Properties = slices.Concat(asks.Properties, world.Properties)
	return &Model{m, config, "MC" + p.String() + name + ".cfg"}, nil
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
	return nil, fmt.Errorf("rootlock: unknown model %q of %s%s; its models are %s; there is no tla/models/%s.cfg", quote.Clip(name), p, Meant(name, names), strings.Join(names, ", "), quote.Line(name))
}

// FindFull finds a model by its full name, OwnLock/Small or OwnLockSmall.
func FindFull(name string) (*Model, error) {
	list, err := All()
	if err != nil {
		return nil, err
	}
	var names, protocols []string
	for _, m := range list {
		if full := m.FullName(); full == name || strings.Replace(full, "/", "", 1) == name {
			return m, nil
		}
		names = append(names, m.FullName())
		if p := m.Protocol.String(); !slices.Contains(protocols, p) {
			protocols = append(protocols, p)
		}
	}
	protocol, rest, _ := strings.Cut(name, "/")
	for _, p := range protocols { // OwnLockSmall is a model's name too
		if after, ok := strings.CutPrefix(name, p); ok && rest == "" && after != "" {
			protocol = p
		}
	}
	if slices.Contains(protocols, protocol) {
		own := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, protocol+"/") })
		return nil, fmt.Errorf("rootlock: unknown model %q%s; the models of %s are %s", quote.Clip(name), Meant(name, own), protocol, strings.Join(own, ", "))
	}
	return nil, fmt.Errorf("rootlock: unknown model %q%s; a model is PROTOCOL/NAME, and the protocols are %s: rootlock explore --list has all", quote.Clip(name), Meant(name, names), strings.Join(protocols, ", "))
}

// Meant says which of the names may have been meant: " (is it X?)". It is empty if none is
// near.
func Meant(name string, names []string) string {
	_, last, ok := strings.Cut(name, "/")
	if !ok {
		last = name
	}
	best, least := "", max(1, len(last)/3)+1
	for _, other := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(other), least); d < least {
			best, least = other, d
		}
	}
	if best == "" {
		return ""
	}
	return " (is it " + best + "?)"
}

// distance is how many bytes must be changed, put in or left out to make b of a; limit if
// it is no less.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for k := range len(b) {
			next := min(row[k], row[k+1]) + 1
			if a[i] == b[k] {
				next = min(next, corner)
			} else {
				next = min(next, corner+1)
			}
			corner, row[k+1] = row[k+1], next
		}
	}
	return row[len(b)]
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

// A set is a constant that is a set of names.
type set struct {
	constant, prefix string
	of               func(*spec.Bounds) *int
}

// sets are the constants that are sets of names, and how the names begin: mm1, mm2, ...
// None and Unlimited are themselves.
var sets = []set{
	{"MMs", "mm", func(b *spec.Bounds) *int { return &b.MMs }},
	{"Walkers", "w", func(b *spec.Bounds) *int { return &b.Walkers }},
	{"VMAs", "v", func(b *spec.Bounds) *int { return &b.VMAs }},
	{"Objects", "a", func(b *spec.Bounds) *int { return &b.Objects }},
	{"Pages", "p", func(b *spec.Bounds) *int { return &b.Pages }},
}

// bounds reads the constants of a configuration.
func bounds(config *tlc.Config) (spec.Bounds, error) {
	var b spec.Bounds
	var layout string
	processes := -1
	seen := map[string]bool{}
	for _, c := range config.Constants {
		if c.Replacement != "" { // an override: the law is another, not the bounds
			continue
		}
		if seen[c.Name] {
			return b, fmt.Errorf("constant %s twice", c.Name)
		}
		seen[c.Name] = true
		var err error
		switch c.Name {
		case "Slots":
			b.Slots, err = number(c.Value)
		case "MMOps":
			b.MMOps, err = number(c.Value)
		case "WalkerOps":
			b.WalkerOps, err = number(c.Value)
		case "Layout":
			var ok bool
			if layout, ok = c.Value.AsString(); !ok {
				err = errKind
			}
		case "Processes":
			processes, err = named(c.Value, "mm")
		case "MMs":
			b.MMs, b.Faulters, err = threads(c.Value)
		case "Ops", "MoreOps":
			if c.Value.Kind() != tlc.KindSet {
				err = errKind
			}
			for _, e := range c.Value.Elems() {
				text, _ := e.AsString()
				op, unknown := spec.ParseOps(text)
				if unknown != nil {
					return b, unknown
				}
				b.Ops |= op
			}
		case "None", "Unlimited":
			if c.Value.Kind() != tlc.KindModel || c.Value.String() != c.Name {
				err = fmt.Errorf("is not the model value %s", c.Name)
			}
		default:
			i := slices.IndexFunc(sets, func(s set) bool { return s.constant == c.Name })
			if i < 0 {
				return b, fmt.Errorf("constant %s is none of the world's", c.Name)
			}
			*sets[i].of(&b), err = named(c.Value, sets[i].prefix)
		}
		if err != nil {
			return b, fmt.Errorf("constant %s = %s %w", c.Name, c.Value, err)
		}
	}
	want := len(sets) + 7
	if beside(b) {
		want += 2
	}
	if len(seen) != want {
		return b, fmt.Errorf("%d of the world's %d constants are set", len(seen), want)
	}
	if beside(b) && processes != b.MMs {
		return b, fmt.Errorf("constant Processes has %d names, and MMs has %d of processes", processes, b.MMs)
	}
	var err error
	b.Layout, err = spec.LayoutByName(layout)
	return b, err
}

var errKind = errors.New("is of the wrong kind")

// number reads a number, or Unlimited.
func number(v tlc.Value) (int, error) {
	if v.Kind() == tlc.KindModel && v.String() == "Unlimited" {
		return spec.Unlimited, nil
	}
	n, ok := v.AsInt()
	if !ok {
		return 0, errKind
	}
	if n < 0 || n >= spec.Unlimited {
		return 0, fmt.Errorf("is not between 0 and %d", spec.Unlimited-1)
	}
	return int(n), nil
}

// named counts a set of names: {v1, v2}, from 1 on and without a gap.
func named(v tlc.Value, prefix string) (int, error) {
	if v.Kind() != tlc.KindSet {
		return 0, errKind
	}
	for i := range v.Elems() {
		want := tlc.Model(fmt.Sprintf("%s%d", prefix, i+1))
		if !slices.ContainsFunc(v.Elems(), want.Equal) {
			return 0, fmt.Errorf("has no %s", want)
		}
	}
	return len(v.Elems()), nil
}

// threads counts the names of processes and of second threads: {mm1, mm2, f1}.
func threads(v tlc.Value) (mms, faulters int, err error) {
	if v.Kind() != tlc.KindSet {
		return 0, 0, errKind
	}
	var first, second []tlc.Value
	for _, e := range v.Elems() {
		if strings.HasPrefix(e.String(), "f") {
			second = append(second, e)
		} else {
			first = append(first, e)
		}
	}
	mms, err = named(tlc.Set(first...), "mm")
	if err == nil {
		faulters, err = named(tlc.Set(second...), "f")
	}
	return mms, faulters, err
}

// names is the reverse of named.
func names(n int, prefix string) tlc.Value {
	var list []tlc.Value
	for i := range n {
		list = append(list, tlc.Model(fmt.Sprintf("%s%d", prefix, i+1)))
	}
	return tlc.Set(list...)
}
