package impl

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rootlock/rootlock/spec"
	"github.com/stretchr/testify/require"
)

const specPath = "github.com/rootlock/rootlock/spec"

// TestSpecForNamesOnly checks that impl takes nothing from spec but the names of
// the steps, and nothing from any other package that is not Go's own; and that
// it names every step.
func TestSpecForNamesOnly(t *testing.T) {
	names := map[string]bool{"Step": true, spec.Oopsed.String(): true}
	for _, step := range spec.Steps() {
		names[step.String()] = step == spec.FailAlloc // a choice of other steps
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	used := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, imp := range file.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			require.NoError(t, err)
			require.Nil(t, imp.Name, "%s renames %s", name, path)
			require.True(t, path == specPath || !strings.Contains(path, "."), "%s imports %s", name, path)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "spec" {
				_, ok := names[sel.Sel.Name]
				require.True(t, ok, "%s uses spec.%s, which is not the name of a step", fset.Position(sel.Pos()), sel.Sel.Name)
				names[sel.Sel.Name] = true
				used++
			}
			return true
		})
	}
	require.Greater(t, used, len(spec.Steps())-1)
	for name, seen := range names {
		require.True(t, seen, "impl has no step %s", name)
	}
}
