package ledger

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/tlc"
)

func result() Result {
	return Result{World: "small", Engine: Explorer, Found: Found{Distinct: 58, Generated: 71, Depth: 23,
		Claims:   map[string]Verdict{"InBounds": Holds, law.NoDeadlock: Violated},
		Shortest: map[string]int{law.NoDeadlock: 36}, Steps: map[string]uint64{"Put": 5, "Get": 7}}}
}

func changed(change func(*Result)) Result {
	r := result()
	r.Claims, r.Steps, r.Shortest = maps.Clone(r.Claims), maps.Clone(r.Steps), maps.Clone(r.Shortest)
	change(&r)
	return r
}

// spy is a test that is told and does not fail.
type spy struct {
	testing.TB
	failed, logged string
}

func (s *spy) Helper()                        {}
func (s *spy) Name() string                   { return "TestSpy/sub" }
func (s *spy) Logf(format string, a ...any)   { s.logged += fmt.Sprintf(format, a...) + "\n" }
func (s *spy) Errorf(format string, a ...any) { s.failed += fmt.Sprintf(format, a...) + "\n" }
func (s *spy) Fatal(a ...any)                 { s.Errorf("%s", fmt.Sprint(a...)); runtime.Goexit() }
func (s *spy) Fatalf(format string, a ...any) { s.Errorf(format, a...); runtime.Goexit() }

// checked is what Check says.
func checked(t *testing.T, path string, results ...Result) *spy {
	s := &spy{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		Check(s, path, results...)
	}()
	<-done
	return s
}

func recorded(t *testing.T, results ...Result) (path string) {
	path = filepath.Join(t.TempDir(), "ledger.json")
	t.Setenv(Variable, "1")
	s := checked(t, path, results...)
	require.Empty(t, s.failed)
	assert.Contains(t, s.logged, "is written anew")
	t.Setenv(Variable, "")
	return path
}

// Every kind of difference is told, in one sentence, with what to do.
func TestEveryDifference(t *testing.T) {
	path := recorded(t, result())
	s := checked(t, path, result())
	assert.Empty(t, s.failed)
	assert.Contains(t, s.logged, "as "+path+" expects: small explorer\n")
	for _, test := range []struct {
		change func(*Result)
		want   string
	}{
		{func(r *Result) { r.Claims[law.NoDeadlock] = Holds; r.Shortest = nil }, "small explorer: NoDeadlock: violated (36 steps), now holds"},
		{func(r *Result) { r.Shortest[law.NoDeadlock] = 40 }, "small explorer: NoDeadlock: violated (36 steps), now violated (40 steps)"},
		{func(r *Result) { r.Claims["InBounds"], r.Shortest["InBounds"] = Violated, 0 }, "small explorer: InBounds: holds, now violated (0 steps)"},
		{func(r *Result) { r.Claims["InBounds"] = NotChecked }, "small explorer: InBounds: holds, now not checked"},
		{func(r *Result) { delete(r.Claims, "InBounds") }, "small explorer: InBounds: holds, now not claimed"},
		{func(r *Result) { r.Claims["Fair"] = Holds }, "small explorer: claim Fair is not in the ledger (found: holds)"},
		{func(r *Result) { r.Distinct = 8 }, "small explorer: distinct states shrank from 58 to 8"},
		{func(r *Result) { r.Generated = 99 }, "small explorer: generated states grew from 71 to 99"},
		{func(r *Result) { r.Depth = 22 }, "small explorer: depth shrank from 23 to 22"},
		{func(r *Result) { delete(r.Steps, "Put") }, "small explorer: step Put never fired; expected 5 times"},
		{func(r *Result) { r.Steps["Put"] = 6 }, "small explorer: step Put fired 6 times; expected 5"},
		{func(r *Result) { r.Steps["Wait"] = 1 }, "small explorer: step Wait fired 1 times and is not in the ledger"},
		{func(r *Result) { r.World = "large" }, "large explorer is not in the ledger\nsmall explorer is expected and has no result"},
	} {
		s := checked(t, path, changed(test.change))
		assert.Equal(t, fmt.Sprintf("%s expects something else:\n%s\nIf that is meant, record it: TRIANGLE_UPDATE=1 go test -run '^TestSpy$'\n", path, test.want), s.failed)
	}
	s = checked(t, path)
	assert.Contains(t, s.failed, "no results: nothing can be compared")
	s = checked(t, path, result(), result())
	assert.Contains(t, s.failed, "there are two results for small explorer")
	s = checked(t, path, Result{World: "empty", Engine: Explorer})
	assert.Contains(t, s.failed, `the result "empty explorer": it lacks states`)
}

