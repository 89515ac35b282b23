package mutant

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Generate lists the mutants of one side, in the order of the source.
func Generate(ctx context.Context, root string, side Side) ([]*Mutant, error) {
	g, err := generate(ctx, root, side)
	if err != nil {
		return nil, err
	}
	return g.mutants, nil
}

// A generator walks the functions of a package. Each mutant is a wrap around a piece of
// source: code that asks active whether it is the one.
type generator struct {
	*source
	choice  choice
	mutants []*Mutant
	wraps   map[*file][]wrap

	function            // being mutated
	used     *neighbour // what it uses: for siblings
}

func generate(ctx context.Context, root string, side Side) (*generator, error) {
	s, err := load(ctx, root, side)
	if err != nil {
		return nil, err
	}
	return newGenerator(s, choices[side])
}

func newGenerator(s *source, c choice) (*generator, error) {
	functions, err := s.functions(c)
	if err != nil {
		return nil, err
	}
	g := &generator{source: s, choice: c, wraps: map[*file][]wrap{}}
	for _, fn := range functions {
		g.function = fn
		g.used = g.neighbours(fn.decl.Body)
		g.body(fn.decl.Type, fn.decl.Body)
	}
	number(g.mutants)
	return g, nil
}

// body mutates a function's body.
func (g *generator) body(t *ast.FuncType, b *ast.BlockStmt) {
	g.list(b.List, true)
	if t.Results != nil && t.Results.NumFields() > 0 {
		// A statement in a wrap ends no function, as the compiler sees it.
		at := g.offset(b.Rbrace)
		g.wraps[g.file] = append(g.wraps[g.file], wrap{at, at, func(string) string { return `;panic("not reached");` }})
	}
}

// mutant makes a mutant of a node, and returns what its wrap asks for: active.Is(7).
func (g *generator) mutant(op Operator, n ast.Node, was, now string) *Mutant {
	m := &Mutant{Number: uint32(len(g.mutants) + 1), Side: g.side, File: g.file.name, Line: g.fset.Position(n.Pos()).Line,
		Func: g.name, Operator: op, Was: short(was), Now: short(now)}
	g.mutants = append(g.mutants, m)
	return m
}

// list mutates statements that stand one behind the other. tail says that after the last
// the function ends.
func (g *generator) list(stmts []ast.Stmt, tail bool) {
	for i, st := range stmts {
		last := tail && i == len(stmts)-1
		if i > 0 && g.dependent(stmts[i-1], st) {
			g.swap(stmts[i-1], st)
		}
		g.dropped(st, last)
		g.stmt(st, last)
	}
}

// dropped makes the mutants that leave out a statement, or a part of it.
func (g *generator) dropped(st ast.Stmt, tail bool) {
	if g.isHistory(st) {
		return
	}
	text := g.text(g.file, st)
	switch st := st.(type) {
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE || isBlank(st.Lhs) {
			return
		}
		if len(st.Lhs) == 1 || len(st.Lhs) != len(st.Rhs) {
			g.wrapDrop(g.mutant(Drop, st, text, ""), st)
			break
		}
		for i := range st.Lhs {
			if g.mentionsHistory(st.Lhs[i]) {
				continue
			}
			var lhs, rhs string
			for j := range st.Lhs {
				if j == i {
					continue
				}
				if lhs != "" {
					lhs, rhs = lhs+", ", rhs+", "
				}
				lhs, rhs = lhs+g.text(g.file, st.Lhs[j]), rhs+g.text(g.file, st.Rhs[j])
			}
			g.wrapInstead(g.mutant(Drop, st, g.text(g.file, st.Lhs[i])+" = "+g.text(g.file, st.Rhs[i]), ""), st, lhs+" = "+rhs)
		}
	case *ast.IncDecStmt:
		g.wrapDrop(g.mutant(Drop, st, text, ""), st)
		other := token.INC
		if st.Tok == token.INC {
			other = token.DEC
		}
		instead := g.text(g.file, st.X) + other.String()
		g.wrapInstead(g.mutant(Arith, st, text, instead), st, instead)
	case *ast.ExprStmt:
		if call, ok := st.X.(*ast.CallExpr); ok && !isPanic(call) {
			g.wrapDrop(g.mutant(Drop, st, text, ""), st)
		}
	case *ast.DeferStmt:
		g.wrapDrop(g.mutant(Drop, st, text, ""), st)
	case *ast.BranchStmt:
		if st.Tok == token.BREAK || st.Tok == token.CONTINUE {
			g.wrapDrop(g.mutant(Drop, st, text, ""), st)
		}
	case *ast.ReturnStmt:
		if !tail {
			g.wrapDrop(g.mutant(Drop, st, text, ""), st)
		}
	}
	if as, ok := st.(*ast.AssignStmt); ok {
		if other, ok := map[token.Token]token.Token{token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN}[as.Tok]; ok {
			instead := g.text(g.file, as.Lhs[0]) + " " + other.String() + " " + g.text(g.file, as.Rhs[0])
			g.wrapInstead(g.mutant(Arith, st, text, instead), st, instead)
		}
	}
}

