package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// What is written of a schedule is that schedule, with the bounds of its model, and in the
// format.
func TestITF(t *testing.T) {
	loops := 0
	for _, name := range names(t) {
		s := kept(t, name)
		data, err := s.ITF()
		require.NoError(t, err)
		for _, problem := range invalid(data) {
			t.Errorf("%s: %s", name, problem)
		}
		f, err := ParseITF(data)
		require.NoError(t, err, name)
		assert.Equal(t, s.Model.Protocol.String(), f.Protocol, name)
		assert.Equal(t, s.Model.Name, f.Model, name)
		assert.Equal(t, s.Model.Bounds, *f.Bounds, name)
		sch, err := f.Moves(s.Model.Model)
		require.NoError(t, err, name)
		assert.Equal(t, s.Moves, sch, name)
		if s.Break != nil {
			assert.Equal(t, s.Break.Claim, f.Violated, name)
		}
		if f.trace.Loop != nil {
			loops++
			var states [2]map[string]json.RawMessage
			for i, at := range []int{*f.trace.Loop, len(s.Moves)} {
				require.NoError(t, json.Unmarshal(f.trace.States[at], &states[i]))
				delete(states[i], "#meta")
			}
			assert.Equal(t, states[0], states[1], "%s: the loop ends where it begins", name)
		}
	}
	assert.Equal(t, 1, loops, "trylock-livelock ends in a loop, and no other does")
}

// Custom bounds stand in the file too; and #meta has nothing but strings.
func TestITFOfOtherBounds(t *testing.T) {
	b := kept(t, "freed-leaf").Model.Bounds
	b.Objects, b.Walkers, b.MMOps = 3, 0, spec.Unlimited
	b.Ops = spec.OpsOf(spec.Fork, spec.Exit)
	m, err := spec.NewModel(spec.WalkMutex, "custom", b)
	require.NoError(t, err)
	s := Schedule{Model: &models.Model{Model: m, Config: &tlc.Config{}}}
	data, err := s.ITF()
	require.NoError(t, err)
	assert.Empty(t, invalid(data))
	f, err := ParseITF(data)
	require.NoError(t, err)
	assert.Equal(t, b, *f.Bounds)
	sch, err := f.Moves(m)
	require.NoError(t, err)
	assert.Empty(t, sch)
	var meta map[string]string
	require.NoError(t, json.Unmarshal(f.trace.Meta, &meta))
	assert.Equal(t, "255", meta["mm-ops"])
}

// What another tool writes is recognised by its states alone: without #meta, with integers
// as before 2023, with states that stutter, with variables of its own.
func TestITFOfAnotherTool(t *testing.T) {
	s := kept(t, "recycled-leaf")
	data, err := s.ITF()
	require.NoError(t, err)
	var trace map[string]any
	require.NoError(t, json.Unmarshal(data, &trace))
	delete(trace, "#meta")
	trace["vars"] = append(trace["vars"].([]any), "action")
	var states []any
	for _, state := range trace["states"].([]any) {
		state := state.(map[string]any)
		delete(state, "#meta")
		state["action"] = "?"
		states = append(states, state, state)
	}
	trace["states"] = states
	foreign, err := json.Marshal(trace)
	require.NoError(t, err)
	foreign = regexp.MustCompile(`\{"#bigint":"(\d+)"\}`).ReplaceAll(foreign, []byte("$1"))
	f, err := ParseITF(foreign)
	require.NoError(t, err)
	assert.Empty(t, f.Protocol)
	assert.Nil(t, f.Bounds)
	sch, err := f.Moves(s.Model.Model)
	require.NoError(t, err)
	assert.Equal(t, s.Moves, sch)
}

