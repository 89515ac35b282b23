package main

// Where the project's files are: in a checkout, or in this program.

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	repo "github.com/rootlock/rootlock"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/law"
)

// A project is a checkout or, outside of one, what this program has of it.
type project struct {
	dir   string // "": outside a checkout
	files fs.FS
}

// here is the checkout that the working directory is in, or what is embedded.
func here() project {
	if dir, err := root(); err == nil {
		return project{dir, os.DirFS(dir)}
	}
	return project{"", repo.Files}
}

// root finds the checkout from the working directory upwards.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.Contains(strings.ReplaceAll(string(data), "\r\n", "\n"), "module github.com/rootlock/rootlock\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("rootlock: not inside the project's folder (no go.mod of github.com/rootlock/rootlock here or above)")
		}
		dir = parent
	}
}

// sameLaw is the error of a checkout whose law is not this program's. What is built of the
// checkout is asked about models and schedules that are this program's: where steps have
// other numbers there, or do something else, the code parts from the law without a mistake.
func (p project) sameLaw() error {
	hash, err := law.HashSources(p.sub("spec"))
	if err != nil {
		return fmt.Errorf("rootlock: reading the law: %w", err)
	}
	if hash != spec.Sources() {
		return fmt.Errorf("rootlock: the law in %s is not the one that this program was built with; "+
			"build it of that checkout: cd %s && go run ./cmd/rootlock museum", filepath.Join(p.dir, "spec"), p.dir)
	}
	return nil
}

// needs is the error of what cannot be done outside a checkout.
func needs(what, why string) error {
	return fmt.Errorf("rootlock: %s needs a checkout, because it %s; clone github.com/rootlock/rootlock with git, cd there, and run it there: go run ./cmd/rootlock %s", what, why, what)
}

// ledger is the project's.
func (p project) ledger() (*ledger.Ledger, error) {
	if p.dir == "" {
		return ledger.LoadFS(p.files)
	}
	return ledger.Load(filepath.Join(p.dir, ledger.File))
}

// sub is a folder of the project.
func (p project) sub(name string) fs.FS {
	files, err := fs.Sub(p.files, name)
	if err != nil {
		panic(err) // of a name that is none
	}
	return files
}

// ledgerHere is the project's ledger. Before there is a ledger, it is nil; a damaged one
// is an error.
func ledgerHere() (*ledger.Ledger, error) {
	l, err := here().ledger()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return l, err
}

// embedded is a file that is not on disk, but in this program: outside a checkout
// testdata/schedules/freed-leaf.txtar is there too.
func embedded(path string) (fs.File, bool) {
	name := filepath.ToSlash(filepath.Clean(path))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) || !fs.ValidPath(name) {
		return nil, false
	}
	f, err := repo.Files.Open(name)
	if err != nil {
		return nil, false
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	return f, true
}

// readFile reads a file from disk, or one that is embedded.
func readFile(path string) ([]byte, error) {
	if f, ok := embedded(path); ok {
		_ = f.Close()
		return input.ReadFS(repo.Files, filepath.ToSlash(filepath.Clean(path)))
	}
	return input.Read(path)
}
