package recording

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// Whatever stands in a trace, it is read or refused shortly; what is read is checked
// without a panic, and written again as it was read.
func FuzzParse(f *testing.F) {
	m, err := models.Find(spec.RootPointer, "Small")
	require.NoError(f, err)
	t, err := Record(m.Model, 1)
	require.NoError(f, err)
	f.Add(string(t.Text(m.Model)))
	f.Add(Magic + "\nprotocol RootPointer\nmodel Small\nbounds x\n1 w1:Walk(p1) 1 -> LockPage 1 | a1=true,1,0,3,1.2\nend 1 rest 0 0 1\n")
	f.Add(Magic)
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := Header(text); err != nil {
			require.Less(t, len(err.Error()), 3_000)
		}
		trace, err := Parse(m.Model, []byte(text))
		if err != nil {
			require.Less(t, len(err.Error()), 3_000)
			return
		}
		if r := NewChecker(m.Model).Check(trace); r != nil {
			_ = r.Error()
		}
		again, err := Parse(m.Model, trace.Text(m.Model))
		require.NoError(t, err, strings.ToValidUTF8(text, "?"))
		require.Equal(t, trace, again)
	})
}