// A file that does not fit is refused, with the place, and with what to do.
func TestITFThatIsBad(t *testing.T) {
	s := kept(t, "freed-leaf")
	data, err := s.ITF()
	require.NoError(t, err)
	text := string(data)
	require.Equal(t, len(s.Moves)+2, strings.Count(text, "\n")-1, "a line for each state")
	lines := strings.SplitAfter(text, "\n")
	replace := func(line int, from, to string) string {
		changed := slices.Clone(lines)
		require.Contains(t, changed[line], from)
		changed[line] = strings.Replace(changed[line], from, to, 1)
		return strings.Join(changed, "")
	}
	for _, test := range []struct{ reason, text, want string }{
		{"nothing", "", "line 1: it ends too early"},
		{"cut off", text[:len(text)/2], "it ends too early"},
		{"no JSON", replace(3, `"vma"`, `vma`), "line 4: invalid character 'v'"},
		{"text behind it", text + "x", "line 14: text after the object"},
		{"another object", `{"protocol": "OwnLock"}`, `it has no "vars"; export it again`},
		{"states is no list", `{"vars": [], "states": 1}`, "states is a number"},
		{"no state", `{"vars": ["vma"], "states": []}`, `"states" has no state`},
		{"other variables", `{"vars": ["x"], "states": [{"x": true}]}`, `"vars" has no vma: it is no trace of the modules of tla/`},
		{"too many states", strings.Replace(text, "\"states\":[\n", "\"states\":["+strings.Repeat("1,", mostStates), 1), "more than 10000 are not read"},
		{"a loop to nowhere", strings.Replace(text, `"vars"`, `"loop": 99, "vars"`, 1), `"loop" is 99, and there are 12 states`},
		{"an unknown layout", strings.Replace(text, `"layout":"OnePage"`, `"layout":"Square"`, 1), `#meta: rootlock: unknown layout "Square"`},
		{"no state", replace(1, `{"#meta":{"index":0}`, `7,{"#meta":{"index":0}`), `states[0]: 7 is no state: a state is an object`},
		{"a variable is missing", replace(2, `"anon":{"#map"`, `"other":{"#map"`), "states[1]: anon: the state does not have it"},
		{"a field is missing", replace(2, `"pc":`, `"PC":`), "has no field pc"},
		{"a field of the wrong kind", replace(2, `"refs":{"#bigint":"0"}`, `"refs":"x"`), "states[1]: a state of Tiny: anon[a1].refs = x"},
		{"no integer", replace(2, `{"#bigint":"0"}`, `{"#bigint":"1.5"}`), "states[1]: vma[v1].pgoff: 1.5 is no whole number of 64 bits"},
		{"too large an integer", replace(2, `{"#bigint":"0"}`, `{"#bigint":"99999999999999999999"}`), "99999999999999999999 is no whole number of 64 bits"},
		{"an unknown form", replace(2, `{"#bigint":"0"}`, `{"#unserializable":"Int"}`), "#unserializable is no form of a value"},
		{"a form beside fields", replace(2, `{"#bigint":"0"}`, `{"#bigint":"0","x":true}`), "#bigint stands beside others"},
		{"a map of no pairs", replace(2, `"vma":{"#map":[[`, `"vma":{"#map":[[1],[`), "vma: #map is no list of pairs"},
		{"a key twice", replace(2, `["v2"`, `["v1"`), "vma: #map has one key twice"},
		{"null", replace(2, `{"#bigint":"0"}`, `null`), "null is no value of the format"},
		{"another initial state", replace(1, `"writable":true`, `"writable":false`), "states[0] is not the initial state of OwnLock/Tiny"},
		{"a state left out", strings.Join(append(slices.Clone(lines[:3]), lines[4:]...), ""), "states[2]: no step of OwnLock/Tiny leads here from the state before: "},
		{"a state changed", replace(5, `"refs":{"#bigint":"0"}`, `"refs":{"#bigint":"3"}`), `states[4]: no step of OwnLock/Tiny leads here from the state before: anon[a1].refs is 3 and not 0; the file says w1:CheckMapped; the trace is of another protocol or other bounds`},
		{"a state too large", replace(2, `{"#bigint":"0"}`, `"`+strings.Repeat("x", mostBytes)+`"`), "more than 1048576 are not read"},
	} {
		f, err := ParseITF([]byte(test.text))
		if err == nil {
			_, err = f.Moves(s.Model.Model)
		}
		if assert.Error(t, err, test.reason) {
			assert.Contains(t, err.Error(), test.want, test.reason)
			assert.NotContains(t, err.Error(), "\n", test.reason)
			assert.Less(t, len(err.Error()), 2_000, test.reason)
		}
	}
}

