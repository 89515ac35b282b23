package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page is served on this machine until Ctrl-C, which is its proper end.
func TestPlayServes(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"play", "../../testdata/schedules/recycled-leaf.txtar"}, in, io.Discard)
		_ = in.Close()
	}()
	line := make([]byte, 2000)
	n, err := out.Read(line)
	require.NoError(t, err)
	text, ok := strings.CutPrefix(string(line[:n]), "open ")
	require.True(t, ok, text)
	url, _, _ := strings.Cut(text, " ")
	assert.Contains(t, url, "http://127.0.0.1:")
	assert.Contains(t, url, "#protocol=DeepestLock&model=Recycle&step=0&schedule=w1:Migrate(p1)+mm1:Exit+")
	base, _, _ := strings.Cut(url, "#")
	for name, want := range map[string]string{"": "<title>rootlock play", "index.html": "<title>rootlock play", "play.js": "newWorker", "law.js": "rootlockLaw("} {
		r, err := http.Get(base + name)
		require.NoError(t, err)
		data, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, r.StatusCode)
		assert.Contains(t, string(data), want)
		require.NoError(t, r.Body.Close())
	}
	r, err := http.Get(base + "../secret")
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotFound, r.StatusCode)
	require.NoError(t, r.Body.Close())
	interrupt()
	_, _ = io.Copy(io.Discard, out)
	assert.Equal(t, exitOK, <-code)
}

// --out writes the folder; a schedule in bounds of its own brings its model.
func TestPlayOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	code, out, complaint := rootlock(t, "play", "--out", dir, "--protocol", "OwnLock", "--model", "Tiny", "--walkers", "2", "w2:Walk(p1)")
	require.Equal(t, exitOK, code, complaint)
	assert.Contains(t, out, "index.html#protocol=OwnLock&model=custom&step=0&schedule=w2:Walk(p1)")
	data, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Contains(t, string(data), `<option value="custom"`)
	for _, name := range []string{"play.js", "law.js"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"play", "--port", "70000"}, "--port is 70000; a port is a number from 1 to 65535"},
		{[]string{"play", "--protocol", "OwnLock"}, "belong to a schedule; without one, choose in the page"},
		{[]string{"play", "w1:Walk(p1)"}, "which protocol?"},
		{[]string{"play", "--out", filepath.Join(dir, "index.html")}, "name a folder that can be written to"},
	} {
		code, _, complaint := rootlock(t, test.args...)
		assert.Equal(t, exitUsage, code, test.args)
		assert.Contains(t, complaint, test.want)
	}
}