// stmt mutates what is in a statement.
func (g *generator) stmt(st ast.Stmt, tail bool) {
	switch st := st.(type) {
	case *ast.AssignStmt:
		for i, e := range st.Lhs {
			g.inside(e)
			if len(st.Lhs) == len(st.Rhs) && !g.mentionsHistory(e) {
				g.value(st.Rhs[i])
			}
		}
		if len(st.Lhs) != len(st.Rhs) {
			g.expr(st.Rhs[0])
		}
	case *ast.IncDecStmt:
		g.inside(st.X)
	case *ast.ExprStmt:
		if !g.isHistory(st) {
			g.expr(st.X)
		}
	case *ast.BlockStmt:
		g.list(st.List, tail)
	case *ast.IfStmt:
		if st.Init != nil {
			g.stmt(st.Init, false)
		}
		if g.isHistory(st) || g.isNative(st.Cond) {
			if st.Else != nil {
				g.stmt(st.Else, tail)
			}
			return
		}
		g.condition(st.Cond)
		if alone(st.Body) == nil && !g.mentionsHistory(st.Cond) {
			g.wrapNever(st.Cond)
		}
		g.list(st.Body.List, tail)
		if st.Else != nil {
			g.stmt(st.Else, tail)
		}
	case *ast.SwitchStmt:
		if st.Init != nil {
			g.stmt(st.Init, false)
		}
		if st.Tag != nil {
			g.expr(st.Tag)
		}
		for _, c := range st.Body.List {
			g.clause(c.(*ast.CaseClause), st.Tag == nil, tail)
		}
	case *ast.ForStmt:
		if st.Init != nil {
			g.stmt(st.Init, false)
		}
		if st.Cond != nil {
			g.condition(st.Cond)
		}
		if !g.isHistory(st) {
			g.list(st.Body.List, false)
		}
	case *ast.RangeStmt:
		g.expr(st.X)
		if !g.isHistory(st) {
			g.list(st.Body.List, false)
		}
	case *ast.ReturnStmt:
		for _, e := range st.Results {
			g.value(e)
		}
	}
}

// clause mutates a case: its conditions or values, and what it does.
func (g *generator) clause(c *ast.CaseClause, conditions, tail bool) {
	for _, e := range c.List {
		if conditions {
			if g.mentionsHistory(e) {
				continue
			}
			g.wrapNever(e)
			g.condition(e)
			continue
		}
		if b, ok := g.info.TypeOf(e).Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			g.wrapCase(g.mutant(Never, e, "case "+g.text(g.file, e), ""), e)
		}
	}
	g.list(c.Body, tail)
}

// alone is the one statement of a block, if that can be dropped: to drop it is never to
// take the branch.
func alone(b *ast.BlockStmt) ast.Stmt {
	if len(b.List) != 1 {
		return nil
	}
	switch st := b.List[0].(type) {
	case *ast.AssignStmt:
		if st.Tok != token.DEFINE && len(st.Lhs) == 1 {
			return st
		}
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt, *ast.ReturnStmt:
		return st
	}
	return nil
}

func isBlank(list []ast.Expr) bool {
	return !slices.ContainsFunc(list, func(e ast.Expr) bool { id, ok := e.(*ast.Ident); return !ok || id.Name != "_" })
}

func isPanic(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "panic"
}
