package models

import (
	"slices"

	"github.com/rootlock/rootlock/spec"
)

// Of lists the models of one protocol, by name.
func Of(p spec.Protocol) ([]*Model, error) {
	list, err := All()
	return slices.DeleteFunc(list, func(m *Model) bool { return m.Protocol != p }), err
}

// ClaimsFile is the file of tla/ that has the claims of a protocol.
func ClaimsFile(p spec.Protocol) string { return "MC" + p.String() + ".cfg" }
