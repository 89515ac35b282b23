package conform

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/rootlock/rootlock/spec"
)

// A graph's file is gzip of text. After a header, one line per state, in the order of
// the numbers: the fields in which it differs from the state that it was first reached
// from (state 0: from nothing), a semicolon, and its edges:
//
//	rootlock graph
//	model RootPointer/Edges: 2 mms, ...
//	states 17792 edges 42152
//	VMA[0].Life=2 VMA[0].MM=1 ... ; mm1:Fork(mm2) 1 w1:Migrate(p1) 2

// Write writes a graph in its canonical form.
func (g *Graph) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(z)
	fmt.Fprintf(b, "rootlock graph\nmodel %s/%s: %s\nstates %d edges %d\n", g.Model.Protocol, g.Model.Name, g.Model.Bounds, len(g.States), g.Size())
	from := make([]int, len(g.States))
	reached := 1
	for i := range g.States {
		before := spec.State{}
		if i > 0 {
			before = g.States[from[i]]
		}
		b.WriteString(strings.Join(changes(&before, &g.States[i]), " "))
		b.WriteString(" ;")
		for _, e := range g.Edges[i] {
			fmt.Fprintf(b, " %s %d", g.Model.Format(e.Move), e.To)
			if e.To == reached {
				from[reached] = i
				reached++
			}
		}
		b.WriteByte('\n')
	}
	if reached != len(g.States) {
		return fmt.Errorf("rootlock: the states of the graph of %s are not numbered in the order in which they are reached", g.Model.Name)
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return z.Close()
}

// Read reads a graph of model m. The error says where the file is wrong.
func Read(r io.Reader, m *spec.Model) (*Graph, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("rootlock: reading a graph: it is no gzip file: %w", err)
	}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	line := 0
	bad := func(format string, args ...any) error {
		if err := in.Err(); err != nil { // then the last line, too, is not what was written
			format, args = "%v (is the file whole?)", []any{err}
		}
		return fmt.Errorf("rootlock: reading a graph, line %d: %s; write it anew: go test ./internal/conform -update", line, fmt.Sprintf(format, args...))
	}
	next := func() (string, bool) {
		line++
		ok := in.Scan()
		return in.Text(), ok
	}
	var states, edges int
	title, _ := next()
	if title != "rootlock graph" {
		return nil, bad("want %q, not %q", "rootlock graph", title)
	}
	model, _ := next()
	if want := fmt.Sprintf("model %s/%s: %s", m.Protocol, m.Name, m.Bounds); model != want {
		return nil, bad("it is the graph of another model: %q, want %q", model, want)
	}
	size, _ := next()
	if _, err := fmt.Sscanf(size, "states %d edges %d", &states, &edges); err != nil || states < 1 || edges < 1 {
		return nil, bad("want the numbers of states and edges, at least one each, not %q", size)
	}
	if states > limit {
		return nil, bad("%d states; there are to be no more than %d", states, limit)
	}
	g := &Graph{Model: m}
	g.Law, g.States = m.Law(), make([]spec.State, 0, states)
	from := []int{0}
	for text, ok := next(); ok; text, ok = next() {
		i := len(g.States)
		if i >= len(from) {
			return nil, bad("no edge leads to state %d", i)
		}
		var s spec.State
		if i > 0 {
			s = g.States[from[i]]
		}
		fields, rest, ok := strings.Cut(text, ";")
		if !ok {
			return nil, bad("no semicolon before the edges of state %d", i)
		}
		for _, f := range strings.Fields(fields) {
			if err := set(&s, f); err != nil {
				return nil, bad("state %d: %v", i, err)
			}
		}
		var list []Edge
		words := strings.Fields(rest)
		if len(words)%2 != 0 {
			return nil, bad("state %d: an edge has no target", i)
		}
		for j := 0; j < len(words); j += 2 {
			sch, err := m.ParseSchedule(words[j])
			to, err2 := strconv.Atoi(words[j+1])
			if err != nil || err2 != nil || len(sch) != 1 || to < 0 || to > len(from) || to >= states {
				return nil, bad("state %d: edge %s %s", i, words[j], words[j+1])
			}
			if to == len(from) {
				from = append(from, i)
			}
			list = append(list, Edge{Move: sch[0], Step: int(sch[0].Step), To: to})
		}
		g.States, g.Edges = append(g.States, s), append(g.Edges, list)
	}
	if in.Err() != nil || len(g.States) != states || g.Size() != edges {
		return nil, bad("%d states and %d edges; the header says %d and %d", len(g.States), g.Size(), states, edges)
	}
	return g, nil
}

