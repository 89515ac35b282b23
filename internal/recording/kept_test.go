package recording_test

// The traces in testdata/traces: what the code did once, and what becomes of one that
// is not what the code did. -update records them again.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/recording"
	"github.com/rootlock/rootlock/spec"
)

var update = flag.Bool("update", false, "record testdata/traces again")

const kept = "../../testdata/traces"

// keptTraces are one of each protocol, and one that breaks a claim.
var keptTraces = []struct {
	protocol spec.Protocol
	model    string
	end      recording.End
	breaks   bool
}{
	{spec.OwnLock, "Recycle", recording.Rest, true},
	{spec.OwnLock, "Pins", recording.Rest, false},
	{spec.DeepestLock, "Neighbours", recording.Rest, false},
	{spec.RootPointer, "Recycle", recording.Rest, false},
	{spec.TrylockRetry, "Small", recording.Rest, false},
	{spec.WalkMutex, "Neighbours", recording.Rest, false},
	{spec.RefcountedRoot, "Full", recording.Rest, false},
}

func keptName(p spec.Protocol, model string, end recording.End) string {
	return filepath.Join(kept, fmt.Sprintf("%s-%s-%s.trace", p, model, end))
}

func TestKeptTraces(t *testing.T) {
	for _, k := range keptTraces {
		name := keptName(k.protocol, k.model, k.end)
		t.Run(filepath.Base(name), func(t *testing.T) {
			m := find(t, k.protocol, k.model)
			if *update {
				require.NoError(t, os.WriteFile(name, recordAgain(t, m, k.end, k.breaks).Text(m), 0o644))
			}
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			text = input.Lines(text)
			trace, err := recording.Parse(m, text)
			require.NoError(t, err)
			assert.Equal(t, string(text), string(trace.Text(m)))
			assert.Equal(t, k.end, trace.End)
			assert.GreaterOrEqual(t, len(trace.Events), 15)
			c := recording.NewChecker(m)
			if r := c.Check(trace); r != nil {
				t.Error(r)
			}
			if k.breaks {
				assert.True(t, breaks(t, m, trace))
			}
		})
	}
}

// breaks reports whether a trace breaks a claim.
func breaks(t *testing.T, m *spec.Model, trace *recording.Trace) bool {
	t.Helper()
	s, broken := m.Init(), false
	for _, e := range trace.Events {
		m.Apply(&s, e.Move)
		broken = broken || m.Check(&s) != 0
	}
	return broken
}

// recordAgain records until there is a trace with that end and with some concurrency,
// that breaks a claim if wanted.
func recordAgain(t *testing.T, m *spec.Model, end recording.End, broken bool) *recording.Trace {
	for seed := range uint64(100_000) {
		trace, err := recording.Record(m, seed)
		require.NoError(t, err)
		switches := 0
		for i := 1; i < len(trace.Events); i++ {
			if trace.Events[i].Move.Thread != trace.Events[i-1].Move.Thread {
				switches++
			}
		}
		if trace.End == end && len(trace.Events) >= 15 && len(trace.Events) <= 60 && switches >= 8 && (!broken || breaks(t, m, trace)) {
			return trace
		}
	}
	t.Fatalf("no trace of %s/%s ends with %s", m.Protocol, m.Name, end)
	return nil
}

// Every line of a trace matters: without it the trace is rejected, at that line or,
// for the values of an event, after it; cut off anywhere it is not a trace.
func TestEveryLineMatters(t *testing.T) {
	edits := 0
	for _, k := range keptTraces {
		m := find(t, k.protocol, k.model)
		text, err := os.ReadFile(keptName(k.protocol, k.model, k.end))
		require.NoError(t, err)
		c := recording.NewChecker(m)
		lines := bytes.SplitAfter(input.Lines(text), []byte("\n"))
		for i := range lines {
			if len(lines[i]) == 0 {
				continue
			}
			without := bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil)
			accepted(t, c, m, without, "without line %d", i+1)
			accepted(t, c, m, bytes.Join(lines[:i], nil), "lines 1 to %d", i)
			accepted(t, c, m, append(bytes.Join(lines[:i], nil), lines[i][:len(lines[i])/2]...), "cut off in line %d", i+1)
			edits += 3
		}
		accepted(t, c, m, nil, "an empty file")
	}
	assert.GreaterOrEqual(t, edits, 500)
}

