package mutant

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"
)

// A choice says what of a package is mutated: the functions that the roots come to,
// whatever the files are called in which they stand, without what is left out.
type choice struct {
	roots   []string // functions, as Mutant.Func names them; Type.* is every method
	without []string // files: what claims and steps share, and what is not the law
	history []string // functions and fields that only claims read
	apart   []string // the same, that no trial asks: see choices
	native  []string // names: what a condition that has one decides is not asked here: running free, or a law without history
}

// choices are the law's steps, and the code of the protocols and operations. Where the
// law's helpers (world.go) are mutated the claims are too, and prove nothing. Apart in the
// code is what ends a fault that no protocol here has, a misuse, a visit that panics, or a
// second Finish, and an address space that runs free: the tests of impl ask that.
var choices = map[Side]choice{
	Law: {
		roots:   []string{"Apply", "Moves", "MovesOf", "Refusal"},
		without: []string{"world.go", "state.go", "step.go", "model.go", "protocol.go", "move.go", "guards.go", "claims.go", "conjuncts.go", "memory.go", "structure.go", "done.go", "history.go", "possible.go"},
		history: []string{"earlier", "record", "History", "Stale"},
		native:  []string{"forgets"},
	},
	Code: {
		roots:   []string{"Control.*", "Pin.Release"},
		without: []string{"control.go", "hooks.go", "snapshot.go", "doc.go", "errors.go", "system.go", "pool.go", "page_table.go", "page.go", "lock.go", "bytes.go", "root.go", "protocol.go"},
		history: []string{"stale", "oops"},
		apart:   []string{"abandon", "abandonArea", "exists", "visiting", "returned", "finished", "leave"},
		native:  []string{"hooks", "bounded", "bounds"},
	},
}

// skipped are the names of what is not mutated.
func (c choice) skipped() []string { return slices.Concat(c.history, c.apart) }

// A function is one that is mutated.
type function struct {
	name string
	file *file
	decl *ast.FuncDecl
}

// functions lists what is to be mutated, in the order of the files.
func (s *source) functions(c choice) ([]function, error) {
	decls := map[string][]function{} // a call through an interface may be of any of its name
	var all []function
	for _, f := range s.files {
		for _, d := range f.syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				fn := function{funcName(d), f, d}
				all = append(all, fn)
				decls[d.Name.Name] = append(decls[d.Name.Name], fn)
			}
		}
	}
	reached := map[*ast.FuncDecl]bool{}
	var reach func(function)
	reach = func(fn function) {
		if reached[fn.decl] {
			return
		}
		reached[fn.decl] = true
		ast.Inspect(fn.decl.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if called, ok := s.info.Uses[id].(*types.Func); ok && called.Pkg() == s.pkg {
					for _, to := range decls[called.Name()] {
						if s.calls(called, to.decl) {
							reach(to)
						}
					}
				}
			}
			return true
		})
	}
	for _, root := range c.roots {
		found := false
		for _, fn := range all {
			if on, any := strings.CutSuffix(root, ".*"); fn.name == root || any && strings.HasPrefix(fn.name, on+".") {
				found = true
				reach(fn)
			}
		}
		if !found {
			return nil, fmt.Errorf("rootlock: no function %s in %s: was it renamed? Mutants begin there", root, s.side)
		}
	}
	return slices.DeleteFunc(all, func(fn function) bool {
		return !reached[fn.decl] || slices.Contains(c.without, path.Base(fn.file.name)) || slices.Contains(c.skipped(), fn.decl.Name.Name)
	}), nil
}

// calls reports whether a call of a function may come to a declaration.
func (s *source) calls(called *types.Func, to *ast.FuncDecl) bool {
	declared := s.info.Defs[to.Name]
	if declared == called {
		return true
	}
	recv := called.Signature().Recv()
	if recv == nil || to.Recv == nil {
		return false
	}
	asked, ok := recv.Type().Underlying().(*types.Interface)
	return ok && types.Implements(declared.(*types.Func).Signature().Recv().Type(), asked)
}

// funcName is the name of a function; with its type, if that is not Model.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok && id.Name != "Model" {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}
