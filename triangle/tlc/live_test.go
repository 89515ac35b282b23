package tlc

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/deep"
)

var update = flag.Bool("update", false, "record testdata/output anew, by running TLC")

// helperVariable, when set, makes the test program a parent to be killed.
const helperVariable = "ROOTLOCK_TLC_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		helperProcess()
	}
	goleak.VerifyTestMain(m)
}

// quickStart is for runs too short to be worth compiling.
var quickStart = []string{"-XX:TieredStopAtLevel=1"}

var hostFacts = regexp.MustCompile(`( and seed \S+| with seed \S+)? with 1 worker .*`)

func TestLiveModels(t *testing.T) {
	in := Need(t)
	all := *update || deep.Asked()
	for _, m := range toyModels {
		if m.record() != "Broken.Broken.txt" && !all {
			continue // the recordings have the rest
		}
		t.Run(m.record(), func(t *testing.T) {
			t.Parallel()
			o := m.options
			o.Installation, o.Files, o.Module, o.Config = in, specs(t), m.module, m.config
			o.Workers, o.HeapMB, o.JVM = 1, 256, quickStart
			var raw bytes.Buffer
			o.rawOutput = &raw
			var progress []Progress
			o.Progress = func(p Progress) { progress = append(progress, p) }
			res, err := Run(t.Context(), o)
			m.check(t, res, err)
			ended(t, res, progress)
			if *update {
				text := hostFacts.ReplaceAllString(raw.String(), " (host)")
				text = regexp.MustCompile(`\S*/rootlock-tlc-\d+/`).ReplaceAllString(text, "")
				require.NoError(t, os.WriteFile(filepath.Join("testdata/output", m.record()), []byte(text), 0o644))
			}
		})
	}
}

// ended checks that the last that was told on the way is the result.
func ended(t *testing.T, res *Result, progress []Progress) {
	if res.Counted && len(progress) > 0 {
		last := progress[len(progress)-1]
		assert.Equal(t, res.Generated, last.Generated)
		assert.Equal(t, res.Distinct, last.Distinct)
	}
}

func TestLiveHeap(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a start of Java; " + deep.Variable + "=1 asks for it")
	}
	res, err := Run(t.Context(), Options{Installation: Need(t), Files: specs(t), Module: "Heap", HeapMB: 32, Workers: 1, JVM: quickStart})
	var bad *RunError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, OutOfMemory, bad.Verdict)
	assert.Equal(t, OutOfMemory, res.Verdict)
	assert.Contains(t, bad.Remedy, "HeapMB")
}

func TestLiveDump(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a start of Java, and whoever compares a graph asks for one; " + deep.Variable + "=1 asks for it")
	}
	in := Need(t)
	path := filepath.Join(t.TempDir(), "graph.dot")
	m := toyModels[0]
	require.Equal(t, "Counter.Holds.txt", m.record())
	var progress []Progress
	res, err := Run(t.Context(), Options{Installation: in, Files: specs(t), Module: m.module, Config: m.config, Workers: 1, HeapMB: 256, JVM: quickStart, DumpDOT: path,
		Progress: func(p Progress) { progress = append(progress, p) }})
	m.check(t, res, err)
	ended(t, res, progress)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	nodes := regexp.MustCompile(`(?m)^(-?\d+) \[label=`).FindAllStringSubmatch(string(text), -1)
	distinct := map[string]bool{}
	for _, n := range nodes {
		distinct[n[1]] = true
	}
	assert.Len(t, distinct, int(res.Distinct))
	assert.Contains(t, string(text), `[label="Up"`)
}

func TestLiveOverlay(t *testing.T) {
	in := Need(t)
	text, err := os.ReadFile("testdata/specs/Holds.cfg")
	require.NoError(t, err)
	cfg, err := ParseConfig(string(text))
	require.NoError(t, err)
	changed := cfg.WithInvariants("BelowTwo").WithProperties().WithReplacement("Reset", "Never")
	res, err := Run(t.Context(), Options{Installation: in, Files: specs(t), Workers: 2, JVM: quickStart, Module: "Counter.tla", Config: "Made.cfg",
		Overlay: map[string][]byte{"Made.cfg": []byte(changed.String())}})
	require.NoError(t, err)
	assert.Equal(t, InvariantViolated, res.Verdict)
	assert.Equal(t, "BelowTwo", res.Name)
	assert.Positive(t, res.ActionTotals()["Up"].Generated)
}

func TestLiveUserJar(t *testing.T) {
	if !deep.Asked() {
		t.Skip("a start of Java, and the command's own script asks the same; " + deep.Variable + "=1 asks for it")
	}
	in := Need(t)
	f := Finder{CacheDir: t.TempDir(), Offline: true, getenv: environment(map[string]string{"TLA2TOOLS_JAR": in.Jar})}
	own, err := f.Find(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "TLA2TOOLS_JAR", own.JarSource)
	assert.True(t, strings.HasPrefix(own.TLCVersion, "Version 2."), own.TLCVersion)
}

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// The smallest module on which the pinned TLC misses a violation with two workers, now and
// then: it is not asked so.
func TestLivenessWithSeveralWorkers(t *testing.T) {
	o := Options{Installation: Installation{Java: "java", Jar: "tla2tools.jar"}, Module: "M", Workers: 2, Overlay: map[string][]byte{
		"M.tla": []byte("---- MODULE M ----\nVARIABLE x\nInit == x = FALSE\nNext == x' \\in BOOLEAN\nAtMostOnce == [](x => [](~x => []~x))\n====\n"),
		"M.cfg": []byte("INIT Init\nNEXT Next\nPROPERTY AtMostOnce\n")}}
	_, err := Run(t.Context(), o)
	assert.ErrorContains(t, err, "temporal properties need Workers: 1")
	o.Workers = 0
	_, err = Run(t.Context(), o)
	assert.ErrorContains(t, err, "temporal properties need Workers: 1")
	if !deep.Asked() {
		return
	}
	o.Workers, o.Installation, o.JVM = 1, Need(t), quickStart
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, PropertyViolated, r.Verdict)
}
