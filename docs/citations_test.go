package docs

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// load reads the repository.
func load(t *testing.T) repository {
	t.Helper()
	files := repository{}
	root := os.DirFS("..")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() {
			if base == "rapid" || base == "states" || base != "." && strings.HasPrefix(base, ".") { // see .gitignore
				return fs.SkipDir
			}
			return nil
		}
		if !cites(name) {
			files[name] = ""
			return nil
		}
		text, err := fs.ReadFile(root, name)
		files[name] = string(text)
		return err
	}))
	return files
}

// Whatever a file of the repository cites exists.
func TestCitations(t *testing.T) {
	problems, n := check(load(t))
	for _, p := range problems {
		t.Error(p)
	}
	t.Logf("checked: %+v", n)
	for what, counts := range map[string]struct{ got, least int }{
		"sections":  {n.sections, 50},
		"numbers":   {n.numbers, 120},
		"commits":   {n.commits, 60},
		"mails":     {n.mails, 20},
		"documents": {n.documents, 20},
		"links":     {n.links, 90},
	} {
		assert.GreaterOrEqual(t, counts.got, counts.least, what)
	}
}

// A small repository, into which each row of the table below puts one file.
const good = `# What Linux did
See ` + "`docs/kernel.md 1.2`" + `.
## 1 The data
### 1.2 Insertion ` + "`ends`" + `
0. copy
1. link (646d87b481da, 20100505145620.GP20979@csn.ul.ie)
### 1.10 vma_adjust
<a id="f7"></a>**F7 Why?**
### <a id="m10a"></a>M10a Livelock
- <a id="i3"></a>**I3**
`

// Each kind of mistake is found, at its line; and nothing else is.
func TestCitationsThatAreWrong(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
		reason     string
	}{
		{"spec/a.go", "// docs/kernel.md 1.2 to 1.10, F7; M10a.\n// I3.", nil, "all of it exists"},
		{"spec/a.go", "// (docs/kernel.md 1.2 step 0)\n// docs/kernel.md, M10a", nil, "a step; a comma before a number"},
		{"tla/a.tla", "(* see docs/kernel.md   *)\n(* 1.2, 1.10, 2.6.36. *)", nil, "over the end of a line; a release is no section"},
		{"tla/a.tla", "\\* docs/kernel.md 1.2; 646d87b481da, 20100505145620.GP20979@csn.ul.ie", nil, "a commit and a mail that are explained"},
		{"spec/a.go", "// F7 of docs/kernel.md, 2010-04-05", nil, "a date is no section"},
		{"a.md", "[x](docs/kernel.md#110-vma_adjust) [1.2](docs/kernel.md#12-insertion-ends) [M10a](docs/kernel.md#m10a) [d](docs) [w](https://go.dev/x.md)", nil, "links that lead somewhere"},
		{"a.md", "```\n[x](nowhere.md)\n```\n`[x](nowhere.md)`", nil, "code is no link"},

		{"spec/a.go", "\n// docs/kernel.md 1.3.", []string{"spec/a.go:2: docs/kernel.md has no section 1.3"}, "no such section"},
		{"spec/a.go", "// docs/kernel.md 1.2,\n// 1.11", []string{"spec/a.go:2: docs/kernel.md has no section 1.11"}, "the second of a list, on the next line"},
		{"spec/a.go", "// docs/kernel.md 1.2 to 1.20", []string{"spec/a.go:1: docs/kernel.md has no section 1.20"}, "the end of a range"},
		{"tla/a.tla", "(* docs/kernel.md 1.2, *)\n(* 1.13 *)", []string{"tla/a.tla:2: docs/kernel.md has no section 1.13"}, "in a box of TLA+"},
		{"spec/a.go", "// docs/kernel.md 1.2, step 2", []string{"spec/a.go:1: docs/kernel.md 1.2 has no step 2"}, "no such step"},
		{"spec/a.go", "// docs/kernel.md 1.10\n// step 1", []string{"spec/a.go:1: docs/kernel.md 1.10 has no step 1"}, "a section without steps"},
		{"testdata/museum/A.txtar", "M10a of docs/kernel.md\n(M10b)", []string{"testdata/museum/A.txtar:2: docs/kernel.md has no M10b"}, "no such bug"},
		{"spec/a.go", "// docs/kernel.md F8", []string{"spec/a.go:1: docs/kernel.md has no F8"}, "no such objection"},
		{"spec/a.go", "// docs/kernel.md I7", []string{"spec/a.go:1: docs/kernel.md has no I7"}, "no such invariant"},
		{"spec/a.go", "// F7\n// F7", []string{"spec/a.go:1: who reads F7 here does not know where it is explained: say docs/kernel.md"}, "a number out of nowhere, told once"},
		{"tla/a.tla", "\n\n(* KERNEL.md 1.2 *)", []string{"tla/a.tla:3: there is no document KERNEL.md"}, "a document that is elsewhere"},
		{"spec/a.go", "// 012f18004da3", []string{"spec/a.go:1: docs/kernel.md does not mention the commit 012f18004da3"}, "a commit that is not explained"},
		{"spec/a.go", "// 4BEB2923.8030200@redhat.com", []string{"spec/a.go:1: docs/kernel.md does not mention the mail 4BEB2923.8030200@redhat.com"}, "a mail that is not explained"},
		{"a.md", "\n[x](docs/nowhere.md)", []string{"a.md:2: the link to docs/nowhere.md leads to no file"}, "a dead link"},
		{"testdata/a.md", "[x](docs/kernel.md)", []string{"testdata/a.md:1: the link to docs/kernel.md leads to no file"}, "a link is relative to its document"},
		{"a.md", "[x](docs/kernel.md#12-insertion)", []string{"a.md:1: the link to docs/kernel.md#12-insertion leads to no anchor"}, "a dead anchor"},
		{"a.md", "# A\n# A\n[x](#a-1) [x](#a-2)", []string{"a.md:3: the link to #a-2 leads to no anchor"}, "an anchor of its own; equal headings are counted"},
		{"a.md", "[1.2](docs/kernel.md#110-vma_adjust)", []string{"a.md:1: the link 1.2 leads to docs/kernel.md#110-vma_adjust and not to 12-insertion-ends"}, "the wrong section"},
		{"a.md", "[1.2](docs/kernel.md#12-insertion-ends) step 3", []string{"a.md:1: docs/kernel.md 1.2 has no step 3"}, "the wrong step, behind a link"},
	} {
		problems, _ := check(repository{kernel: good, test.name: test.text})
		assert.Equal(t, test.want, problems, test.reason)
	}
}
