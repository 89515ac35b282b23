package tlc

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever stands in a configuration, it is read or refused shortly; what is read is
// written so that it is read again.
func FuzzParseConfig(f *testing.F) {
	f.Add("CONSTANTS\n A = {a1, \"x\", <<1, TRUE>>}\n B <- [M] C\nINIT I NEXT N INVARIANTS X Y!Z \\* more\n(* (* *) *) CHECK_DEADLOCK FALSE")
	f.Add("CONSTANT Foo = -42")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig(text)
		if err != nil {
			require.Less(t, len(err.Error()), 2_000)
			return
		}
		again, err := ParseConfig(c.String())
		require.NoError(t, err, c.String())
		require.Equal(t, c.String(), again.String())
	})
}

// Whatever TLC prints is understood, or an error of bounded length.
func FuzzReport(f *testing.F) {
	files, err := filepath.Glob("testdata/output/*")
	require.NoError(f, err)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data, 0)
		f.Add(data, 12)
	}
	f.Fuzz(func(t *testing.T, data []byte, code int) {
		r := &report{}
		s := newScanner(r)
		half := len(data) / 2
		_, _ = s.Write(data[:half])
		_, _ = s.Write(data[half:])
		s.close()
		if res, err := r.conclude(code, s.broken); err != nil {
			require.False(t, res.Verdict.Answered())
			_ = err.Error()
		}
	})
}

// Whatever a state looks like, it is read or refused shortly.
func FuzzState(f *testing.F) {
	f.Add("/\\ x = 1\n/\\ y = <<1, {a}, [b |-> 2]>>")
	f.Add("x = (1 :> 2 @@ 3 :> 4)")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := new(StateParser).State(text); err != nil {
			require.Less(t, len(err.Error()), 2_000)
		}
	})
}
