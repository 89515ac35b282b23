package tlc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodJar = "content of a jar"

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// jarServer serves body, or a failure if it is empty, and counts requests.
func jarServer(t *testing.T, body string) (string, *http.Client, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if body == "" {
			http.Error(w, "gone", http.StatusNotFound)
			return
		}
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL, s.Client(), &asked
}

func noProgram(string) (string, error) { return "", fs.ErrNotExist }

func jarFinder(t *testing.T, body string) (Finder, *atomic.Int32) {
	url, client, asked := jarServer(t, body)
	return Finder{
		CacheDir: filepath.Join(t.TempDir(), "cache"), client: client,
		getenv: environment(nil), lookPath: noProgram,
		releases: []release{
			{file: "maven.jar", sha256: sum(goodJar), artifact: "group:name:1"},
			{file: "web.jar", sha256: sum(goodJar), version: "Version 9", url: url},
		},
	}.withDefaults(), asked
}

// onlyFile checks that nothing but one good jar is left in the cache.
func onlyFile(t *testing.T, f Finder, name string) {
	t.Helper()
	entries, err := os.ReadDir(f.CacheDir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, name, entries[0].Name())
	_, err = verified(filepath.Join(f.CacheDir, name), sum(goodJar))
	assert.NoError(t, err)
}

func TestJarIsFetchedOnceAndThenCached(t *testing.T) {
	f, asked := jarFinder(t, goodJar)
	var in Installation
	require.NoError(t, f.findJar(t.Context(), &in))
	content := []byte(goodJar)
	assert.Equal(t, Installation{Jar: filepath.Join(f.CacheDir, "web.jar"), JarSource: "GitHub", TLCVersion: "Version 9", content: &content}, in)
	require.NoError(t, f.findJar(t.Context(), &in))
	assert.Equal(t, "cache", in.JarSource)
	assert.EqualValues(t, 1, asked.Load())
	onlyFile(t, f, "web.jar")
}

func TestCorruptCacheIsReplaced(t *testing.T) {
	f, asked := jarFinder(t, goodJar)
	require.NoError(t, os.MkdirAll(f.CacheDir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(f.CacheDir, "web.jar"), []byte("damaged"), 0o644))
	var in Installation
	require.NoError(t, f.findJar(t.Context(), &in))
	assert.Equal(t, "GitHub", in.JarSource)
	assert.EqualValues(t, 1, asked.Load())
	onlyFile(t, f, "web.jar")
}

func TestConcurrentFetches(t *testing.T) {
	f, asked := jarFinder(t, goodJar)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var in Installation
			if assert.NoError(t, f.findJar(t.Context(), &in)) {
				_, err := verified(in.Jar, sum(goodJar))
				assert.NoError(t, err)
			}
		})
	}
	group.Wait()
	assert.Positive(t, asked.Load())
	onlyFile(t, f, "web.jar")
}

func TestNoJar(t *testing.T) {
	for _, row := range []struct {
		body    string
		change  func(*Finder)
		kind    SetupKind
		details []string
		reason  string
	}{
		{"", nil, NoJar, []string{"mvn", "404"}, "no Maven and nothing to download: both are named"},
		{"other", nil, WrongChecksum, []string{sum("other"), sum(goodJar)}, "a download that is not the pinned jar"},
		{goodJar, func(f *Finder) { f.Offline = true }, NoJar, []string{"forbidden"}, "offline with an empty cache"},
		{goodJar, func(f *Finder) { f.releases[1].url = "http://127.0.0.1:1/" }, NoJar, []string{"mvn", "127.0.0.1:1"}, "no network"},
		{goodJar, func(f *Finder) { f.CacheDir = os.DevNull + "/cache" }, NoCache, []string{"not a directory"}, "a cache that cannot be made"},
		{goodJar, func(f *Finder) {
			f.getenv = environment(map[string]string{"TLA2TOOLS_JAR": "/no/such/tla2tools.jar"})
		}, BadUserJar, []string{"/no/such/tla2tools.jar"}, "TLA2TOOLS_JAR names a missing file: nothing else is tried"},
		{goodJar, func(f *Finder) {
			f.getenv = environment(map[string]string{"TLA2TOOLS_JAR": os.TempDir()})
		}, BadUserJar, []string{"it is a folder"}, "TLA2TOOLS_JAR names a directory"},
	} {
		f, _ := jarFinder(t, row.body)
		if row.change != nil {
			row.change(&f)
		}
		var in Installation
		err := f.findJar(t.Context(), &in)
		var missing *SetupError
		if !assert.ErrorAs(t, err, &missing, row.reason) {
			continue
		}
		assert.Equal(t, row.kind, missing.Kind, row.reason)
		assert.NotEmpty(t, missing.Remedy, row.reason)
		for _, detail := range row.details {
			assert.Contains(t, missing.Error(), detail, row.reason)
		}
		assert.Empty(t, in.Jar, row.reason)
	}
}

func TestFetchIsCanceled(t *testing.T) {
	f, _ := jarFinder(t, goodJar)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var in Installation
	err := f.findJar(ctx, &in)
	require.ErrorIs(t, err, context.Canceled)
	var missing *SetupError
	assert.False(t, errors.As(err, &missing), "the caller's own cancel is no lack of a jar")
}

// What was verified is what runs, whatever becomes of the cache afterwards.
func TestVerifiedIsWhatRuns(t *testing.T) {
	f, _ := jarFinder(t, goodJar)
	var in Installation
	require.NoError(t, f.findJar(t.Context(), &in))
	require.NoError(t, f.findJar(t.Context(), &in))
	assert.Equal(t, "cache", in.JarSource)
	require.NoError(t, os.WriteFile(in.Jar, []byte("another"), 0o644))
	dir := t.TempDir()
	path, err := in.place(dir)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "web.jar"), path)
	_, err = verified(path, sum(goodJar))
	assert.NoError(t, err)
}
