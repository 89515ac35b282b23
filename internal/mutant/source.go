package mutant

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/scratch"
)

// A source is a package: its files as text, as syntax and with types.
type source struct {
	side  Side
	fset  *token.FileSet
	pkg   *types.Package
	info  *types.Info
	files []*file
}

type file struct {
	name   string // from the module's root
	path   string
	text   string
	syntax *ast.File
}

// load reads a package of the module at root.
func load(ctx context.Context, root string, side Side) (*source, error) {
	listed, err := list(ctx, root, "./"+string(side))
	if err != nil {
		return nil, err
	}
	s := &source{side: side, fset: token.NewFileSet()}
	self := listed[len(listed)-1] // after all that it imports
	for _, name := range self.GoFiles {
		f := &file{name: string(side) + "/" + name, path: filepath.Join(self.Dir, name)}
		text, err := os.ReadFile(f.path)
		if err != nil {
			return nil, err
		}
		f.text = string(input.Lines(text))
		s.files = append(s.files, f)
	}
	exports := map[string]string{}
	for _, p := range listed {
		exports[p.ImportPath] = p.Export
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	return s, s.check(self.ImportPath, importer.ForCompiler(s.fset, "gc", lookup))
}

// check parses the files and gives everything a type.
func (s *source) check(path string, from types.Importer) error {
	var syntax []*ast.File
	for _, f := range s.files {
		var err error
		if f.syntax, err = parser.ParseFile(s.fset, f.name, f.text, parser.SkipObjectResolution); err != nil {
			return fmt.Errorf("rootlock: mutants need code that parses: %w", err)
		}
		syntax = append(syntax, f.syntax)
	}
	s.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	var err error
	if s.pkg, err = (&types.Config{Importer: from}).Check(path, s.fset, syntax, s.info); err != nil {
		return fmt.Errorf("rootlock: mutants need code that compiles: %w", err)
	}
	return nil
}

// text is the source of a node.
func (s *source) text(f *file, n ast.Node) string {
	return f.text[s.offset(n.Pos()):s.offset(n.End())]
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// list asks the go command for a package and all that it imports, compiled.
func list(ctx context.Context, root, pattern string) ([]listedPackage, error) {
	out, err := goCommand(ctx, root, "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", pattern)
	if err != nil {
		return nil, err
	}
	var all []listedPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("rootlock: reading what go list says: %w", err)
		}
		all = append(all, p)
	}
}

// A SaidError is what the go command said when it failed.
type SaidError struct{ Said string }

func (e *SaidError) Error() string { return e.Said }

// goCommand runs the go command at root.
func goCommand(ctx context.Context, root string, args ...string) ([]byte, error) {
	temp, err := scratch.MakeDir("go") // killed, the go command leaves its own folder there
	if err != nil {
		return nil, err
	}
	defer func() { _ = temp.Remove() }()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOTMPDIR="+temp.Path)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := process.Run(cmd); err != nil {
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &exit):
			return nil, &SaidError{strings.TrimSpace(stderr.String())}
		}
		return nil, fmt.Errorf("rootlock: running the go command, which mutants need: %w", err)
	}
	return stdout.Bytes(), nil
}
