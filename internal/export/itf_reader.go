package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// What bounds a trace: the longest of ours has some 70 states, and the largest state that
// a spec.State can hold has a tenth of these bytes.
const (
	mostStates = 10_000
	mostBytes  = 1 << 20
)

// An ITF is a trace that was read. Its states are looked at when Moves has a model.
type ITF struct {
	Protocol, Model string
	Bounds          *spec.Bounds // nil: #meta does not say
	Violated        string       // what #meta says that it breaks

	trace itfTrace
}

// again is what to do about a file that does not fit.
const again = "export it again: rootlock export --as itf SCHEDULE"

// ParseITF reads a trace in the Informal Trace Format.
func ParseITF(data []byte) (*ITF, error) {
	var f ITF
	if err := decode(data, &f.trace); err != nil {
		return nil, fmt.Errorf("it is no trace in the Informal Trace Format: %w; %s", err, again)
	}
	t := &f.trace
	switch {
	case t.Vars == nil:
		return nil, fmt.Errorf(`it is no trace in the Informal Trace Format: it has no "vars"; %s`, again)
	case len(t.States) == 0:
		return nil, fmt.Errorf(`"states" has no state; %s`, again)
	case len(t.States) > mostStates:
		return nil, fmt.Errorf(`"states" has %d states; more than %d are not read`, len(t.States), mostStates)
	case t.Loop != nil && (*t.Loop < 0 || *t.Loop >= len(t.States)):
		return nil, fmt.Errorf(`"loop" is %d, and there are %d states, from 0 on`, *t.Loop, len(t.States))
	}
	for _, name := range models.Variables() {
		if !slices.Contains(t.Vars, name) {
			return nil, fmt.Errorf(`"vars" has no %s: it is no trace of the modules of tla/, whose variables are %s`, name, strings.Join(models.Variables(), ", "))
		}
	}
	var meta itfMeta
	if len(t.Meta) > 0 {
		if err := json.Unmarshal(t.Meta, &meta); err != nil { // another tool's, which owes us nothing
			meta = itfMeta{}
		}
	}
	f.Protocol, f.Model, f.Violated = meta.Protocol, meta.Model, meta.Violated
	if b := meta.itfBounds; b.Layout != "" {
		layout, err := spec.LayoutByName(b.Layout)
		if err != nil {
			return nil, fmt.Errorf("#meta: %w", err)
		}
		ops, err := spec.ParseOps(b.Ops)
		if err != nil {
			return nil, fmt.Errorf("#meta: %w", err)
		}
		f.Bounds = &spec.Bounds{MMs: b.MMs, VMAs: b.VMAs, Objects: b.Objects, Pages: b.Pages, Walkers: b.Walkers, Slots: b.Slots,
			MMOps: b.MMOps, WalkerOps: b.WalkerOps, Prots: b.Prots, Faulters: b.Faulters, Failures: b.Failures, Layout: layout, Ops: ops}
	}
	return &f, nil
}

// Moves is the schedule of the trace: of each state the step that leads to it from the one
// before. A state that is the one before is no step: TLA+ allows to stutter.
func (f *ITF) Moves(m *spec.Model) (spec.Schedule, error) {
	var sch spec.Schedule
	s := m.Init()
	for i, data := range f.trace.States {
		want, said, err := f.state(m, data)
		if err != nil {
			return nil, fmt.Errorf("states[%d]: %w", i, err)
		}
		if shown(s) == want {
			continue
		}
		if i == 0 {
			return nil, fmt.Errorf("states[0] is not the initial state of %s/%s (%s): %s; give --protocol and --model of the trace, or %s",
				m.Protocol, m.Name, m.Bounds, differences(m, &s, &want), again)
		}
		mv, next, err := f.successor(m, &s, &want, said)
		if err != nil {
			return nil, fmt.Errorf("states[%d]: %w", i, err)
		}
		sch = append(sch, mv)
		s = next
	}
	return sch, nil
}

// successor is the move from s to a state that shows as want; where several lead there, the
// one that the state itself names.
func (f *ITF) successor(m *spec.Model, s, want *spec.State, said string) (mv spec.Move, next spec.State, err error) {
	found, nearest := false, *s
	for _, x := range m.Moves(s, nil) {
		if after, ok := m.Next(*s, x); ok && shown(after) == *want {
			if !found || m.Format(x) == said {
				mv, next = x, after
			}
			found = true
		} else if ok && m.Format(x) == said {
			nearest = after
		}
	}
	if !found {
		if said != "" {
			said = "; the file says " + quote.Line(said)
		}
		return mv, next, fmt.Errorf("no step of %s/%s leads here from the state before: %s%s; the trace is of another protocol or other bounds (--protocol, --model), or was changed: %s",
			m.Protocol, m.Name, differences(m, &nearest, want), said, again)
	}
	return mv, next, nil
}

// shown is a state as a trace shows it: without what is no variable of tla/.
func shown(s spec.State) spec.State {
	for i := range s.History {
		s.History[i].Undone = false
	}
	return s
}

// differences says in one line what differs between two states, as far as it is not
// too much.
func differences(m *spec.Model, from, to *spec.State) string {
	var list []string
	a, b := models.Values(m, from), models.Values(m, to)
	for _, name := range models.Variables() {
		list = append(list, parted(name, a[name], b[name])...)
	}
	const most = 4
	if n := len(list); n > most {
		list = append(list[:most], fmt.Sprintf("and %d more", n-most))
	}
	return cmp.Or(strings.Join(list, ", "), "nothing that a trace shows")
}