// Without Java the entries of TLC stay, in the comparison and in a new file.
func TestAnEngineThatIsNotThere(t *testing.T) {
	both := []Result{result(), changed(func(r *Result) { r.Engine = TLC })}
	path := recorded(t, both...)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	s := checked(t, path, result())
	assert.Empty(t, s.failed)
	assert.Contains(t, s.logged, "left as it was, since no result is of tlc: small tlc\n")
	t.Setenv(Variable, "1")
	assert.Empty(t, checked(t, path, result()).failed)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

// A file that is not there or not as it was written is told, with its line and what to do.
// Recording replaces it.
func TestBadFile(t *testing.T) {
	path := recorded(t, result(), changed(func(r *Result) { r.World = "large" }))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(data)
	for _, test := range []struct {
		text, want string
	}{
		{text[:40], "line 2: unexpected EOF"},
		{"{\n \"packages\": []}", `line 2: json: unknown field "packages"`},
		{strings.Replace(text, `"violated"`, `"violatde"`, 1), `line 5: entry 1 (large explorer): NoDeadlock: "violatde" is no verdict`},
		{strings.Replace(text, `"world": "small"`, `"world": "large"`, 1), "line 23: entry 2 (large explorer): it stands there twice"},
		{strings.Replace(text, `"depth": 23`, "\"depth\": 22,\n      \"depth\": 23", 1), "line 9: from here on it was edited"},
		{strings.Replace(text, `"depth"`, `"Depth"`, 1), "line 9: from here on it was edited"},
	} {
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o600))
		s := checked(t, path, result())
		assert.Contains(t, s.failed, path+", "+test.want)
		assert.Contains(t, s.failed, "restore it (git checkout -- "+path+") or write it anew (TRIANGLE_UPDATE=1 go test -run '^TestSpy$')")
	}
	t.Setenv("TRIANGLE_MUSEUM", "AMistake")
	t.Setenv(Variable, "1")
	assert.NotEmpty(t, checked(t, path, result()).failed, "a mistake that is shown is never recorded")
	t.Setenv("TRIANGLE_MUSEUM", "")
	assert.Empty(t, checked(t, path, result()).failed)
	t.Setenv(Variable, "")
	assert.Empty(t, checked(t, path, result()).failed)
	absent := filepath.Join(t.TempDir(), "absent.json")
	assert.Contains(t, checked(t, absent, result()).failed, "there is no ledger at "+absent+": write it (TRIANGLE_UPDATE=1 go test")
	t.Setenv(Variable, "1")
	assert.Contains(t, checked(t, filepath.Join(absent, "ledger.json"), result()).logged, "is written anew", "with its folder")
	assert.Contains(t, checked(t, filepath.Join(path, "ledger.json"), result()).failed, "not a directory", "below a file")
}

// A test's own flag -update records, too.
func TestFlag(t *testing.T) {
	all := flag.CommandLine
	defer func() { flag.CommandLine = all }()
	flag.CommandLine = flag.NewFlagSet("test", flag.ContinueOnError)
	update := flag.Bool("update", false, "")
	path := filepath.Join(t.TempDir(), "ledger.json")
	assert.Contains(t, checked(t, path, result()).failed, "write it (go test -run '^TestSpy$' -update)")
	*update = true
	assert.Contains(t, checked(t, path, result()).logged, "is written anew")
	*update = false
	assert.Empty(t, checked(t, path, result()).failed)
}

// A clock has ten states; it stops at the last.
type clock struct{ law.Law[uint8, law.Move] }

func (clock) Initial() []uint8 { return []uint8{0} }
func (clock) Moves(s *uint8, buf []law.Move) []law.Move {
	if *s < 9 {
		buf = append(buf, law.Move{Thread: 1, Step: 1})
	}
	return buf
}
func (clock) Apply(s *uint8, _ law.Move) { *s++ }
func (clock) Rest(*uint8) bool           { return false }
func (clock) Claims() []string           { return []string{"Small"} }
func (clock) Check(s *uint8) law.Claims  { return law.Claims(*s >> 2 & 1) }
func (clock) Steps() []string            { return []string{"Idle", "Tick"} }
func (clock) Step(mv law.Move) int       { return int(mv.Step) }
func (clock) Thread(law.Move) int        { return 1 }
func (clock) Format(law.Move) string     { return "c:Tick" }

func TestExplored(t *testing.T) {
	x, err := explore.Explore(t.Context(), clock{}, explore.Options{})
	require.NoError(t, err)
	assert.Equal(t, Result{World: "clock", Engine: Explorer, Found: Found{Distinct: 10, Generated: 10, Depth: 10,
		Claims:   map[string]Verdict{"Small": Violated, law.TypeOK: Holds, law.NoDeadlock: Violated},
		Shortest: map[string]int{"Small": 4, law.NoDeadlock: 9}, Steps: map[string]uint64{"Tick": 9}}}, Explored("clock", clock{}, x))
	x, err = explore.Explore(t.Context(), clock{}, explore.Options{MaxStates: 3})
	require.NoError(t, err)
	assert.Equal(t, map[string]Verdict{"Small": NotChecked, law.TypeOK: NotChecked, law.NoDeadlock: NotChecked}, Explored("clock", clock{}, x).Claims, "cut short")
}

func TestAnswered(t *testing.T) {
	claims := []string{"InBounds", law.NoDeadlock}
	res := &tlc.Result{Finding: tlc.Finding{Verdict: tlc.Holds}, Distinct: 5, Generated: 9, Depth: 4, Actions: []tlc.ActionCount{{Name: "Init", Init: true, Generated: 1}, {Name: "Put", Generated: 3}, {Name: "Put", Generated: 5}, {Name: "Get"}}}
	assert.Equal(t, Found{Distinct: 5, Generated: 9, Depth: 4, Claims: map[string]Verdict{"InBounds": Holds, law.NoDeadlock: Holds}, Steps: map[string]uint64{"Put": 8}}, Answered("w", claims, res).Found)
	res.Verdict, res.Trace = tlc.Deadlock, make([]tlc.TraceState, 3)
	assert.Equal(t, Found{Distinct: 5, Generated: 9, Depth: 4, Claims: map[string]Verdict{"InBounds": NotChecked, law.NoDeadlock: Violated}, Shortest: map[string]int{law.NoDeadlock: 2}}, Answered("w", claims, res).Found)
	res.Verdict, res.Name = tlc.PropertyViolated, "Ends"
	assert.Equal(t, map[string]Verdict{"InBounds": NotChecked, law.NoDeadlock: NotChecked, "Ends": Violated}, Answered("w", claims, res).Claims)
}
