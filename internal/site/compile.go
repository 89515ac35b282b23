package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	repo "github.com/rootlock/rootlock"
	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/scratch"
)

// goMod is the module that the sources are compiled in: they need nothing but the standard
// library.
const goMod = "module github.com/rootlock/rootlock\n\ngo 1.26.0\n"

// Law is the law as a script: rootlockLaw({wasm, exec}), with the compressed program and the
// Go distribution's script that runs it. It is compiled once for the same sources, and
// remembered in the user's cache. Before it is compiled, slow is called: that takes up to a minute.
func Law(ctx context.Context, slow func()) ([]byte, error) {
	sources, err := lawSources()
	if err != nil {
		return nil, err
	}
	path, cached := remembered(sources)
	if cached != nil {
		return cached, nil
	}
	slow()
	script, err := compile(ctx, sources)
	if err != nil {
		return nil, err
	}
	if path != "" { // without a cache it is compiled again the next time
		_ = atomicfile.Write(ctx, path, script)
	}
	return script, nil
}

// lawSources are the files to compile, by path.
func lawSources() (map[string][]byte, error) {
	files := map[string][]byte{"go.mod": []byte(goMod)}
	err := fs.WalkDir(repo.Law, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = fs.ReadFile(repo.Law, path)
		return err
	})
	return files, err
}

// cacheDir is another in tests.
var cacheDir = os.UserCacheDir

// remembered is the place in the cache for what the sources make, and what is there; the
// last line tells whether it is whole.
func remembered(sources map[string][]byte) (path string, script []byte) {
	dir, err := cacheDir()
	if err != nil {
		return "", nil
	}
	dir = filepath.Join(dir, "rootlock", "play")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", nil
	}
	sum := sha256.New()
	data, _ := json.Marshal(sources) // a map's keys are in order
	sum.Write(data)
	path = filepath.Join(dir, "law-"+hex.EncodeToString(sum.Sum(nil))[:24]+".js")
	if script, err = os.ReadFile(path); err != nil || !bytes.HasSuffix(script, []byte(lastLine)) {
		return path, nil
	}
	return path, script
}

const lastLine = "\n// whole\n"

// compile has the Go tool compile the sources in a private folder.
func compile(ctx context.Context, sources map[string][]byte) (_ []byte, err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, errors.New("rootlock: play compiles the law for the browser, and there is no go on PATH: install Go 1.26 or later, or take a folder that `rootlock play --out DIR` wrote elsewhere")
	}
	dir, err := scratch.MakeDir("play")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	for name, data := range sources {
		path := filepath.Join(dir.Path, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o600)); err != nil {
			return nil, err
		}
	}
	if _, err := goTool(ctx, dir.Path, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "law.wasm", "./internal/play/browser"); err != nil {
		return nil, err
	}
	root, err := goTool(ctx, dir.Path, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(filepath.Join(dir.Path, "law.wasm"))
	if err != nil {
		return nil, err
	}
	runner, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, fmt.Errorf("rootlock: this Go has no lib/wasm/wasm_exec.js, which runs the law in a browser: install Go 1.26 or later from go.dev: %w", err)
	}
	return script(program, runner)
}

// goTool runs the Go tool for the browser, whatever the user has set for other work.
func goTool(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "CGO_ENABLED=0")
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	err := process.Run(cmd)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("rootlock: compiling the law for the browser: go %s: %w\n%s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}

func script(program, runner []byte) ([]byte, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(program); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(struct {
		Wasm string `json:"wasm"`
		Exec string `json:"exec"`
	}{base64.StdEncoding.EncodeToString(packed.Bytes()), string(runner)})
	if err != nil {
		return nil, err
	}
	return []byte("// The law (spec/) as WebAssembly, gzip, base64; and the script of the Go distribution that\n// runs it (BSD licence, the Go authors).\nrootlockLaw(" + string(data) + ");" + lastLine), nil
}
