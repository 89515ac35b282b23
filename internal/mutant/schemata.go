package mutant

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// All mutants of a package are in one program (mutant schemata): a piece of source that a
// mutant changes is wrapped in code that asks active which mutant runs. Wraps of pieces
// within pieces are within each other.

// A wrap rewrites the source from one offset to another; text is what it has become within.
type wrap struct {
	from, to int
	rewrite  func(text string) string
}

// is asks whether a mutant is active.
func (m *Mutant) is() string { return fmt.Sprintf("active.Is(%d)", m.Number) }

func (g *generator) wrap(n ast.Node, rewrite func(text string) string) {
	g.wraps[g.file] = append(g.wraps[g.file], wrap{g.offset(n.Pos()), g.offset(n.End()), rewrite})
}

// line is a directive: what follows stands at a place of the source, however many lines
// were put before it. The compiler's complaints then name file and line of the source.
func (g *generator) line(n ast.Node) string {
	p := g.fset.Position(n.Pos())
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}

func (g *generator) wrapDrop(m *Mutant, n ast.Node) {
	g.wrap(n, func(text string) string { return "if !" + m.is() + " { " + text + " }" })
}

func (g *generator) wrapInstead(m *Mutant, n ast.Node, instead string) {
	g.wrap(n, func(text string) string {
		return "if " + m.is() + " { " + g.line(n) + instead + " } else { " + g.line(n) + text + " }"
	})
}

func (g *generator) wrapNegate(m *Mutant, e ast.Expr) {
	g.wrap(e, func(text string) string { return "((" + text + ") != " + m.is() + ")" })
}

func (g *generator) wrapNever(e ast.Expr) {
	m := g.mutant(Never, e, g.text(g.file, e), "")
	g.wrap(e, func(text string) string { return "(!" + m.is() + " && (" + text + "))" })
}

func (g *generator) wrapCase(m *Mutant, e ast.Expr) {
	g.wrap(e, func(text string) string { return fmt.Sprintf("active.Drop(%d, %s)", m.Number, text) })
}

func (g *generator) wrapBool(m *Mutant, e ast.Expr, instead string) {
	g.wrap(e, func(text string) string {
		is := m.is()
		return "(" + is + " && (" + instead + ") || !" + is + " && (" + g.line(e) + text + "))"
	})
}

func (g *generator) wrapPick(m *Mutant, e ast.Expr, typ, instead string) {
	if strings.HasPrefix(typ, "*") {
		typ = "(" + typ + ")"
	}
	g.wrap(e, func(text string) string {
		return fmt.Sprintf("active.Pick[%s](%d, %s, %s)", typ, m.Number, text, instead)
	})
}

// swap lets a statement change places with the one after it.
func (g *generator) swap(a, b ast.Stmt) {
	first, second := g.text(g.file, a), g.text(g.file, b)
	m := g.mutant(Swap, b, first, second)
	at := g.offset(a.Pos())
	g.wraps[g.file] = append(g.wraps[g.file], wrap{at, at, func(string) string {
		return "if " + m.is() + " { " + g.line(b) + second + " }; " + g.line(a)
	}})
	g.wrapDrop(m, b)
}

// rewritten is a file with all its wraps.
func (g *generator) rewritten(f *file) string {
	list := slices.Clone(g.wraps[f])
	slices.SortStableFunc(list, func(a, b wrap) int { return cmp.Or(cmp.Compare(a.from, b.from), -cmp.Compare(a.to, b.to)) })
	// What is put before a piece must stand before all that wraps the piece.
	slices.SortStableFunc(list, func(a, b wrap) int {
		if a.from == b.from && (a.from == a.to) != (b.from == b.to) {
			if a.from == a.to {
				return -1
			}
			return 1
		}
		return 0
	})
	var render func(from, to int) string
	render = func(from, to int) string {
		var out strings.Builder
		for len(list) > 0 && list[0].from < to || len(list) > 0 && list[0].from == to && list[0].to == to && from == to {
			w := list[0]
			list = list[1:]
			out.WriteString(f.text[from:w.from])
			out.WriteString(w.rewrite(render(w.from, w.to)))
			from = w.to
		}
		out.WriteString(f.text[from:to])
		return out.String()
	}
	text := render(0, len(f.text))
	// The import goes to the end of the line of the package clause: no line moves.
	at := g.offset(f.syntax.Name.End())
	return "//line " + f.name + ":1\n" + text[:at] + "; import \"github.com/rootlock/rootlock/internal/mutant/active\"" + text[at:]
}

// overlay writes the rewritten files into dir, and returns the file for go build -overlay.
func (g *generator) overlay(dir string) (string, error) {
	replace := map[string]string{}
	for f := range g.wraps {
		name := filepath.Join(dir, strings.ReplaceAll(f.name, "/", "_"))
		if err := os.WriteFile(name, []byte(g.rewritten(f)), 0o600); err != nil {
			return "", err
		}
		replace[f.path] = name
	}
	data, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, data, 0o600)
}
