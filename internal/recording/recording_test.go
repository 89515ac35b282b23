package recording

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

func TestSmoke(t *testing.T) {
	for _, p := range spec.Protocols() {
		for _, name := range []string{"Recycle", "Small", "Pins", "Neighbours", "Map", "Full"} {
			m, err := models.Find(p, name)
			require.NoError(t, err)
			c := NewChecker(m.Model)
			steps, crashes, rejected, switches := 0, 0, 0, 0
			for seed := range uint64(300) {
				tr, err := Record(m.Model, seed)
				require.NoError(t, err)
				text := tr.Text(m.Model)
				back, err := Parse(m.Model, text)
				require.NoError(t, err, "%s", text)
				require.Equal(t, tr, back)
				steps += len(tr.Events)
				if tr.End == Crash {
					crashes++
				}
				for i := 1; i < len(tr.Events); i++ {
					if tr.Events[i].Move.Thread != tr.Events[i-1].Move.Thread {
						switches++
					}
				}
				if rej := c.Check(tr); rej != nil {
					rejected++
					t.Errorf("%s: %v\n%s", m.FullName(), rej, text)
					return
				}
			}
			t.Log(m.FullName(), "steps", steps, "crashes", crashes, "rejected", rejected, "switches", switches)
		}
	}
}
