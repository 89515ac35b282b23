package tlc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rootlock/rootlock/internal/input"
)

// recordedExit are the exit codes that came with the recordings, where the
// verdict does not give them.
func recordedExit(m toyModel) int {
	switch {
	case m.options.Continue:
		return 0
	case m.want == ParseError:
		return 150
	case m.want == ConfigError:
		return 151
	case m.want == EvalError:
		return 75
	case m.want == NoInitialState:
		return 0
	}
	codes := exitCodes[m.want]
	return codes[len(codes)-1]
}

func recording(t testing.TB, m toyModel) (text string, properties []string) {
	data, err := os.ReadFile(filepath.Join("testdata/output", m.record()))
	require.NoError(t, err)
	return string(input.Lines(data)), listedProperties(filepath.Join("testdata/specs", m.config+".cfg"))
}

// replay concludes from text, written in pieces that end where cuts say.
func replay(text string, properties []string, exit int, cuts ...int) (*Result, error) {
	r := &report{properties: properties}
	s := newScanner(r)
	last := 0
	for _, c := range append(cuts, len(text)) {
		s.Write([]byte(text[last:c]))
		last = c
	}
	s.close()
	res, bad := r.conclude(exit, s.broken)
	if bad != nil {
		return res, bad
	}
	return res, nil
}

func TestRecordedOutput(t *testing.T) {
	for _, m := range toyModels {
		t.Run(m.record(), func(t *testing.T) {
			text, properties := recording(t, m)
			res, err := replay(text, properties, recordedExit(m))
			m.check(t, res, err)
		})
	}
}

func TestPiecesOfOutputDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(toyModels).Draw(t, "model")
		data, err := os.ReadFile(filepath.Join("testdata/output", m.record()))
		require.NoError(t, err)
		text := string(input.Lines(data))
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		cut2 := rapid.IntRange(cut, len(text)).Draw(t, "cut2")
		whole, _ := replay(text, nil, recordedExit(m))
		pieces, _ := replay(text, nil, recordedExit(m), cut, cut2)
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Fatalf("a result depends on how the output arrives: %s", diff)
		}
	})
}

// An output that was cut off must never give an answer.
func TestTruncatedOutputIsNoAnswer(t *testing.T) {
	cuts := 0
	for _, m := range toyModels {
		text, properties := recording(t, m)
		end := strings.LastIndex(text, "@!@!@STARTMSG 2186")
		for i := 0; i < end; i += 97 {
			cuts++
			res, err := replay(text[:i], properties, recordedExit(m))
			require.Error(t, err, "%s cut at %d", m.record(), i)
			require.False(t, res.Verdict.Answered(), "%s cut at %d", m.record(), i)
		}
	}
	assert.Greater(t, cuts, 500)
}

func TestContradictions(t *testing.T) {
	find := func(module, config string) toyModel {
		for _, m := range toyModels {
			if m.module == module && m.config == config {
				return m
			}
		}
		panic(config)
	}
	holds, invariant, lasso := find("Counter", "Holds"), find("Counter", "Invariant"), find("Counter", "Lasso")
	for _, row := range []struct {
		model    toyModel
		old, new string
		exit     int
		detail   string
		reason   string
	}{
		{holds, "", "", 12, "exit code 12", "messages hold, the exit code says violated"},
		{holds, "", "", 1, "exit code 1", "messages hold, the exit code says failure"},
		{holds, "MSG 2193", "MSG 9999", 0, "without saying that it is complete", "the message of success is missing"},
		{holds, "0 states left on queue", "7 states left on queue", 0, "7 states left", "success with states unexplored"},
		{holds, "MSG 2199", "MSG 9999", 0, "without saying that it is complete", "no final counts"},
		{holds, "18 states generated", "many states generated", 0, "final counts", "counts that are not numbers"},
		{holds, ">: 4:12", ">: often", 0, "coverage of an action", "coverage that is not numbers"},
		{holds, "ENDMSG 2193", "ENDMSG 2194", 0, "ended as 2194", "messages overlap"},
		{holds, "@!@!@STARTMSG 2193:0 @!@!@\n", "", 0, "without a start", "end without start"},
		{invariant, "", "", 0, "exit code 0 does not", "a violation without its exit code"},
		{invariant, "", "", 11, "exit code 11 does not", "a violation with another's exit code"},
		{invariant, "MSG 2217", "MSG 9999", 12, "no counterexample", "a violation without a trace"},
		{invariant, "1: <Initial", "3: <Initial", 12, "state 3 stands where state 1 should", "states out of order"},
		{invariant, "/\\ turn = left", "/\\ turn = [", 12, "state 1: variable turn", "a value that cannot be read"},
		{invariant, "/\\ turn = left", "/\\ x = 2", 12, "variable x twice", "a variable twice"},
		{lasso, "1: Back", "9: Back", 13, "back to state 9 of 4", "a lasso to nowhere"},
		{lasso, "1: Back", "Back", 13, "way back", "a lasso without a number"},
	} {
		text, properties := recording(t, row.model)
		changed := text
		if row.old != "" {
			changed = strings.ReplaceAll(text, row.old, row.new)
			require.NotEqual(t, text, changed, row.reason)
		}
		res, err := replay(changed, properties, row.exit)
		if assert.ErrorContains(t, err, row.detail, row.reason) {
			assert.Equal(t, Unknown, res.Verdict, row.reason)
		}
	}
}

