package quote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClip(t *testing.T) {
	assert.Equal(t, "short", Clip("short"))
	long := Clip(strings.Repeat("ä", 1000))
	assert.True(t, utf8.ValidString(long))
	assert.True(t, strings.HasSuffix(long, "ä... (2000 bytes in all)"), long)
	assert.Less(t, len(long), 240)
}

func TestVisible(t *testing.T) {
	for _, row := range []struct{ text, visible, line string }{
		{"plain ä € 𝄞", "plain ä € 𝄞", "plain ä € 𝄞"},
		{"two\nlines\tand a tab", "two\nlines\tand a tab", `two\nlines\tand a tab`},
		{"\x1b[2J\a\x7f\r", `\x1b[2J\x07\x7f\r`, `\x1b[2J\x07\x7f\r`},
		{"\u009b31m", `\u009b31m`, `\u009b31m`},
		{"\u202egnp.exe", `\u202egnp.exe`, `\u202egnp.exe`},
		{"a\xffb\ufffd", `a\xffb` + "\ufffd", `a\xffb` + "\ufffd"},
	} {
		assert.Equal(t, row.visible, Visible(row.text))
		assert.Equal(t, row.line, Line(row.text))
	}
}

func TestArguments(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, arg := range []string{long, "a\nb", "--model=" + long, "\x1b[31m"} {
		_, value, ok := strings.Cut(arg, "=")
		if !ok {
			value = arg
		}
		text := Arguments(fmt.Sprintf("open %s: none; unknown %q", value, value), []string{"explore", arg})
		assert.Less(t, len(text), 600)
		assert.NotContains(t, text, "\n")
		assert.NotContains(t, text, "\x1b")
	}
}

func TestShell(t *testing.T) {
	for word, want := range map[string]string{"a-b_c.d/e:1": "a-b_c.d/e:1", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "ä": "'ä'"} {
		assert.Equal(t, want, Shell(word))
		if sh, err := exec.LookPath("sh"); err == nil {
			out, err := exec.CommandContext(t.Context(), sh, "-c", "printf %s "+Shell(word)).Output()
			require.NoError(t, err)
			assert.Equal(t, word, string(out))
		}
	}
}

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, false)
	for _, part := range []string{"\x1b[31mred\x1b[0m ", w.Seal + "\x1b[32mgreen" + w.Seal + "\x1b[0m", " €"[:2], " €"[2:], "\xe2"} {
		n, err := w.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	require.NoError(t, w.Close())
	assert.Equal(t, `\x1b[31mred\x1b[0m `+"\x1b[32mgreen\x1b[0m €"+`\xe2`, b.String())

	b.Reset()
	w = NewWriter(&b, true)
	said := "\x1b\u009b\u202e\x7f"
	require.NoError(t, json.NewEncoder(w).Encode(said))
	assert.Equal(t, `"\u001b\u009b\u202e\u007f"`+"\n", b.String())
	var got string
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	assert.Equal(t, said, got)

	full := errors.New("no space")
	w = NewWriter(failing{full}, false)
	_, err := w.Write([]byte("x"))
	assert.ErrorIs(t, err, full)
	assert.ErrorIs(t, w.Close(), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Whatever is written, nothing commands.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("\x1b[31m\x00"), 1)
	f.Add([]byte("\u009b€"), 2)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		var b bytes.Buffer
		w := NewWriter(&b, false)
		cut = min(max(cut, 0), len(text))
		_, _ = w.Write(text[:cut])
		_, _ = w.Write(text[cut:])
		require.NoError(t, w.Close())
		require.True(t, utf8.Valid(b.Bytes()))
		for _, r := range b.String() {
			require.False(t, commands(r) && r != '\n' && r != '\t', "%q", b.String())
		}
	})
}
