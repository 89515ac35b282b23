package properties

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// Every schedule worth keeping runs on model and implementation in lockstep, and
// breaks the claim that its case names, or none.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("../testdata/schedules/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 7)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			c := readCase(t, path)
			p, err := spec.ProtocolByName(c.Protocol)
			require.NoError(t, err)
			m, err := models.Find(p, c.Model)
			require.NoError(t, err)
			sch, err := m.ParseSchedule(c.Schedule)
			require.NoError(t, err)
			run, err := lockstep.New(m.Model)
			require.NoError(t, err)
			defer func() { require.NoError(t, run.Close()) }()
			var violated spec.ClaimSet
			seen := watch.New(m.Model)
			for _, mv := range sch {
				require.True(t, m.Enabled(run.State(), mv), "%s: %s", m.Format(mv), m.WhyNot(run.State(), mv))
				require.NoError(t, run.Do(mv))
				violated |= m.Check(run.State())
				seen.See(mv, run.State())
			}
			if b := seen.Loop(explore.WeakThreads | explore.StrongLocks); b != nil {
				c, err := spec.ClaimByName(b.Claim)
				require.NoError(t, err)
				violated |= c.Set()
			}
			want := spec.ClaimSet(0)
			if c.Violated != "" {
				claim, err := spec.ClaimByName(c.Violated)
				require.NoError(t, err)
				want = claim.Set()
			}
			assert.Equal(t, want, violated&want, "the case names %q", c.Violated)
			if want == 0 {
				assert.Zero(t, violated)
			}
		})
	}
}

func readCase(t *testing.T, path string) *engine.Case {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	c, err := engine.ParseCase(path, txtar.Parse(data))
	require.NoError(t, err)
	return c
}
