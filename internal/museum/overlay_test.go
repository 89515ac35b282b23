package museum

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/museum"
)

func TestOverlay(t *testing.T) {
	e := entry(t, "Posted")
	dir := t.TempDir()
	name, err := Overlay(e, root, dir)
	require.NoError(t, err)
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	var overlay struct{ Replace map[string]string }
	require.NoError(t, json.Unmarshal(data, &overlay))
	require.Len(t, overlay.Replace, 2)
	for original, edited := range overlay.Replace {
		assert.True(t, filepath.IsAbs(original))
		before, err := os.ReadFile(original)
		require.NoError(t, err)
		after, err := os.ReadFile(edited)
		require.NoError(t, err)
		assert.NotEqual(t, string(before), string(after))
	}
	one, err := Overlay(e, root, t.TempDir(), "impl")
	require.NoError(t, err)
	data, err = os.ReadFile(one)
	require.NoError(t, err)
	assert.Contains(t, string(data), "impl")
	assert.NotContains(t, string(data), "spec")
}

// What cannot be applied is an error that names entry and file.
func TestOverlayErrors(t *testing.T) {
	for _, c := range []struct {
		reason, file string
		edit         museum.Edit
		want         string
	}{
		{"the old lines are gone", "spec/deepest_lock.go", museum.Edit{Old: "\tnever there\n", New: "x\n", Line: 7}, "edit 1: its old lines occur 0 times"},
		{"the old lines are not unique", "spec/deepest_lock.go", museum.Edit{Old: "}\n", New: "x\n", Line: 7}, "must be once"},
		{"only whole lines", "spec/deepest_lock.go", museum.Edit{Old: "deepestLock struct{}\n", New: "x\n", Line: 7}, "occur 0 times"},
		{"the file is gone", "spec/shallowest_lock.go", museum.Edit{Old: "a\n", New: "b\n", Line: 7}, "there is no such file"},
		{"not Go", "spec/deepest_lock.go", museum.Edit{Old: "package spec\n", New: "packet spec\n", Line: 7}, "is no Go"},
		{"not gofmt", "spec/deepest_lock.go", museum.Edit{Old: "package spec\n", New: "package  spec\n", Line: 7}, "not as gofmt writes it, first at line 1"},
	} {
		e := entry(t, "Posted")
		e.Files = []museum.File{{Name: c.file, Edits: []museum.Edit{c.edit}}}
		_, err := Overlay(e, root, t.TempDir())
		var bad *EntryError
		if assert.ErrorAs(t, err, &bad, c.reason) {
			assert.Equal(t, []string{"Posted", c.file}, []string{bad.Entry, bad.File}, c.reason)
			if c.file == "spec/deepest_lock.go" {
				assert.ErrorContains(t, err, "museum entry Posted.txtar:7, spec/deepest_lock.go: ", c.reason)
			}
			assert.ErrorContains(t, err, c.want, c.reason)
		}
	}
}
