package models

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
)

// A protocol without a configuration has the models of the others, with their bounds.
func TestCommonBounds(t *testing.T) {
	files := fstest.MapFS{}
	names, err := fs.Glob(tla.FS, "MC*.cfg")
	require.NoError(t, err)
	worlds, err := fs.Glob(tla.FS, "models/*.cfg")
	require.NoError(t, err)
	for _, name := range append(names, worlds...) {
		if name == ClaimsFile(spec.DeepestLock) {
			continue
		}
		text, err := fs.ReadFile(tla.FS, name)
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	list, err := Read(files)
	require.NoError(t, err)
	found := map[string]*Model{}
	for _, m := range list {
		if m.Protocol == spec.DeepestLock {
			found[m.Name] = m
		}
	}
	for _, name := range []string{"Tiny", "Small", "Pins", "Live", "LiveWeak"} {
		m := found[name]
		require.NotNil(t, m, name)
		with, err := Find(spec.OwnLock, name)
		require.NoError(t, err)
		assert.Equal(t, with.Bounds, m.Bounds, name)
		assert.Equal(t, [2]bool{with.Live(), with.Fair()}, [2]bool{m.Live(), m.Fair()}, name)
		assert.False(t, m.InTLA(), "TLC has no configuration to read")
	}

	_, err = Find(spec.DeepestLock, "Huge")
	assert.ErrorContains(t, err, "there is no tla/models/Huge.cfg", "the missing file is named")
}

// Every model has a sentence that says what it is for, and no other name has.
func TestPurposes(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	left := map[string]bool{}
	for name := range purposes {
		left[name] = true
	}
	names := []string{}
	for _, m := range list {
		names = append(names, m.Name)
	}
	for _, r := range random {
		names = append(names, r.name)
	}
	for _, name := range names {
		assert.Regexp(t, `^[A-Z].*\.$|^m[a-z]+ .*\.$`, Purpose(name), name)
		delete(left, name)
	}
	assert.Empty(t, left)
}
