package models

import (
	"fmt"
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// complete adds the models of protocols that have no configuration of their own yet: they
// get those of the others, with the same bounds. Such a model has no File, for it is not
// in tla/: the explorer and random search answer for it, and TLC does not.
func complete(list []*Model) ([]*Model, error) {
	has := map[spec.Protocol]bool{}
	for _, m := range list {
		has[m.Protocol] = true
	}
	common := slices.Clone(list)
	for _, p := range spec.Protocols() {
		if has[p] {
			continue
		}
		seen := map[string]bool{}
		for _, m := range common {
			if seen[m.Name] {
				continue
			}
			seen[m.Name] = true
			own, err := m.of(p)
			if err != nil {
				return nil, err
			}
			list = append(list, own)
		}
	}
	return list, nil
}

// of is a model of another protocol as one of p. Config says whether it asks for
// termination, and under which fairness.
func (m *Model) of(p spec.Protocol) (*Model, error) {
	own, err := spec.NewModel(p, m.Name, m.Bounds)
	if err != nil {
		return nil, fmt.Errorf("rootlock: %s with the bounds of %s: %w", p, m.FullName(), err)
	}
	config := m.Config.Clone()
	asked := func(name string) bool {
		_, err := p.AskedClaim(name)
		return err == nil
	}
	config.Invariants = slices.DeleteFunc(config.Invariants, func(n string) bool { return !asked(n) })
	config.Properties = slices.DeleteFunc(config.Properties, func(n string) bool { return !asked(n) })
	return &Model{Model: own, Config: config}, nil
}

// Of lists the models of one protocol, by name.
func Of(p spec.Protocol) ([]*Model, error) {
	list, err := All()
	return slices.DeleteFunc(list, func(m *Model) bool { return m.Protocol != p }), err
}

// ConfigFile is the file of tla/ that gives a model to TLC.
func ConfigFile(p spec.Protocol, model string) string { return "tla/MC" + p.String() + model + ".cfg" }
