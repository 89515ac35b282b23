package recording

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
)

func installation(t *testing.T) tlc.Installation {
	t.Helper()
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
			t.Fatal(err)
		}
		t.Skip("without TLC: ", err)
	}
	return in
}

func TestTLCSmoke(t *testing.T) {
	in := installation(t)
	for _, p := range spec.Protocols() {
		m, err := models.Find(p, "Recycle")
		require.NoError(t, err)
		var traces []*Trace
		steps := 0
		for seed := range uint64(50) {
			tr, err := Record(m.Model, seed)
			require.NoError(t, err)
			traces = append(traces, tr)
			steps += len(tr.Events)
		}
		start := time.Now()
		verdicts, res, err := Ask(t.Context(), m.Model, traces, in)
		if err != nil {
			t.Log(res)
		}
		require.NoError(t, err)
		t.Log(p, steps, time.Since(start), res.Distinct)
		for i, v := range verdicts {
			require.Equal(t, Verdict{len(traces[i].Events), true}, v)
		}
	}
}