// Whatever stands in a trace, it is read or refused shortly; what is read is a schedule.
func FuzzParseITF(f *testing.F) {
	p, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(f, err)
	sch, err := p.ParseSchedule("w1:Walk(p1) w1:ReadMapping w1:CheckMapped mm1:SplitBelow(v1,1)")
	require.NoError(f, err)
	data, err := (&Schedule{Model: p, Moves: sch}).ITF()
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`{"vars":["vma","anon","page","pte","thread","history","stale"],"states":[{"vma":{"#map":[]}}],"loop":0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		itf, err := ParseITF(data)
		var sch spec.Schedule
		if err == nil {
			sch, err = itf.Moves(p.Model)
		}
		if err != nil {
			require.Less(t, len(err.Error()), 3_000)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		s := p.Init()
		require.NoError(t, p.Run(&s, sch, nil))
	})
}

// invalid checks a trace against the rules of the format as Apalache describes it in
// ADR-015, revised on 2023-09-14, and against what readers of the format rely on: every
// value of #meta is a string or, where it is the index of a state, a number.
func invalid(data []byte) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var trace map[string]any
	if err := d.Decode(&trace); err != nil {
		return []string{err.Error()}
	}
	strs := func(key string) (list []string) {
		all, ok := trace[key].([]any)
		if !ok && trace[key] != nil {
			problem("%s is no array", key)
		}
		for _, e := range all {
			text, ok := e.(string)
			if !ok || slices.Contains(list, text) {
				problem("%s: %v is no string, or stands twice", key, e)
			}
			list = append(list, text)
		}
		return list
	}
	for key := range trace {
		if !slices.Contains([]string{"#meta", "params", "vars", "states", "loop"}, key) {
			problem("a trace has no %s", key)
		}
	}
	meta, ok := trace["#meta"].(map[string]any)
	if !ok && trace["#meta"] != nil {
		problem("#meta is no object")
	}
	for key, v := range meta {
		if _, ok := v.(string); !ok {
			problem("#meta.%s is no string", key)
		}
	}
	params, vars := strs("params"), strs("vars")
	states, ok := trace["states"].([]any)
	if !ok || trace["vars"] == nil {
		problem("states or vars is missing")
	}
	if loop, ok := trace["loop"]; ok {
		n, isNumber := loop.(json.Number)
		at, err := n.Int64()
		if !isNumber || err != nil || at < 0 || at >= int64(len(states)) {
			problem("loop is %v", loop)
		}
	}
	for i, s := range states {
		state, ok := s.(map[string]any)
		if !ok {
			problem("state %d is no object", i)
		}
		must := vars
		if i == 0 {
			must = slices.Concat(vars, params)
		}
		for _, name := range must {
			if _, ok := state[name]; !ok {
				problem("state %d: no %s", i, name)
			}
		}
		for name, v := range state {
			if name == "#meta" {
				if meta, ok := v.(map[string]any); !ok || fmt.Sprint(meta["index"]) != fmt.Sprint(i) {
					problem("state %d: #meta is %v", i, v)
				}
				continue
			}
			if !slices.Contains(must, name) {
				problem("state %d: %s is none of vars", i, name)
			}
			for _, p := range invalidExpression(v) {
				problem("state %d: %s: %s", i, name, p)
			}
		}
	}
	return problems
}

var bigint = regexp.MustCompile(`^-?[0-9]+$`)

func invalidExpression(v any) (problems []string) {
	each := func(list any, distinct bool) {
		all, ok := list.([]any)
		if !ok {
			problems = append(problems, fmt.Sprintf("%v is no array", list))
		}
		seen := map[string]bool{}
		for _, e := range all {
			problems = append(problems, invalidExpression(e)...)
			text, _ := json.Marshal(e)
			if distinct && seen[string(text)] {
				problems = append(problems, fmt.Sprintf("%s stands twice in a set", text))
			}
			seen[string(text)] = true
		}
	}
	switch v := v.(type) {
	case bool, string:
		return nil
	case []any:
		each(v, false)
		return problems
	case map[string]any:
		special := ""
		for key := range v {
			if strings.HasPrefix(key, "#") {
				special = key
			}
		}
		if special != "" && len(v) > 1 {
			return []string{special + " stands beside other fields"}
		}
		of := v[special]
		switch special {
		case "":
			for _, field := range v {
				problems = append(problems, invalidExpression(field)...)
			}
		case "#bigint":
			if text, ok := of.(string); !ok || !bigint.MatchString(text) {
				problems = append(problems, fmt.Sprintf("#bigint: %v", of))
			}
		case "#tup":
			each(of, false)
		case "#set":
			each(of, true)
		case "#map":
			pairs, ok := of.([]any)
			if !ok {
				problems = append(problems, "#map is no array")
			}
			var keys []any
			for _, p := range pairs {
				pair, ok := p.([]any)
				if !ok || len(pair) != 2 {
					return append(problems, fmt.Sprintf("%v is no pair", p))
				}
				keys = append(keys, pair[0])
				problems = append(problems, invalidExpression(pair[1])...)
			}
			each(append([]any{}, keys...), true)
		default:
			problems = append(problems, special+" is no form of the format")
		}
		return problems
	}
	return []string{fmt.Sprintf("%v is no expression", v)}
}

// The rules find what breaks them.
func TestInvalid(t *testing.T) {
	good := `{"vars":["x"],"states":[{"x":VALUE}]}`
	for value, want := range map[string]string{
		`true`: "", `"s"`: "", `{"#bigint":"-1"}`: "", `[{"#tup":[]},{"#set":["a","b"]}]`: "", `{"#map":[[{"#tup":["a"]},{"f":true}]]}`: "",
		`1`: "1 is no expression", `null`: "is no expression", `{"#bigint":1}`: "#bigint: 1", `{"#set":["a","a"]}`: "stands twice", `{"#map":[["a"]]}`: "is no pair",
		`{"#map":[["a",true],["a",true]]}`: "stands twice", `{"#x":"a"}`: "#x is no form", `{"#set":[],"y":true}`: "stands beside", `{"f":[1]}`: "1 is no expression",
	} {
		got := strings.Join(invalid([]byte(strings.Replace(good, "VALUE", value, 1))), "; ")
		if want == "" {
			assert.Empty(t, got, value)
		} else {
			assert.Contains(t, got, want, value)
		}
	}
	for text, want := range map[string]string{
		`{"vars":["x"],"states":[{}]}`:                                   "state 0: no x",
		`{"vars":[],"states":[{"x":true}]}`:                              "x is none of vars",
		`{"vars":["x","x"],"states":[]}`:                                 "stands twice",
		`{"vars":[],"states":[],"loop":0}`:                               "loop is 0",
		`{"vars":[],"states":[],"steps":0}`:                              "a trace has no steps",
		`{"vars":[],"states":[],"#meta":{"at":1}}`:                       "#meta.at is no string",
		`{"vars":[],"states":[{"#meta":{"index":1}}]}`:                   "#meta is map[index:1]",
		`{"params":["P"],"vars":[],"states":[{"#meta":{"index":0}},{}]}`: "state 0: no P",
	} {
		assert.Contains(t, strings.Join(invalid([]byte(text)), "; "), want, text)
	}
}

// A second thread of a process, and the two addresses of a UffdMove, are in the file, too.
func TestITFOfSecondThread(t *testing.T) {
	m, err := models.Find(spec.RwsemRoot, "First")
	require.NoError(t, err)
	for _, text := range []string{
		"f1:Fault(v1,0) f1:AllocAnon(a1) f1:LockAnon f1:LinkChain f1:LinkList f1:UnlockAnon f1:MapPage mm1:UffdMove(0,1) mm1:LockPage mm1:CheckOwn mm1:MovePage",
		"f1:Fault(v1,0) f1:AllocAnon(a1) f1:LockAnon f1:LinkChain f1:LinkList f1:UnlockAnon f1:MapPage mm1:Unmap(v1) mm1:LockArea mm1:ZapEntry",
	} {
		moves, err := m.ParseSchedule(text)
		require.NoError(t, err)
		s := Schedule{Model: m, Moves: moves}
		data, err := s.ITF()
		require.NoError(t, err)
		assert.Empty(t, invalid(data))
		assert.Contains(t, string(data), "MCRwsemRootFaulters.tla")
		f, err := ParseITF(data)
		require.NoError(t, err)
		assert.Equal(t, m.Bounds, *f.Bounds)
		again, err := f.Moves(m.Model)
		require.NoError(t, err)
		assert.Equal(t, moves, again)
	}
}