// parted lists where two values differ: path was a, is b.
func parted(path string, a, b tlc.Value) (list []string) {
	if a.Equal(b) {
		return nil
	}
	pairs := a.Pairs()
	if a.Kind() != b.Kind() || a.Kind() == tlc.KindTuple || len(pairs) == 0 || len(pairs) != b.Len() {
		return []string{fmt.Sprintf("%s is %s and not %s", path, quote.Clip(b.String()), quote.Clip(a.String()))}
	}
	for _, p := range pairs {
		at := path + "[" + p.Key.String() + "]"
		if name, ok := p.Key.AsString(); ok {
			at = path + "." + name
		}
		if other, ok := b.Apply(p.Key); ok {
			list = append(list, parted(at, p.Value, other)...)
		}
	}
	return list
}

// state reads a state, and the step that it says led to it.
func (f *ITF) state(m *spec.Model, data json.RawMessage) (s spec.State, said string, err error) {
	if len(data) > mostBytes {
		return s, "", fmt.Errorf("it has %d bytes; more than %d are not read", len(data), mostBytes)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil || parts == nil {
		return s, "", fmt.Errorf("%s is no state: a state is an object", quote.Line(string(data)))
	}
	var meta itfStep
	if json.Unmarshal(parts["#meta"], &meta) == nil {
		said = meta.Step
	}
	vars := map[string]tlc.Value{}
	for _, name := range models.Variables() {
		var v any
		d := json.NewDecoder(bytes.NewReader(parts[name]))
		d.UseNumber()
		if parts[name] == nil {
			err = &misplaced{problem: "the state does not have it"}
		} else if err = d.Decode(&v); err == nil {
			vars[name], err = value(v, false)
		}
		if err != nil {
			return s, "", within(name, err)
		}
	}
	s, err = models.State(m, vars)
	if err != nil {
		err = errors.New(quote.Line(strings.TrimPrefix(err.Error(), "rootlock: ")))
	}
	return s, said, err
}

// texts are the fields that hold a string. Elsewhere a string of the file is a model value:
// the format has no form for these.
var texts = []string{"life", "kind", "pc", "op", "phase", "gone", "oops"}

// A misplaced value: where it stands, and what is wrong.
type misplaced struct{ path, problem string }

func (e *misplaced) Error() string { return quote.Line(e.path) + ": " + e.problem }

// within says of an error from inside a value where that stands.
func within(step string, err error) error {
	var at *misplaced
	if errors.As(err, &at) {
		at.path = quote.Clip(step) + at.path
	}
	return err
}

func problem(format string, args ...any) (tlc.Value, error) {
	return tlc.Value{}, &misplaced{problem: fmt.Sprintf(format, args...)}
}

// value reads a value; text says whether it may be a string.
func value(v any, text bool) (tlc.Value, error) {
	switch v := v.(type) {
	case bool:
		return tlc.Bool(v), nil
	case string:
		if text {
			return tlc.Str(v), nil
		}
		return tlc.Model(v), nil
	case json.Number:
		return integer(v.String())
	case []any:
		list, err := values(v)
		return tlc.Tuple(list...), err
	case map[string]any:
		if len(v) == 1 {
			for key, of := range v {
				if strings.HasPrefix(key, "#") {
					return special(key, of)
				}
			}
		}
		record := map[string]tlc.Value{}
		for key, of := range v {
			if strings.HasPrefix(key, "#") {
				return problem("the field %s stands beside others", quote.Line(key))
			}
			field, err := value(of, slices.Contains(texts, key))
			if err != nil {
				return tlc.Value{}, within("."+key, err)
			}
			record[key] = field
		}
		return tlc.Record(record), nil
	}
	return problem("null is no value of the format")
}

func values(from []any) (list []tlc.Value, err error) {
	for i, e := range from {
		v, err := value(e, false)
		if err != nil {
			return nil, within(fmt.Sprintf("[%d]", i), err)
		}
		list = append(list, v)
	}
	return list, nil
}

// special reads an object whose one key begins with #.
func special(key string, of any) (tlc.Value, error) {
	from, isList := of.([]any)
	switch key {
	case "#bigint":
		text, ok := of.(string)
		if !ok {
			return problem("#bigint is no string of digits")
		}
		return integer(text)
	case "#tup", "#set":
		if !isList {
			return problem("%s is no list", key)
		}
		list, err := values(from)
		if err != nil {
			return tlc.Value{}, err
		}
		if key == "#set" {
			return tlc.Set(list...), nil
		}
		return tlc.Tuple(list...), nil
	case "#map":
		var pairs []tlc.Pair
		for _, e := range from {
			pair, ok := e.([]any)
			if isList = isList && ok && len(pair) == 2; !isList {
				break
			}
			k, err := value(pair[0], false)
			if err != nil {
				return tlc.Value{}, err
			}
			v, err := value(pair[1], false)
			if err != nil {
				return tlc.Value{}, within("["+k.String()+"]", err)
			}
			pairs = append(pairs, tlc.Pair{Key: k, Value: v})
		}
		if !isList {
			return problem("#map is no list of pairs")
		}
		f := tlc.Function(pairs...)
		if f.Len() != len(pairs) {
			return problem("#map has one key twice")
		}
		return f, nil
	}
	return problem("%s is no form of a value that a state of tla/ has", quote.Line(key))
}

func integer(text string) (tlc.Value, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return problem("%s is no whole number of 64 bits", quote.Line(text))
	}
	return tlc.Int(n), nil
}

// decode reads one JSON value and nothing after it; the error has the line.
func decode(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	err := d.Decode(to)
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("text after the object")
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
		err = fmt.Errorf("%s is a %s", cmp.Or(kind.Field, "the whole"), kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it ends too early")
		at = int64(len(data))
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")), err)
}
