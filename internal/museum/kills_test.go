package museum

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// Every claim, and every part of one, is broken by a mistake of the museum, or it is on
// record why none can break it. The explorer alone is asked: of each mistake, in its model.
func TestEveryPartIsKilled(t *testing.T) {
	if !deep.Asked() {
		t.Skip("explores every mistake; " + deep.Variable + "=1 and rootlock museum ask for it")
	}
	results := slices.DeleteFunc(slices.Clone(shown(t)), func(r *Result) bool { return r.Entry.Kind != Mistake })
	require.Greater(t, len(results), 30)
	for _, r := range results {
		assert.NotEmpty(t, r.Broken, r.Entry.Name)
	}
	why, err := ReadUnkilled(os.DirFS(root + "/" + Dir))
	require.NoError(t, err)
	rows := KillMatrix(results)
	require.Greater(t, len(rows), 40)
	for _, k := range rows {
		switch killed := len(k.Kills) > 0; {
		case why[k.Name()] == "":
			assert.True(t, killed, "no mistake breaks %s: nothing shows that it can fail; add an entry, or a reason to %s", k.Name(), UnkilledFile)
		default:
			assert.False(t, killed, "%s says of %s: %s; but %s breaks it", UnkilledFile, k.Name(), why[k.Name()], strings.Join(k.Kills, ", "))
		}
		for _, sole := range k.Sole {
			assert.Contains(t, k.Kills, sole, k.Name())
		}
	}
}

func TestReadUnkilled(t *testing.T) {
	read := func(text string) (map[string]string, error) {
		return ReadUnkilled(fstest.MapFS{UnkilledFile: {Data: []byte(text)}})
	}
	why, err := read("# why\n\nOneRoot.SameTail: it may not\nLockSucceeds: nor this\n")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"OneRoot.SameTail": "it may not", "LockSucceeds": "nor this"}, why)
	for _, c := range []struct{ reason, text, want string }{
		{"no reason", "\nOneRoot.SameTail:", "unkilled.txt:2: no reason"},
		{"twice", "OneRoot: a\nOneRoot: b", "unkilled.txt:2: OneRoot stands there twice"},
		{"unknown", "OneRoot.Tails: a", `unkilled.txt:1: no claim has a part "OneRoot.Tails"`},
	} {
		_, err := read(c.text)
		assert.ErrorContains(t, err, c.want, c.reason)
	}
}