// accepted complains if a text is read and accepted.
func accepted(t *testing.T, c *recording.Checker, m *spec.Model, text []byte, what string, args ...any) {
	t.Helper()
	trace, err := recording.Parse(m, text)
	var syntax *recording.SyntaxError
	if errors.As(err, &syntax) {
		return
	}
	require.NoError(t, err)
	if c.Check(trace) == nil {
		t.Errorf("%s/%s, %s: accepted", m.Protocol, m.Name, fmt.Sprintf(what, args...))
	}
}

// What is not a trace is refused with its line and the reason.
func TestParseRefuses(t *testing.T) {
	m := find(t, spec.RootPointer, "Recycle")
	head := "rootlock trace 1\nprotocol RootPointer\nmodel Recycle\nbounds b\n"
	for _, c := range []struct{ text, want, reason string }{
		{"", "line 0", "an empty file has no header"},
		{"rootlock trace 2\n", "line 1", "another version may mean something else"},
		{"rootlock trace 1\nmodel Recycle\n", "line 2", "the header has an order"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 1", "cut off", "a line ends with a newline, or it was longer"},
		{head + "1 w1:Walk(p1) -> ReadMapping 1\n", "want TICKET", "what the step acts upon is missing"},
		{head + "x w1:Walk(p1) 1 -> ReadMapping 1\n", "ticket", "tickets are numbers"},
		{head + "1 w1:Walk(p9) 1 -> ReadMapping 1\n", "these bounds have 1 to 2", "pages are the model's"},
		{head + "1 w7:Walk(p1) 1 -> ReadMapping 1\n", "unknown thread", "threads are the model's"},
		{head + "1 w1:Walk(p1) 1 -> Fly 1\n", "unknown step", "steps are the law's"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 300\n", "object", "objects are ids"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 1 | a7=true,1,0,0,-\n", "no such object", "objects are the model's"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 1 | a1=true,1,0,-\n", "want 4 values", "an anon_vma has four values and a list"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 1 | a1=yes,1,0,0,-\n", "want one of false, true", "words are the law's"},
		{head + "1 w1:Walk(p1) 1 -> ReadMapping 1 | a1=true,1,0,0,- a1=true,1,0,0,-\n", "twice", "one object changes once in a step"},
		{head + "end 1\n", "want end COUNT", "the footer says how it ended"},
		{head + "end -1 rest 0 0 0\n", "want end COUNT", "a count is not negative"},
		{head + "end 0 rest 0 0 0\nend 0 rest 0 0 0\n", "nothing follows", "there is one footer"},
	} {
		_, err := recording.Parse(m, []byte(c.text))
		require.Error(t, err, c.reason)
		assert.Contains(t, err.Error(), c.want, c.reason)
	}
}

// Recording refuses what it cannot record.
func TestRecordRefuses(t *testing.T) {
	_, err := recording.Record(find(t, spec.RootPointer, "Live"), 1)
	assert.ErrorContains(t, err, "take a model that counts operations")
	big, err := spec.NewModel(spec.RootPointer, "Big", spec.Bounds{MMs: 2, VMAs: 20, Objects: 20, Pages: 2, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 1, Ops: spec.AllOps()})
	require.NoError(t, err)
	_, err = recording.Record(big, 1)
	assert.ErrorContains(t, err, "take a smaller model")
}

// A step of the code that never happened is named, with what the law says there.
func Example() {
	m, err := models.Find(spec.RootPointer, "Recycle")
	if err != nil {
		panic(err)
	}
	text, err := os.ReadFile(filepath.Join(kept, "RootPointer-Recycle-rest.trace"))
	if err != nil {
		panic(err)
	}
	trace, err := recording.Parse(m.Model, input.Lines(text))
	if err != nil {
		panic(err)
	}
	c := recording.NewChecker(m.Model)
	fmt.Println("as recorded:", c.Check(trace) == nil)
	for i := range trace.Events { // a walker that does not look again under the lock
		if e := &trace.Events[i]; e.Move.Step == spec.LockRoot && e.Next == spec.RecheckMapped {
			e.Next = spec.NextEntry
			_, why, _ := strings.Cut(c.Check(trace).Error(), ": trace, ")
			_, why, _ = strings.Cut(why, ": ")
			fmt.Println(why)
			break
		}
	}
	// Output:
	// as recorded: true
	// SameNext is false: the next step of w1 is NextEntry in the trace, RecheckMapped in the law
}
