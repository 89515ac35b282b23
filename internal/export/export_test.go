package export

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/tlc"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // little lives, and much is made
	os.Exit(m.Run())
}

var update = flag.Bool("update", false, "rewrite testdata; read the difference")

func kept(t *testing.T, name string) *Schedule {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/schedules", name+".txtar"))
	require.NoError(t, err)
	c, err := engine.ParseCase(name, txtar.Parse(data))
	require.NoError(t, err)
	p, err := spec.ProtocolByName(c.Protocol)
	require.NoError(t, err)
	m, err := models.Find(p, c.Model)
	require.NoError(t, err)
	return schedule(t, m, c.Schedule, c.Violated)
}

func schedule(t *testing.T, m *models.Model, text, claim string) *Schedule {
	t.Helper()
	sch, err := m.ParseSchedule(text)
	require.NoError(t, err)
	w, err := watch.Observe(m.Model, sch)
	require.NoError(t, err)
	chief := watch.Chief(w.Breaks(), len(sch), claim)
	if spec.IsTemporal(claim) {
		chief = w.Loop(explore.WeakThreads)
	}
	return &Schedule{Model: m, Moves: sch, Break: chief}
}

func TestGolden(t *testing.T) {
	s := kept(t, "freed-leaf")
	for _, format := range Formats() {
		got, err := s.As(format)
		require.NoError(t, err, format)
		path := filepath.Join("testdata", "freed-leaf."+strings.Replace(format, "itf", "itf.json", 1))
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(input.Lines(want)), string(got), "%s is stale: go test ./internal/export -update", path)
	}
	_, err := s.As("pdf")
	assert.ErrorContains(t, err, "the formats are tla, itf, json, go, mermaid, svg")
}

// What JSON says of a schedule is that schedule.
func TestJSON(t *testing.T) {
	for _, name := range names(t) {
		s := kept(t, name)
		data, err := s.JSON()
		require.NoError(t, err)
		var d document
		require.NoError(t, json.Unmarshal(data, &d))
		p, err := spec.ProtocolByName(d.Protocol)
		require.NoError(t, err)
		m, err := models.Find(p, d.Model)
		require.NoError(t, err)
		sch, err := m.ParseSchedule(d.Schedule)
		require.NoError(t, err)
		assert.Equal(t, s.Moves, sch, name)
		assert.Len(t, d.Steps, len(sch))
		if s.Break != nil {
			assert.Equal(t, s.Break.Claim, d.Violated)
		}
	}
}

func names(t *testing.T) (list []string) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/schedules/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 15)
	for _, path := range paths {
		list = append(list, strings.TrimSuffix(filepath.Base(path), ".txtar"))
	}
	return list
}

// Every test compiles; that of a schedule that breaks a claim fails because of it, and
// that of another passes.
func TestGoTest(t *testing.T) {
	dir := t.TempDir()
	replace := map[string]string{}
	project, err := filepath.Abs("../..")
	require.NoError(t, err)
	add := func(name string, s *Schedule) {
		text, err := s.Go()
		require.NoError(t, err)
		path := filepath.Join(dir, name+"_test.go")
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), "package properties", "package exported", 1)), 0o600))
		replace[filepath.Join(project, "internal", "export", "exported", name+"_test.go")] = path
	}
	add("breaks", kept(t, "freed-leaf"))
	add("keeps", kept(t, "walk-excludes-split"))
	add("wide", kept(t, "boundary-without-lock"))
	b := kept(t, "freed-leaf").Model.Bounds
	b.Objects = 3
	m, err := spec.NewModel(spec.WalkMutex, "custom", b)
	require.NoError(t, err)
	add("custom", schedule(t, &models.Model{Model: m, Config: &tlc.Config{}}, "w1:Walk(p1) w1:LockWalks", ""))
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	path := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(path, overlay, 0o600))
	binary := filepath.Join(dir, "exported.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-c", "-o", binary, "-overlay", path, "./internal/export/exported")
	build.Dir = project
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.CommandContext(t.Context(), binary, "-test.v").CombinedOutput()
	assert.Error(t, err, "%s", out)
	text := string(out)
	assert.Contains(t, text, "--- FAIL: TestOwnLockNoBadFree")
	assert.Contains(t, text, "NoBadFree is violated: FreesUnreferred is false")
	assert.Contains(t, text, "--- PASS: TestDeepestLockSchedule")
	assert.Contains(t, text, "--- FAIL: TestRootPointerNoMissedMapping")
	assert.Contains(t, text, "--- PASS: TestWalkMutexSchedule")
}

