package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// The Informal Trace Format is Apalache's (its ADR-015, as revised on 2023-09-14). A trace
// is one JSON object:
//
//	{"#meta": {...}, "vars": ["vma", ...], "states": [{"#meta": {...}, "vma": VALUE, ...}, ...], "loop": N}
//
// A value of TLA+ is written so:
//
//	true                      a Boolean
//	"text"                    a string; here also a model value: v1, None
//	{"#bigint": "1"}          an integer; a JSON number was allowed before 2023, and is read
//	[...]                     a sequence
//	{"#tup": [...]}           a tuple
//	{"#set": [...]}           a set
//	{"#map": [[KEY, VALUE]]}  a function
//	{"field": ...}            a record
//
// Variables and fields have the names of tla/; the wide world, which tla/ does not have, has
// more fields, named as in spec. What else replay needs stands in #meta, which belongs to
// whoever writes the file: the protocol, its bounds, and of each state the step that led to
// it. The name of a file in the format ends in .itf.json.
type itfTrace struct {
	Meta   json.RawMessage   `json:"#meta"`
	Vars   []string          `json:"vars"`
	States []json.RawMessage `json:"states"`
	Loop   *int              `json:"loop,omitempty"`
}

// itfMeta is #meta of a trace, as ITF writes it. Every value in it is a string: some
// readers of the format take nothing else there.
type itfMeta struct {
	Format      string `json:"format"`
	Revision    string `json:"format-description"`
	Description string `json:"description"`
	Source      string `json:"source,omitempty"` // the module
	Protocol    string `json:"protocol"`
	Model       string `json:"model"`
	itfBounds
	Violated string `json:"violated,omitempty"`
	At       int    `json:"at,string,omitempty"` // the state in which it is
	Conjunct string `json:"conjunct,omitempty"`
	Values   string `json:"values,omitempty"`
	Command  string `json:"command"`
}

// itfBounds are bounds under the names that they have on the command line.
type itfBounds struct {
	MMs       int    `json:"mms,string"`
	VMAs      int    `json:"vmas,string"`
	Objects   int    `json:"objects,string"`
	Pages     int    `json:"pages,string"`
	Walkers   int    `json:"walkers,string"`
	Slots     int    `json:"slots,string"`
	MMOps     int    `json:"mm-ops,string"`
	WalkerOps int    `json:"walker-ops,string"`
	Prots     int    `json:"prots,string,omitempty"`
	Faulters  int    `json:"faulters,string,omitempty"`
	Failures  bool   `json:"failures,string,omitempty"`
	Layout    string `json:"layout"`
	Ops       string `json:"ops"`
}

// itfStep is #meta of a state.
type itfStep struct {
	Index int    `json:"index"`
	Step  string `json:"step,omitempty"` // that led to it
}

// ITF writes the schedule with all its states in the Informal Trace Format.
func (s *Schedule) ITF() ([]byte, error) {
	m := s.Model.Model
	b := m.Bounds
	meta := itfMeta{Format: "ITF", Revision: "Apalache ADR-015, revised 2023-09-14", Description: "rootlock: a schedule of " + m.Protocol.String() + ", " + b.String(),
		Source: s.Model.Module() + ".tla", Protocol: m.Protocol.String(), Model: m.Name, Command: s.Command(),
		itfBounds: itfBounds{b.MMs, b.VMAs, b.Objects, b.Pages, b.Walkers, b.Slots, b.MMOps, b.WalkerOps, b.Prots, b.Faulters, b.Failures, b.Layout.String(), b.Ops.String()}}
	if models.Wider(b) { // no module has all of it
		meta.Source = ""
	}
	if k := s.Break; k != nil {
		meta.Violated, meta.At, meta.Conjunct, meta.Values = k.Claim, k.Step, k.Conjunct, k.Values
	}
	trace := itfTrace{Vars: models.Variables()}
	var err error
	if trace.Meta, err = marshal(meta); err != nil {
		return nil, err
	}
	var states []spec.State
	add := func(step string, state *spec.State) {
		var written json.RawMessage
		if err == nil {
			written, err = itfState(m, state, itfStep{len(states), step})
		}
		trace.States, states = append(trace.States, written), append(states, *state)
	}
	state := m.Init()
	add("", &state)
	failed := m.Run(&state, s.Moves, func(i int, after *spec.State) { add(m.Format(s.Moves[i]), after) })
	if err := errors.Join(failed, err); err != nil {
		return nil, err
	}
	if s.Break != nil && spec.IsTemporal(s.Break.Claim) { // it ends where the loop begins
		if from := slices.Index(states, state); from < len(states)-1 {
			trace.Loop = &from
		}
	}
	return lined(trace)
}

// itfState writes a state, its variables in the order of tla/.
func itfState(m *spec.Model, s *spec.State, meta itfStep) (json.RawMessage, error) {
	head, err := marshal(meta)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"#meta":%s`, head)
	vars := models.Values(m, s)
	for _, name := range models.Variables() {
		value, err := marshal(itfMap(vars[name])) // each is a function, be it an empty one
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, ",%q:%s", name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// lined writes a trace with a line for each state.
func lined(trace itfTrace) ([]byte, error) {
	states := trace.States
	trace.States = []json.RawMessage{}
	data, err := marshal(trace)
	if err != nil {
		return nil, err
	}
	head, tail, _ := strings.Cut(string(data), `"states":[]`)
	return []byte(head + "\"states\":[\n" + string(bytes.Join(rawBytes(states), []byte(",\n"))) + "\n]" + tail + "\n"), nil
}

func rawBytes(list []json.RawMessage) (raw [][]byte) {
	for _, r := range list {
		raw = append(raw, r)
	}
	return raw
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// itfValue is a value in a form that encoding/json writes.
func itfValue(v tlc.Value) any {
	switch v.Kind() {
	case tlc.KindBool:
		is, _ := v.AsBool()
		return is
	case tlc.KindInt:
		return map[string]string{"#bigint": v.String()}
	case tlc.KindString:
		text, _ := v.AsString()
		return text
	case tlc.KindModel:
		return v.String()
	case tlc.KindTuple:
		return itfList(v)
	case tlc.KindSet:
		list := []any{}
		for _, e := range v.Elems() {
			if e.Kind() == tlc.KindTuple { // <<mm, address>>, and no sequence
				list = append(list, map[string]any{"#tup": itfList(e)})
				continue
			}
			list = append(list, itfValue(e))
		}
		return map[string]any{"#set": list}
	case tlc.KindRecord:
		record := map[string]any{}
		for _, p := range v.Pairs() {
			name, _ := p.Key.AsString()
			record[name] = itfValue(p.Value)
		}
		return record
	}
	return itfMap(v)
}

func itfList(v tlc.Value) []any {
	list := []any{}
	for _, e := range v.Elems() {
		list = append(list, itfValue(e))
	}
	return list
}

func itfMap(v tlc.Value) any {
	pairs := [][2]any{}
	for _, p := range v.Pairs() {
		pairs = append(pairs, [2]any{itfValue(p.Key), itfValue(p.Value)})
	}
	return map[string]any{"#map": pairs}
}
