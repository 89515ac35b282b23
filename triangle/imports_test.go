// Package triangle has no code: the packages below tie the corners of any protocol together.
package triangle

import (
	"go/build"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/rootlock/rootlock/"

// helpers are about no protocol: files, children, and others' text.
var helpers = []string{"internal/input", "internal/process", "internal/quote", "internal/scratch", "internal/atomicfile"}

// A package is about any protocol or about rootlock's, never both: what is under triangle/
// imports nothing of rootlock that is not, and the law imports nothing but package law.
func TestImports(t *testing.T) {
	packages := 0
	require.NoError(t, filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || dir == "." || d.Name() == "testdata" {
			return err
		}
		for _, name := range foreign(t, dir, "triangle/") {
			assert.Contains(t, helpers, name, "triangle/%s imports what is about this protocol", dir)
		}
		packages++
		return nil
	}))
	assert.GreaterOrEqual(t, packages, 2, "floor")
	assert.Empty(t, foreign(t, "../spec", "triangle/law"), "the law imports package law alone")
	assert.NotEmpty(t, foreign(t, "../impl", "triangle/"), "the test sees imports")
}

// foreign are the packages of this module that the one in dir imports, without those that
// are allowed.
func foreign(t *testing.T, dir, allowed string) (list []string) {
	t.Helper()
	p, err := build.ImportDir(dir, 0)
	if _, ok := err.(*build.NoGoError); ok {
		return nil
	}
	require.NoError(t, err)
	for _, name := range p.Imports {
		if rest, ours := strings.CutPrefix(name, module); ours && !strings.HasPrefix(rest, allowed) {
			list = append(list, rest)
		}
	}
	return list
}
