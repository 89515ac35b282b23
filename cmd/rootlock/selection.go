package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// A selection is what check is restricted to. The zero value restricts nothing.
type selection struct {
	protocols []spec.Protocol
	claims    spec.ClaimSet
}

// selected reads the selection from the command line.
func selected(protocols, claims []string) (s selection, err error) {
	for _, name := range protocols {
		p, err := spec.ProtocolByName(name)
		if err != nil {
			return s, err
		}
		s.protocols = append(s.protocols, p)
	}
	slices.Sort(s.protocols)
	s.protocols = slices.Compact(s.protocols)
	for _, name := range claims {
		c, err := spec.ClaimByName(name)
		if err != nil {
			return s, err
		}
		if list := s.columns(); !slices.ContainsFunc(list, func(p spec.Protocol) bool { return p.Asks(c) }) {
			return s, fmt.Errorf("%s is asked of none of %s: %s", c, protocolNames(list), list[0].WhyNotAsked(c))
		}
		s.claims |= c.Set()
	}
	return s, nil
}

// columns are the protocols of the verdict table.
func (s selection) columns() []spec.Protocol {
	if len(s.protocols) == 0 {
		return spec.Protocols()
	}
	return s.protocols
}

// rows are the claims of a kind in the verdict table.
func (s selection) rows(kind spec.ClaimKind) []spec.Claim {
	return slices.DeleteFunc(spec.ClaimsOf(kind), func(c spec.Claim) bool { return !s.has(c) })
}

// has reports whether a claim is asked.
func (s selection) has(c spec.Claim) bool { return s.claims == 0 || s.claims.Has(c) }

// asked are the protocols that are asked one of the claims: what engines look at.
func (s selection) asked() []spec.Protocol {
	return slices.DeleteFunc(slices.Clone(s.columns()), func(p spec.Protocol) bool { return s.claims != 0 && s.claims&p.Asked() == 0 })
}

// finite reports whether there is a claim that a finite schedule can break.
func (s selection) finite() bool {
	return s.claims == 0 || s.claims&(spec.StateClaims|spec.NoDeadlock.Set()) != 0
}

// answers reports whether a model can answer for one of the claims.
func (s selection) answers(m *models.Model) bool {
	return slices.Contains(s.asked(), m.Protocol) && (s.finite() || m.Live())
}

func (s selection) String() string {
	var parts []string
	if len(s.protocols) > 0 {
		parts = append(parts, protocolNames(s.protocols))
	}
	var names []string
	for _, c := range spec.Claims() {
		if s.claims.Has(c) {
			names = append(names, c.String())
		}
	}
	if len(names) > 0 {
		parts = append(parts, strings.Join(names, ", "))
	}
	return strings.Join(parts, "; ")
}

// model is a model as TLC is to be asked: for the claims alone.
func (s selection) model(m *models.Model) *models.Model {
	if s.claims == 0 {
		return m
	}
	other := func(name string) bool {
		c, err := spec.ClaimByName(name)
		return err != nil || !s.has(c)
	}
	only := *m
	only.Config = m.Config.Clone()
	only.Config.Invariants = slices.DeleteFunc(only.Config.Invariants, other)
	only.Config.Properties = slices.DeleteFunc(only.Config.Properties, other)
	return &only
}

// verdicts leaves of verdicts those on the claims.
func (s selection) verdicts(all map[string]engine.Verdict) map[string]engine.Verdict {
	if s.claims == 0 {
		return all
	}
	some := maps.Clone(all)
	for name := range some {
		c, err := spec.ClaimByName(name)
		if err != nil {
			delete(some, name)
		} else if !s.has(c) {
			some[name] = engine.NotChecked
		}
	}
	return some
}

// other reports whether a claim is none of the selection's, by name.
func (s selection) other(name string) bool {
	c, err := spec.ClaimByName(name)
	return s.claims != 0 && (err != nil || !s.has(c))
}

// trim leaves of a result what it says of the claims.
func (s selection) trim(r *engine.Result) {
	if s.claims == 0 {
		return
	}
	r.Claims = s.verdicts(r.Claims)
	r.NotAsked = slices.DeleteFunc(slices.Clone(r.NotAsked), s.other)
	r.Violations = slices.DeleteFunc(slices.Clone(r.Violations), func(v engine.Violation) bool { return s.other(v.Claim) })
	r.Counterexample = ""
	for i := range r.Violations {
		if v := &r.Violations[i]; i == 0 || len(v.Schedule) > 0 && len(v.Schedule) < len(r.Counterexample) {
			r.Counterexample = v.Schedule
		}
	}
}

// entry leaves of an entry of the ledger what it says of the claims.
func (s selection) entry(e *ledger.Entry) *ledger.Entry {
	if e == nil || s.claims == 0 {
		return e
	}
	only := *e
	only.Claims, only.Shortest = s.verdicts(e.Claims), maps.Clone(e.Shortest)
	maps.DeleteFunc(only.Shortest, func(name string, _ int) bool { return s.other(name) })
	return &only
}