// leaf is one number in a State: its path, and where it is.
type leaf struct {
	path     string
	index    []int // of fields and array elements, outermost first
	at, size uintptr
}

// leaves are all numbers of a State.
var leaves = sync.OnceValue(func() (list []leaf) {
	var walk func(t reflect.Type, path string, index []int, at uintptr)
	walk = func(t reflect.Type, path string, index []int, at uintptr) {
		switch t.Kind() {
		case reflect.Struct:
			for i := range t.NumField() {
				f := t.Field(i)
				name := path
				if !f.Anonymous {
					name = strings.TrimPrefix(path+"."+f.Name, ".")
				}
				walk(f.Type, name, append(index[:len(index):len(index)], i), at+f.Offset)
			}
		case reflect.Array:
			for i := range t.Len() {
				walk(t.Elem(), path+"["+strconv.Itoa(i)+"]", append(index[:len(index):len(index)], i), at+uintptr(i)*t.Elem().Size())
			}
		default:
			list = append(list, leaf{path, index, at, t.Size()})
		}
	}
	walk(reflect.TypeFor[spec.State](), "", nil, 0)
	return list
})

var leafByPath = sync.OnceValue(func() map[string]leaf {
	m := map[string]leaf{}
	for _, l := range leaves() {
		m[l.path] = l
	}
	return m
})

func (l leaf) of(v reflect.Value) reflect.Value {
	for _, i := range l.index {
		if v.Kind() == reflect.Struct {
			v = v.Field(i)
		} else {
			v = v.Index(i)
		}
	}
	return v
}

func text(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[spec.Step]():
		return v.Interface().(spec.Step).String()
	case v.Kind() == reflect.Bool:
		if v.Bool() {
			return "1"
		}
		return "0"
	}
	return strconv.FormatUint(v.Uint(), 10)
}

// changes lists the fields of b that differ from a's, as PATH=VALUE. States are large
// and differ in few fields, so it looks at their memory first.
func changes(a, b *spec.State) (list []string) {
	x, y := memory(a), memory(b)
	for _, l := range leaves() {
		if !bytes.Equal(x[l.at:l.at+l.size], y[l.at:l.at+l.size]) {
			list = append(list, l.path+"="+text(l.of(reflect.ValueOf(b).Elem())))
		}
	}
	return list
}

// memory is a state as it lies in memory: it has no pointers.
func memory(s *spec.State) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s)) }

// set is the reverse of changes.
func set(s *spec.State, field string) error {
	path, value, _ := strings.Cut(field, "=")
	l, ok := leafByPath()[path]
	if !ok {
		return fmt.Errorf("there is no field %q", path)
	}
	v := l.of(reflect.ValueOf(s).Elem())
	if v.Type() == reflect.TypeFor[spec.Step]() {
		step, ok := spec.StepByName(value)
		if !ok && value != spec.Idle.String() && value != spec.Oopsed.String() {
			return fmt.Errorf("%s: there is no step %q", path, value)
		}
		if value == spec.Oopsed.String() {
			step = spec.Oopsed
		}
		v.Set(reflect.ValueOf(step))
		return nil
	}
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil || v.Kind() == reflect.Bool && n > 1 || v.CanUint() && v.OverflowUint(n) {
		return fmt.Errorf("%s = %q", path, value)
	}
	if v.Kind() == reflect.Bool {
		v.SetBool(n == 1)
	} else {
		v.SetUint(n)
	}
	return nil
}

// Bytes is the canonical form.
func (g *Graph) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := g.Write(&b)
	return b.Bytes(), err
}