// TLC follows the module to its end and reports the claim; it does not follow a
// module in which a move was left out.
func TestTLA(t *testing.T) {
	in := tlc.Need(t)
	run := func(s *Schedule) *tlc.Result {
		data, err := s.TLA()
		require.NoError(t, err)
		overlay := map[string][]byte{}
		for _, f := range txtar.Parse(data).Files {
			overlay[f.Name] = f.Data
		}
		res, err := tlc.Run(t.Context(), tlc.Options{Installation: in, Files: tla.FS, Overlay: overlay, Module: "Replay", Config: "Replay.cfg", Workers: 1, NoCounts: true, JVM: []string{"-XX:TieredStopAtLevel=1"}})
		require.NoError(t, err)
		return res
	}
	for name, claim := range map[string]string{"freed-leaf": "NoBadFree", "recycled-leaf": "NoRecycledTrusted", "walk-excludes-split": "Unfinished", "root-freed-first": "RootFreedLast"} {
		if claim != "NoBadFree" && !deep.Asked() { // each is a run of TLC
			continue
		}
		s := kept(t, name)
		res := run(s)
		assert.Equal(t, tlc.InvariantViolated, res.Verdict, name)
		assert.Equal(t, claim, res.Name, name)
		if assert.NotEmpty(t, res.Trace) {
			assert.Len(t, res.Trace, len(s.Moves)+1, "%s: to the end", name)
		}
	}
	_, err := kept(t, "boundary-without-lock").TLA()
	assert.ErrorContains(t, err, "is of the wide world")
	if !deep.Asked() {
		return
	}
	s := kept(t, "freed-leaf")
	s.Moves = append(s.Moves[:5:5], s.Moves[6:]...)
	assert.Equal(t, tlc.Holds, run(s).Verdict, "it goes no further than the move that is missing")
	first, err := models.Find(spec.RwsemRoot, "First") // with a second thread, and UFFDIO_MOVE
	require.NoError(t, err)
	moves, err := first.ParseSchedule("mm1:Fault(v1,0) f1:Fault(v1,1) mm1:AllocAnon(a1) f1:AllocAnon(a2) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon " +
		"f1:LockAnon f1:LinkChain f1:UnlockAnon f1:PutAnon f1:CheckUnlocked f1:FreeAnon f1:MapPage mm1:MapPage")
	require.NoError(t, err)
	second := &Schedule{Model: first, Moves: moves}
	assert.Len(t, run(second).Trace, len(moves)+1, "to the end")
	moves, err = first.ParseSchedule("mm1:Fault(v1,0) mm1:AllocAnon(a1) mm1:LockAnon mm1:LinkChain mm1:LinkList mm1:UnlockAnon mm1:MapPage f1:UffdMove(0,1) f1:LockPage f1:CheckOwn " +
		"f1:MovePage f1:StoreIndex f1:MoveEntry f1:UnlockPage")
	require.NoError(t, err)
	second.Moves = moves
	assert.Len(t, run(second).Trace, len(moves)+1, "to the end")
}

// A diagram has the form that Mermaid reads: participants, messages between them,
// activations that end, notes.
func TestMermaid(t *testing.T) {
	for _, name := range names(t) {
		s := kept(t, name)
		data, err := s.Mermaid()
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		require.Equal(t, "sequenceDiagram", lines[0])
		known, active, steps := map[string]bool{}, map[string]int{}, 0
		for _, line := range lines[1:] {
			line = strings.TrimSpace(line)
			head, text, _ := strings.Cut(line, ": ")
			words := strings.Fields(head)
			switch {
			case strings.HasPrefix(line, "%%"):
			case words[0] == "participant":
				known[words[1]] = true
			case words[0] == "Note":
				assert.Equal(t, "over", words[1])
				assert.True(t, known[words[2]], line)
				steps++
			case strings.Contains(head, "->>+"):
				from, to, _ := strings.Cut(head, "->>+")
				assert.True(t, known[from] && known[to], line)
				active[to]++
				steps++
			case strings.Contains(head, "-->>-"):
				from, to, _ := strings.Cut(head, "-->>-")
				assert.True(t, known[from] && known[to], line)
				active[from]--
				assert.GreaterOrEqual(t, active[from], 0, line)
				steps++
			default:
				t.Errorf("%s: %q", name, line)
			}
			if !strings.HasPrefix(line, "%%") {
				assert.NotContains(t, text, "<", line)
			}
		}
		want := len(s.Moves)
		if s.Break != nil {
			want++
		}
		assert.Equal(t, want, steps, name)
	}
}
