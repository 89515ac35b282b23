package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
)

// named is the line of a named case, as encoding/json has it.
func named(t *testing.T, name string) map[string]any {
	t.Helper()
	for _, line := range lines(t, "named") {
		var q map[string]any
		require.NoError(t, json.Unmarshal(line, &q))
		if q["name"] == name {
			return q
		}
	}
	require.Fail(t, "no such case", name)
	return nil
}

// lines is the text of a file.
func lines(t *testing.T, name string) (all [][]byte) {
	t.Helper()
	r := open(t, name)
	for {
		if _, err := r.Next(); err != nil {
			return all
		}
		all = append(all, bytes.Clone(r.buf))
	}
}

// in follows a path of field names and indices.
func in(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

// A trace with one wrong value is found out, at that value.
func TestTampered(t *testing.T) {
	set := func(v any, path ...any) func(q any) {
		return func(q any) {
			in(q, path[:len(path)-1]...).(map[string]any)[path[len(path)-1].(string)] = v
		}
	}
	for _, test := range []struct {
		reason string
		name   string
		tamper func(q any)
		want   Mismatch
	}{
		{"a number of references", "one-fault", set(1, "states", 1, "anon_vmas", 0, "refs"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "anon_vmas[0].refs", Trace: "1", Ours: "0"}},
		{"an end", "one-fault", set(5, "states", 0, "mms", 0, 0, "end"),
			Mismatch{OpIndex: 0, Op: "map mm=0 start=0 len=4 prot=0", Field: "mms[0][0].end", Trace: "5", Ours: "4"}},
		{"an anon_vma that is none", "one-fault", set(nil, "states", 1, "mms", 0, 0, "anon_vma"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "mms[0][0].anon_vma", Trace: "null", Ours: "0"}},
		{"a result", "one-fault", set("reuse", "ops", 1, "res"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "res", Trace: "reuse", Ours: "new"}},
		{"an operation that cannot be done", "one-fault", set(3, "ops", 3, "mm"),
			Mismatch{OpIndex: 3, Op: "exit mm=3", Field: "error", Trace: "ok", Ours: "the model refuses mm4:Exit: MMExists is false: mm4 has no area"}},
		{"a page too few", "one-fault", set([]any{}, "states", 1, "pages"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "pages[0]", Trace: "none", Ours: `{"mapping":0,"index":1,"at":[[0,1]],"walk":[[0,1,1]]}`}},
		{"a walk that goes elsewhere", "one-fault", set([]any{[]any{0, 2, 1}}, "states", 1, "pages", 0, "walk"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "pages[0].walk", Trace: "[[0,2,1]]", Ours: "[[0,1,1]]"}},
		{"a slab object", "one-fault", set(1, "states", 1, "anon_vmas", 0, "slot"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "anon_vmas[0].slot", Trace: "1", Ours: "0"}},
		{"a pin too many", "one-fault", set([]any{0}, "states", 1, "pins"),
			Mismatch{OpIndex: 1, Op: "fault mm=0 at=1", Field: "pins", Trace: "[0]", Ours: "[]"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			q := named(t, test.name)
			test.tamper(q)
			line, err := json.Marshal(q)
			require.NoError(t, err)
			// The good case behind the bad one is still compared.
			good, err := json.Marshal(named(t, test.name))
			require.NoError(t, err)
			seen := 0
			r, err := Run(t.Context(), NewReader("tampered", strings.NewReader(string(line)+"\n"+string(good))), Options{Differs: func(*Mismatch) { seen++ }}, specSide(t, spec.RootPointer))
			require.NoError(t, err)
			assert.Equal(t, 1, r[0].Differences)
			assert.Equal(t, 1, seen)
			assert.Equal(t, 2, r[0].Sequences)
			assert.Equal(t, test.want.OpIndex+4, r[0].States)
			want := test.want
			want.Side, want.Sequence, want.Name = "spec", 1, test.name
			assert.Equal(t, &want, r[0].First)
		})
	}
}

// The order of a list is found out, whichever two neighbours change places.
func TestTamperedOrder(t *testing.T) {
	swapped := 0
	for _, line := range lines(t, "named") {
		var q map[string]any
		require.NoError(t, json.Unmarshal(line, &q))
		name, _ := q["name"].(string)
		for i, st := range in(q, "states").([]any) {
			for k, a := range in(st, "anon_vmas").([]any) {
				list := in(a, "list").([]any)
				if len(list) < 2 || i%4 != 0 {
					continue
				}
				swapped++
				list[0], list[1] = list[1], list[0]
				text, err := json.Marshal(q)
				require.NoError(t, err)
				r, err := Run(t.Context(), NewReader("tampered", bytes.NewReader(text)), Options{}, specSide(t, spec.RootPointer))
				require.NoError(t, err)
				require.NotNil(t, r[0].First, name)
				assert.Equal(t, i, r[0].First.OpIndex, name)
				assert.Equal(t, "anon_vmas["+Ref(k).String()+"].list", r[0].First.Field, name)
				list[0], list[1] = list[1], list[0]
			}
		}
	}
	assert.Greater(t, swapped, 40, "floor on the work done")
}

// Compare forgets no field: whatever number of whatever state is another, the
// difference is found, in that field.
func TestCompareSeesEveryNumber(t *testing.T) {
	changed := 0
	for _, file := range []string{"named", "swap"} {
		for i, line := range lines(t, file) {
			if file == "swap" && i%40 != 0 {
				continue
			}
			q, err := decode(line)
			require.NoError(t, err)
			var raw struct{ States []any }
			require.NoError(t, json.Unmarshal(line, &raw))
			for k, st := range raw.States {
				numbers(st, func(change, restore func()) {
					change()
					text, err := json.Marshal(st)
					require.NoError(t, err)
					restore()
					var other State
					if (&decoder{data: text}).state(&other) != nil {
						return // out of range: found out earlier
					}
					_, differs := Compare(q.States[k], other)
					require.True(t, differs, "%s:%d: %s", file, i+1, text)
					d, _ := Compare(other, q.States[k])
					require.NotEqual(t, d.Got, d.Want)
					changed++
				})
			}
		}
	}
	assert.Greater(t, changed, 10_000, "floor on the work done")
}

// numbers calls f for each number within v, with functions that change it.
func numbers(v any, f func(change, restore func())) {
	at := func(value any, set func(any)) {
		if n, ok := value.(float64); ok {
			f(func() { set(n + 1) }, func() { set(n) })
			return
		}
		numbers(value, f)
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			at(v[i], func(x any) { v[i] = x })
		}
	case map[string]any:
		for k := range v {
			at(v[k], func(x any) { v[k] = x })
		}
	}
}

// The traces are of 2.6.36: what locks, lists or counts otherwise is not it.
func TestOtherProtocolsAreNotLinux2636(t *testing.T) {
	for _, p := range []spec.Protocol{spec.OwnLock, spec.DeepestLock} {
		r, err := Run(t.Context(), open(t, "named"), Options{}, specSide(t, p))
		require.NoError(t, err)
		assert.Greater(t, r[0].Differences, 10, p)
		assert.Equal(t, 64, r[0].Sequences, "the run goes on behind each difference")
	}
}

// A world that cannot tell its state differs, and does not stop the run.
func TestWorldWithoutState(t *testing.T) {
	r, err := Run(t.Context(), open(t, "named"), Options{}, Side{Name: "lame", World: lame{}})
	require.NoError(t, err)
	assert.Equal(t, 64, r[0].Differences)
	assert.Equal(t, "error", r[0].First.Field)
	assert.Equal(t, "no state", r[0].First.Ours)
}

type lame struct{}

func (lame) Reset()                   {}
func (lame) Do(op Op) (string, error) { return op.Res, nil }
func (lame) State() (State, error)    { return State{}, errors.New("no state") }
func (lame) Visible() State           { return State{} }