func TestTraceContents(t *testing.T) {
	for _, m := range toyModels {
		text, properties := recording(t, m)
		res, _ := replay(text, properties, recordedExit(m))
		switch m.record() {
		case "Shapes.Deadlock.txt":
			v := res.Trace[2].Vars["v"]
			assert.Equal(t, KindRecord, v.Kind())
			i, _ := v.Field("int")
			assert.True(t, i.Equal(Int(1)))
			span, _ := v.Field("range")
			assert.Equal(t, "{1, 2, 3, 4}", span.String())
			fun, _ := v.Field("fun")
			assert.Equal(t, "(A :> 1 @@ B :> <<2>>)", fun.String())
			str, _ := v.Field("str")
			assert.Equal(t, Str(`a "quoted" \ text`), str)
			assert.Equal(t, "Step", res.Trace[2].Action)
		case "Counter.Lasso.txt":
			assert.Equal(t, []string{"ReachesMax", "StaysAtMax"}, res.Candidates)
			assert.Equal(t, []string{"", "Up", "Up", "Up"}, []string{res.Trace[0].Action, res.Trace[1].Action, res.Trace[2].Action, res.Trace[3].Action})
		case "Counter.Invariant.continue.txt":
			assert.Len(t, res.Others, 3)
			assert.Len(t, res.Others[2].Trace, 3)
		case "Refine.AbsSpec.txt":
			assert.Equal(t, "AbsInit", res.Conjunct)
		case "Refine.AbsStep.txt":
			assert.Equal(t, "line 11, col 21 to line 11, col 33 of module Refine", res.Where)
		case "Asserts.Asserts.txt":
			assert.Contains(t, res.Output, `<<"at", 2>>`)
		case "Eval.Eval.txt":
			assert.Len(t, res.Actions, 3, "disjuncts of Next apart")
			assert.Len(t, res.ActionTotals(), 2, "disjuncts of Next together")
		}
	}
}

func TestManyViolationsStayBounded(t *testing.T) {
	one := "@!@!@STARTMSG 2110:1 @!@!@\nInvariant I is violated.\n@!@!@ENDMSG 2110 @!@!@\n" +
		"@!@!@STARTMSG 2217:4 @!@!@\n1: <Initial predicate>\nx = 1\n\n@!@!@ENDMSG 2217 @!@!@\n"
	end := "@!@!@STARTMSG 2186:0 @!@!@\nFinished in 1h 02min 3s 4ms at (now)\n@!@!@ENDMSG 2186 @!@!@\n"
	res, err := replay(strings.Repeat(one, 5*maxOthers)+end, nil, 12)
	require.NoError(t, err)
	assert.Equal(t, 5*maxOthers, res.Violations)
	require.Len(t, res.Others, maxOthers)
	assert.Len(t, res.Others[maxOthers-1].Trace, 1)
	assert.InDelta(t, 3723.004, res.Seconds, 1e-9)
}
