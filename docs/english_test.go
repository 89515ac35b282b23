package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/english"
)

// What a user reads is plain English: the documents, the stories of the schedules, what go doc
// says of every package, and of what the public ones export. Of the command line's help, that
// is a test of cmd/rootlock.
func TestEnglish(t *testing.T) {
	sentences := map[string]int{}
	read := func(kind, name, text string) {
		sentences[kind] += len(english.Sentences(text))
		for _, problem := range english.Problems(text) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	for name, text := range load(t) {
		switch {
		case path.Ext(name) == ".md" && name != "proof/README.md": // its sentences have formulas
			read("documents", name, text)
		case path.Ext(name) == ".txtar" && strings.HasPrefix(name, "testdata/schedules/"):
			read("stories", name, string(txtar.Parse([]byte(text)).Comment))
		case path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "testdata/"):
			public := strings.HasPrefix(name, "impl/") || strings.HasPrefix(name, "spec/") || strings.HasPrefix(name, "triangle/")
			mode := parser.ParseComments
			if !public {
				mode |= parser.PackageClauseOnly
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, text, mode)
			require.NoError(t, err)
			read("packages", name, file.Doc.Text())
			for _, d := range file.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() {
						read("exported", name+" "+d.Name.Name, d.Doc.Text())
					}
				case *ast.GenDecl:
					if d.Tok == token.TYPE && d.Specs[0].(*ast.TypeSpec).Name.IsExported() {
						read("exported", name, d.Doc.Text())
					}
				}
			}
		}
	}
	t.Logf("sentences: %v", sentences)
	for kind, least := range map[string]int{"documents": 1500, "stories": 90, "packages": 400, "exported": 1000} {
		assert.GreaterOrEqual(t, sentences[kind], least, kind)
	}
}
