package tlc

import (
	"fmt"
	"slices"
	"strings"
)

// Config is the content of a TLC .cfg file. The zero value is an empty file.
type Config struct {
	Constants []Constant

	// At most one name each; TLC wants Specification, or Init and Next.
	Specification, Init, Next, View, Alias string

	Invariants        []string
	Properties        []string
	Constraints       []string
	ActionConstraints []string
	Symmetry          []string

	// CheckDeadlock is nil if the file does not say; TLC then checks.
	CheckDeadlock *bool
}

// Constant is one line below CONSTANTS: Name = Value, or Name <- Replacement.
type Constant struct {
	Name string
	// Args are the arguments in "Op(1, 2) = 3"; usually none.
	Args []Value
	// Value is set in the first form, of kind KindModel for a model value.
	Value Value
	// Replacement is the operator in the second form. Module restricts it to
	// one module, as in "Name <- [Module] Replacement".
	Replacement, Module string
}

func (c Constant) String() string {
	name := c.Name
	if len(c.Args) > 0 {
		args := make([]string, len(c.Args))
		for i, a := range c.Args {
			args[i] = a.String()
		}
		name += "(" + strings.Join(args, ", ") + ")"
	}
	switch {
	case c.Replacement == "":
		return name + " = " + c.Value.String()
	case c.Module == "":
		return name + " <- " + c.Replacement
	}
	return fmt.Sprintf("%s <- [%s] %s", name, c.Module, c.Replacement)
}

// String returns the file in canonical form: what [ParseConfig] reads back as an
// equal Config.
func (c *Config) String() string {
	var b strings.Builder
	list := func(keyword string, names []string) {
		if len(names) > 0 {
			fmt.Fprintf(&b, "%s\n    %s\n", keyword, strings.Join(names, "\n    "))
		}
	}
	one := func(keyword, name string) {
		if name != "" {
			fmt.Fprintf(&b, "%s %s\n", keyword, name)
		}
	}
	var constants []string
	for _, k := range c.Constants {
		constants = append(constants, k.String())
	}
	list("CONSTANTS", constants)
	one("SPECIFICATION", c.Specification)
	one("INIT", c.Init)
	one("NEXT", c.Next)
	list("INVARIANTS", c.Invariants)
	list("PROPERTIES", c.Properties)
	list("CONSTRAINTS", c.Constraints)
	list("ACTION_CONSTRAINTS", c.ActionConstraints)
	list("SYMMETRY", c.Symmetry)
	one("VIEW", c.View)
	one("ALIAS", c.Alias)
	if c.CheckDeadlock != nil {
		one("CHECK_DEADLOCK", Bool(*c.CheckDeadlock).String())
	}
	return b.String()
}

// Clone returns a deep copy.
func (c *Config) Clone() *Config {
	d := *c
	d.Constants = slices.Clone(c.Constants)
	d.Invariants = slices.Clone(c.Invariants)
	d.Properties = slices.Clone(c.Properties)
	d.Constraints = slices.Clone(c.Constraints)
	d.ActionConstraints = slices.Clone(c.ActionConstraints)
	d.Symmetry = slices.Clone(c.Symmetry)
	if c.CheckDeadlock != nil {
		check := *c.CheckDeadlock
		d.CheckDeadlock = &check
	}
	return &d
}

// WithInvariants returns a copy that checks exactly these invariants.
func (c *Config) WithInvariants(names ...string) *Config {
	d := c.Clone()
	d.Invariants = slices.Clone(names)
	return d
}

// WithProperties returns a copy that checks exactly these properties.
func (c *Config) WithProperties(names ...string) *Config {
	d := c.Clone()
	d.Properties = slices.Clone(names)
	return d
}

// WithReplacement returns a copy in which name is replaced by the operator
// replacement, instead of whatever the file said about name before.
func (c *Config) WithReplacement(name, replacement string) *Config {
	d := c.Clone()
	d.Constants = slices.DeleteFunc(d.Constants, func(k Constant) bool { return k.Name == name })
	d.Constants = append(d.Constants, Constant{Name: name, Replacement: replacement})
	return d
}
