package mutant

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

// condition mutates what decides a branch.
func (g *generator) condition(e ast.Expr) {
	if g.mentionsHistory(e) || g.isNative(e) {
		return
	}
	g.wrapNegate(g.mutant(Negate, e, g.text(g.file, e), ""), e)
	g.within(e, true)
}

// value mutates what is stored or returned.
func (g *generator) value(e ast.Expr) {
	if g.mentionsHistory(e) {
		return
	}
	if t, ok := g.info.Types[e]; ok && t.Value == nil && isBool(t.Type) {
		switch unparen(e).(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr, *ast.CallExpr:
			g.condition(e)
			return
		}
	}
	g.expr(e)
}

func (g *generator) expr(e ast.Expr) { g.within(e, false) }

// within mutates an expression and its parts. whole says that the whole of it has been
// negated, so that to compare the other way round is nothing new.
func (g *generator) within(e ast.Expr, whole bool) {
	if t := g.info.Types[e]; t.Value != nil {
		g.constant(e, t)
		return
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		g.within(e.X, whole)
	case *ast.BinaryExpr:
		g.binary(e, whole)
	case *ast.UnaryExpr:
		if lit, ok := e.X.(*ast.CompositeLit); ok || e.Op == token.NOT {
			if ok {
				g.expr(lit)
			} else {
				g.within(e.X, whole)
			}
		}
	case *ast.StarExpr:
		g.inside(e.X)
	case *ast.SelectorExpr:
		g.inside(e.X)
		g.field(e)
	case *ast.CallExpr:
		if g.mentionsHistory(e.Fun) {
			return
		}
		g.inside(e.Fun)
		for _, arg := range e.Args {
			if t := g.info.Types[arg]; t.IsType() {
				continue
			}
			g.expr(arg)
		}
	case *ast.IndexExpr, *ast.SliceExpr:
		g.inside(e)
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); !ok || !g.isHistoryName(id.Name) {
					g.expr(kv.Value)
				}
				continue
			}
			g.expr(el)
		}
	case *ast.FuncLit:
		g.body(e.Type, e.Body)
	}
}

// inside mutates the parts of an expression that must itself stay what it is: because
// something is stored there, or its address is taken.
func (g *generator) inside(e ast.Expr) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		g.inside(e.X)
	case *ast.SelectorExpr:
		g.inside(e.X)
	case *ast.StarExpr:
		g.inside(e.X)
	case *ast.IndexExpr:
		if t := g.info.Types[e.Index]; !t.IsType() {
			g.inside(e.X)
			g.expr(e.Index)
		}
	case *ast.SliceExpr:
		g.inside(e.X)
		for _, bound := range []ast.Expr{e.Low, e.High} {
			if bound != nil {
				g.expr(bound)
			}
		}
	case *ast.CallExpr:
		g.within(e, false)
	}
}

var boundary = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}

var opposite = map[token.Token]token.Token{token.LSS: token.GEQ, token.LEQ: token.GTR, token.GTR: token.LEQ, token.GEQ: token.LSS,
	token.EQL: token.NEQ, token.NEQ: token.EQL}

func (g *generator) binary(e *ast.BinaryExpr, whole bool) {
	x, y := g.text(g.file, e.X), g.text(g.file, e.Y)
	was := g.text(g.file, e)
	bool := func(op Operator, instead string) {
		g.wrapBool(g.mutant(op, e, was, instead), e, instead)
	}
	switch e.Op {
	case token.LAND, token.LOR:
		other := token.LOR
		if e.Op == token.LOR {
			other = token.LAND
		}
		bool(Connect, g.grouped(e.X)+" "+other.String()+" "+g.grouped(e.Y))
		bool(Connect, x)
		bool(Connect, y)
		g.within(e.X, false)
		g.within(e.Y, false)
		return
	case token.ADD, token.SUB:
		if t := g.info.TypeOf(e); isInteger(t) && !g.callsAny(e) {
			other := token.SUB
			if e.Op == token.SUB {
				other = token.ADD
			}
			if name, ok := g.typeName(t); ok {
				instead := x + " " + other.String() + " " + y
				g.wrapPick(g.mutant(Arith, e, was, instead), e, name, instead)
			}
		}
	}
	if op, ok := boundary[e.Op]; ok {
		bool(Compare, x+" "+op.String()+" "+y)
	}
	if op, ok := opposite[e.Op]; ok && !whole {
		bool(Compare, x+" "+op.String()+" "+y)
	}
	if e.Op == token.SHL || e.Op == token.SHR { // the constant is of the result's type
		return
	}
	g.expr(e.X)
	g.expr(e.Y)
}

// grouped is the source of an operand, in parentheses if it has operators.
func (g *generator) grouped(e ast.Expr) string {
	if _, ok := e.(*ast.BinaryExpr); ok {
		return "(" + g.text(g.file, e) + ")"
	}
	return g.text(g.file, e)
}

// callsAny reports whether an expression calls anything: to compute it twice might do something twice.
func (g *generator) callsAny(e ast.Expr) (calls bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && !g.info.Types[c.Fun].IsType() {
			calls = true
		}
		return !calls
	})
	return calls
}

// constant mutates a constant: a number, a truth value, or one of a type's names.
func (g *generator) constant(e ast.Expr, t types.TypeAndValue) {
	name, ok := g.typeName(types.Default(t.Type))
	if !ok {
		return
	}
	pick := func(op Operator, instead string) {
		g.wrapPick(g.mutant(op, e, g.context(e), instead), e, name, instead)
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		if n, ok := constant.Int64Val(t.Value); ok && e.Kind == token.INT {
			pick(Constant, strconv.FormatInt(n+1, 10))
			if n > 0 {
				pick(Constant, strconv.FormatInt(n-1, 10))
			}
		}
	case *ast.Ident:
		c, ok := g.info.Uses[e].(*types.Const)
		switch {
		case !ok:
		case c.Parent() == types.Universe && c.Name() == "true":
			pick(Constant, "false")
		case c.Parent() == types.Universe && c.Name() == "false":
			pick(Constant, "true")
		case c.Pkg() == g.pkg:
			if other := g.used.constant(c); other != "" {
				pick(Sibling, other)
			}
		}
	}
}

// field mutates the reading of a field: another of the same type is read.
func (g *generator) field(e *ast.SelectorExpr) {
	sel := g.info.Selections[e]
	if sel == nil || sel.Kind() != types.FieldVal {
		return
	}
	name, ok := g.typeName(sel.Type())
	other := g.used.field(g.text(g.file, e.X), e.Sel.Name, sel.Type())
	if ok && other != "" {
		g.wrapPick(g.mutant(Sibling, e, g.context(e), other), e, name, g.text(g.file, e.X)+"."+other)
	}
}

// typeName is how a file writes a type: a predeclared one, or one of the package.
func (g *generator) typeName(t types.Type) (string, bool) {
	switch t := t.(type) {
	case *types.Basic:
		return t.Name(), t.Info()&(types.IsInteger|types.IsBoolean) != 0 && t.Info()&types.IsUntyped == 0
	case *types.Pointer:
		name, ok := g.typeName(t.Elem())
		return "*" + name, ok
	case *types.Named:
		return t.Obj().Name(), t.Obj().Pkg() == g.pkg && t.Obj().Parent() == g.pkg.Scope() && t.TypeArgs().Len() == 0
	}
	return "", false
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

func isInteger(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func unparen(e ast.Expr) ast.Expr {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			return e
		}
		e = p.X
	}
}
