package mutant

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A neighbour is what a function uses: of these one may be taken for another.
type neighbour struct {
	constants []*types.Const
	fields    []usedField
	context   map[ast.Expr]ast.Node
}

type usedField struct {
	of, name string
	typ      types.Type
}

// neighbours looks through a body. What cases name is not among the constants: that one
// step is not another's case goes without saying.
func (g *generator) neighbours(body *ast.BlockStmt) *neighbour {
	n := &neighbour{context: map[ast.Expr]ast.Node{}}
	var stack []ast.Node
	ast.Inspect(body, func(node ast.Node) bool {
		if node == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, node)
		switch e := node.(type) {
		case *ast.Ident:
			if c, ok := g.info.Uses[e].(*types.Const); ok && c.Pkg() == g.pkg && !inCase(stack) && !slices.Contains(n.constants, c) {
				n.constants = append(n.constants, c)
			}
			n.context[e] = enclosing(stack)
		case *ast.BasicLit:
			n.context[e] = enclosing(stack)
		case *ast.SelectorExpr:
			n.context[e] = enclosing(stack)
			if sel := g.info.Selections[e]; sel != nil && sel.Kind() == types.FieldVal && !g.isHistoryName(e.Sel.Name) {
				f := usedField{g.text(g.file, e.X), e.Sel.Name, sel.Type()}
				if !slices.ContainsFunc(n.fields, func(o usedField) bool { return o.of == f.of && o.name == f.name }) {
					n.fields = append(n.fields, f)
				}
			}
		}
		return true
	})
	return n
}

func inCase(stack []ast.Node) bool {
	for i, n := range stack[1:] {
		if c, ok := stack[i].(*ast.CaseClause); ok {
			if e, ok := n.(ast.Expr); ok && slices.Contains(c.List, e) {
				return true
			}
		}
	}
	return false
}

// enclosing is what a reader must see to know which constant is meant.
func enclosing(stack []ast.Node) ast.Node {
	for i := len(stack) - 2; i >= 0; i-- {
		switch n := stack[i].(type) {
		case *ast.BinaryExpr, *ast.AssignStmt, *ast.ReturnStmt, *ast.CallExpr, *ast.IndexExpr, *ast.KeyValueExpr, *ast.SliceExpr:
			return n
		}
	}
	return stack[len(stack)-1]
}

// context is a constant or field with what stands around it: x == 0 [0].
func (g *generator) context(e ast.Expr) string {
	text := g.text(g.file, e)
	if around := g.used.context[e]; around != nil && around != ast.Node(e) {
		return short(g.text(g.file, around)) + " [" + text + "]"
	}
	return text
}

// constant is another constant of the type: the next that the function uses.
func (n *neighbour) constant(c *types.Const) string {
	var same []*types.Const
	for _, o := range n.constants {
		if types.Identical(o.Type(), c.Type()) {
			same = append(same, o)
		}
	}
	if i := slices.Index(same, c); i >= 0 && len(same) > 1 {
		return same[(i+1)%len(same)].Name()
	}
	return ""
}

// field is another field of the same value and type: the next that the function uses.
func (n *neighbour) field(of, name string, t types.Type) string {
	var same []string
	for _, f := range n.fields {
		if f.of == of && types.Identical(f.typ, t) {
			same = append(same, f.name)
		}
	}
	if i := slices.Index(same, name); i >= 0 && len(same) > 1 {
		return same[(i+1)%len(same)]
	}
	return ""
}

// isHistoryName reports whether a name is one that only claims read.
func (g *generator) isHistoryName(name string) bool { return slices.Contains(g.choice.skipped(), name) }

// mentionsHistory reports whether what only claims read has a part in an expression.
func (g *generator) mentionsHistory(e ast.Node) bool { return g.mentions(e, g.choice.skipped()) }

// isNative reports whether a condition tells running under control from running free.
func (g *generator) isNative(e ast.Expr) bool { return g.mentions(e, g.choice.native) }

func (g *generator) mentions(e ast.Node, names []string) (yes bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && slices.Contains(names, id.Name) {
			yes = true
		}
		return !yes
	})
	return yes
}

// isHistory reports whether a statement does nothing but keep history.
func (g *generator) isHistory(st ast.Stmt) bool {
	all := func(list []ast.Stmt) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(s ast.Stmt) bool { return !g.isHistory(s) })
	}
	switch st := st.(type) {
	case *ast.AssignStmt:
		return !slices.ContainsFunc(st.Lhs, func(e ast.Expr) bool { return !g.mentionsHistory(e) })
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		return ok && g.mentionsHistory(call.Fun)
	case *ast.ReturnStmt:
		return g.mentionsHistory(st)
	case *ast.DeferStmt:
		fn, ok := st.Call.Fun.(*ast.FuncLit) // defer func() { if visiting { ... } }()
		return ok && !slices.ContainsFunc(fn.Body.List, func(s ast.Stmt) bool {
			branch, ok := s.(*ast.IfStmt)
			return !ok || !g.mentionsHistory(branch.Cond)
		})
	case *ast.IfStmt:
		return st.Else == nil && all(st.Body.List)
	case *ast.ForStmt:
		return all(st.Body.List)
	case *ast.RangeStmt:
		return all(st.Body.List)
	}
	return false
}

// dependent reports whether to change the order of two statements can make a difference:
// one writes what the other names, or both call something on the same value.
func (g *generator) dependent(a, b ast.Stmt) bool {
	wa, ca, oka := g.effect(a)
	wb, cb, okb := g.effect(b)
	if !oka || !okb || g.isHistory(a) || g.isHistory(b) {
		return false
	}
	ta, tb := g.text(g.file, a), g.text(g.file, b)
	for _, w := range wa {
		if strings.Contains(tb, w) {
			return true
		}
	}
	for _, w := range wb {
		if strings.Contains(ta, w) {
			return true
		}
	}
	return (ca || cb) && len(shared(names(a), names(b))) > 0
}

// effect is what a simple statement writes, and whether it calls anything.
func (g *generator) effect(st ast.Stmt) (writes []string, calls, ok bool) {
	switch st := st.(type) {
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE {
			return nil, false, false
		}
		for _, e := range st.Lhs {
			writes = append(writes, g.text(g.file, e))
		}
		for _, e := range st.Rhs {
			calls = calls || g.side == Code && g.callsAny(e) // the law's functions that return something only read
		}
		return writes, calls, true
	case *ast.IncDecStmt:
		return []string{g.text(g.file, st.X)}, false, true
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		if !ok || isPanic(call) {
			return nil, false, false
		}
		if fun, ok := call.Fun.(*ast.SelectorExpr); ok && g.side == Law && g.callsAny(fun.X) {
			return []string{g.text(g.file, fun.X)}, false, true // s.vma(v).pushChain(a): that area only
		}
		return nil, true, true
	}
	return nil, false, false
}

func names(n ast.Node) (list []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			list = append(list, id.Name)
		}
		return true
	})
	return list
}

func shared(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}
