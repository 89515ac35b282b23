package site

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/play"
	"github.com/rootlock/rootlock/spec"
)

func TestMain(m *testing.M) { // one cache for all, and not the user's
	dir, err := os.MkdirTemp("", "site")
	if err != nil {
		panic(err)
	}
	cacheDir = func() (string, error) { return dir, nil }
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// The folder is small, refers to nothing outside, and has every protocol, model and schedule.
func TestFiles(t *testing.T) {
	s, err := New()
	require.NoError(t, err)
	compiled := 0
	for range 2 { // the second time it is remembered
		_, err := s.Files(t.Context(), func() { compiled++ })
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, compiled, 1)
	files, err := s.Files(t.Context(), func() { t.Error("compiled again") })
	require.NoError(t, err)
	require.Len(t, files, 3)
	assert.Less(t, len(files["law.js"]), 5_000_000, "compressed")
	page := string(files["index.html"]) + string(files["play.js"])
	for _, outside := range []string{"http:", "https:", "//cdn", "@import", "url(", "fetch(", "XMLHttp", "importScripts"} {
		assert.NotContains(t, page, outside)
	}
	for _, p := range spec.Protocols() {
		assert.Contains(t, page, `<option value="`+p.String()+`"`)
	}
	list, err := models.All()
	require.NoError(t, err)
	for _, m := range list {
		assert.Contains(t, page, `<option value="`+m.Name+`"`)
	}
	kept, err := filepath.Glob("../../testdata/schedules/*.txtar")
	require.NoError(t, err)
	assert.Len(t, s.Kept, len(kept))
	for _, k := range s.Kept { // each is a schedule of its model, and its address means it
		q, err := url.ParseQuery(k.Fragment())
		require.NoError(t, err)
		at := play.Place{Protocol: q.Get("protocol"), Model: q.Get("model"), Schedule: q.Get("schedule")}
		assert.Equal(t, k.Place, at)
		v, err := play.Show(s.Worlds, at)
		require.NoError(t, err, k.Name)
		at.Step = v.Last
		v, err = play.Show(s.Worlds, at)
		require.NoError(t, err)
		assert.Equal(t, k.Violated != "", strings.Contains(v.HTML["claims"], "✗ "+k.Violated), k.Name)
	}

	// What the page has of the worlds is what the law reads; the program is whole.
	_, text, _ := strings.Cut(string(files["index.html"]), `id="worlds">`)
	text, _, _ = strings.Cut(text, "</script>")
	var worlds []play.World
	require.NoError(t, json.Unmarshal([]byte(text), &worlds))
	assert.Equal(t, s.Worlds, worlds)
	_, text, _ = strings.Cut(string(files["law.js"]), `{"wasm":"`)
	text, _, _ = strings.Cut(text, `"`)
	packed, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	magic := make([]byte, 4)
	_, err = z.Read(magic)
	require.NoError(t, err)
	assert.Equal(t, "\x00asm", string(magic))
}

// Without the Go tool it says so; what the cache has is enough.
func TestWithoutGo(t *testing.T) {
	_, err := Law(t.Context(), func() {})
	require.NoError(t, err)
	t.Setenv("PATH", t.TempDir())
	_, err = Law(t.Context(), func() {})
	require.NoError(t, err, "remembered")
	dir, before := t.TempDir(), cacheDir
	cacheDir = func() (string, error) { return dir, nil }
	defer func() { cacheDir = before }()
	_, err = Law(t.Context(), func() {})
	assert.ErrorContains(t, err, "there is no go on PATH: install Go 1.26 or later")
}
