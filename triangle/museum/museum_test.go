package museum

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A package that adds, with a test.
var sum = map[string]string{
	"go.mod": "module example.org/sum\n\ngo 1.24\n",
	"sum.go": "package sum\n\nfunc Sum(a, b int) int {\n\treturn a + b\n}\n",
	"sum_test.go": `package sum

import "testing"

func TestSum(t *testing.T) {
	if n := Sum(2, 3); n != 5 {
		t.Fatalf("2 + 3 is %d", n)
	}
}

func TestZero(t *testing.T) {
	if Sum(0, 0) != 0 {
		t.Fatal("nothing is something")
	}
}
`,
}

func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

// mistake is a mistake of the package that adds.
func mistake(test, says, old, new string) string {
	return "It does not add.\n\n-- seen --\ntest: " + test + "\nsays: " + says + "\n\n-- sum.go --\n<<<<\n" + old + "====\n" + new + ">>>>\n"
}

// A mistake is seen, or it is said why not: that it survives, and that it shows nothing, are
// told apart.
func TestShow(t *testing.T) {
	root := write(t, sum)
	const plus, minus = "\treturn a + b\n", "\treturn a - b\n"
	for _, c := range []struct{ reason, text, line, err string }{
		{"seen", mistake("TestSum", "2 + 3 is", plus, minus), "sum_test.go:7: 2 + 3 is -1", ""},
		{"survives", mistake("TestZero", "nothing", plus, minus), "", "mistake Minus survives: TestZero passes. It does not add."},
		{"other words", mistake("TestSum", "two and three", plus, minus), "", `TestSum fails, and does not print "two and three"`},
		{"no test", mistake("TestProduct", "x", plus, minus), "", `Minus.txtar: no test ran: "TestProduct" names none`},
		{"does not compile", mistake("TestSum", "x", plus, "\treturn a - c\n"), "", "Minus.txtar:11: the edited code does not compile, which is no kill"},
		{"no Go", mistake("TestSum", "x", plus, "\treturn a -\n"), "", "the edited file is no Go"},
		{"not formatted", mistake("TestSum", "x", plus, "\treturn a  - b\n"), "", "Minus.txtar:11: sum.go: the edited file is not as gofmt writes it"},
		{"the old lines are gone", mistake("TestSum", "x", "\treturn b + a\n", minus), "", "its old lines occur 0 times"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m, err := Parse("Minus", []byte(c.text))
			require.NoError(t, err)
			line, err := m.Show(t.Context(), root, t.TempDir())
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.line, line)
		})
	}
	source, err := os.ReadFile(filepath.Join(root, "sum.go"))
	require.NoError(t, err)
	assert.Equal(t, sum["sum.go"], string(source), "the files on disk stay as they are")
}

// What is wrong with a file is said with its line.
func TestLoad(t *testing.T) {
	for text, want := range map[string]string{
		"": "m.txtar:1: it tells no story",
		"A story.\n-- sum.go --\n<<<<\na\n====\nb\n>>>>\n":                                            "section seen is missing",
		"A story.\n-- seen --\ntest: TestSum\nsays: x\n":                                              "it edits no file",
		"A story.\n-- seen --\ntest: TestSum\nsays:\n":                                                `m.txtar:4: section seen: "says:": want`,
		"A story.\n-- seen --\ntest: Test(Sum\nsays: x\n":                                             "m.txtar:3: section seen: the pattern of a test",
		"A story.\n-- seen --\ntest: T\ntest: T\n":                                                    "m.txtar:4: section seen: \"test: T\": want",
		"A story.\n-- seen --\ntest: T\nsays: x\n-- sum.go --\n<<<<\na\n":                             "m.txtar:6: section sum.go: the block has no end",
		"A story.\r\n-- seen --\r\ntest: T\r\nsays: x\r\n-- a.go --\r\n<<<<\r\na\r\n====\r\n>>>>\r\n": "",
	} {
		_, err := Load(write(t, map[string]string{"m.txtar": text}))
		if want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.ErrorContains(t, err, want)
	}
	_, err := Load(t.TempDir())
	assert.ErrorContains(t, err, "the museum is empty")
}

// Whatever a file contains, it is a mistake that can be shown, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(mistake("TestSum", "2 + 3", "\treturn a + b\n", "\treturn a - b\n")))
	f.Add([]byte("A story.\n-- seen --\ntest: (\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse("Fuzzed", data)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if m != nil && (m.Story == "" || m.Test == "" || m.Says == "" || len(m.Files) == 0 || len(m.Files[0].Edits) == 0) {
			t.Fatalf("incomplete: %+v", m)
		}
	})
}
