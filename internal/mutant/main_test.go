package mutant

import (
	"go/importer"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const root = "../.."

// toy makes the mutants of a source of one file, from the function Step on.
func toy(t *testing.T, text string) *generator {
	t.Helper()
	s := &source{side: Law, fset: token.NewFileSet(), files: []*file{{name: "spec/toy.go", path: "toy.go", text: "package toy\n" + text}}}
	require.NoError(t, s.check("toy", importer.Default()))
	g, err := newGenerator(s, choice{roots: []string{"Step"}, without: []string{"world.go"}, history: []string{"Seen"}, native: []string{"hooks"}})
	require.NoError(t, err)
	_, err = parser.ParseFile(token.NewFileSet(), "toy.go", g.rewritten(s.files[0]), parser.SkipObjectResolution)
	require.NoError(t, err, "what is rewritten must be Go:\n%s", g.rewritten(s.files[0]))
	return g
}

// changes lists the mutants of an operator as their keys have them, without file and function.
func changes(g *generator, op Operator) (list []string) {
	for _, m := range g.mutants {
		if m.Operator == op {
			_, change, _ := strings.Cut(m.Key(), string(op)+": ")
			list = append(list, change)
		}
	}
	return list
}
