package museum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/scratch"
	"github.com/rootlock/rootlock/triangle/museum"
)

// Many entries stand in one program. A function that an entry edits is there twice, as
// the law has it and, under a name of its own, as the entry has it:
//
//	func (m *Model) lookup(th *Thread) {
//		if museumEdit == 7 {
//			m.lookup_Recheck(th)
//			return
//		}
//		... as it was
//
// The program reads from its environment which entry's edits of spec/ it has, and which
// of impl/. So one build serves all entries, with both sides edited, with one, and the law
// itself. An entry that changes more than bodies of functions cannot be told apart in this
// way: it is left out, and built alone.

// variantVariable names, for a side, the entry whose edits a woven program has there.
func variantVariable(side string) string { return "ROOTLOCK_MUSEUM_" + strings.ToUpper(side) }

// Woven is one program for many entries.
type Woven struct {
	dir     *scratch.Dir
	program string
	entries []Entry
	Seconds float64 // that building it took
}

// Weave builds one program for those of the entries that can be woven; without any it has
// none, and they are built one by one. Whoever has it must Close it.
func Weave(ctx context.Context, entries []Entry, root string) (_ *Woven, err error) {
	start := time.Now()
	w := &Woven{}
	if w.dir, err = scratch.MakeDir("museum"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	for left := entries; len(left) > 0; {
		if ctx.Err() != nil { // edited for nothing
			return nil, context.Cause(ctx)
		}
		var overlay string
		if overlay, w.entries, err = weave(left, root, w.dir.Path); err != nil {
			return nil, err
		}
		w.program, err = compile(ctx, specimenPackage, root, w.dir.Path, overlay)
		if err == nil {
			break
		}
		said := (*refusal)(nil)
		if !errors.As(err, &said) {
			return nil, err
		}
		// What the compiler refuses is built alone, and told of with its line.
		left = slices.DeleteFunc(slices.Clone(w.entries), func(e Entry) bool { return strings.Contains(said.text, wovenPrefix+e.Name+"_") })
		if len(left) == len(w.entries) { // it complains about what is not ours: so it will of each entry
			left = nil
		}
		w.entries = nil
	}
	w.Seconds = time.Since(start).Seconds()
	return w, nil
}

// Close deletes the program.
func (w *Woven) Close() error { return w.dir.Remove() }

// specimen is the program with the entry's edits of the given sides (none: both); nil: they
// are not in it. Of the law, an entry without edits, there is always one.
func (w *Woven) specimen(e *Entry, sides ...string) *specimen {
	if w == nil || w.program == "" {
		return nil
	}
	s := &specimen{entry: e, program: w.program}
	for _, side := range Sides() {
		if len(sides) > 0 && !slices.Contains(sides, side) || !slices.ContainsFunc(e.Files, func(f museum.File) bool { return path.Dir(f.Name) == side }) {
			s.edits = append(s.edits, variantVariable(side)+"=")
			continue
		}
		s.edits = append(s.edits, variantVariable(side)+"="+e.Name)
	}
	if len(e.Files) > 0 && !slices.ContainsFunc(w.entries, func(x Entry) bool { return x.Name == e.Name && reflect.DeepEqual(x.Files, e.Files) }) {
		return nil
	}
	return s
}

// wovenPrefix begins the names of files that have an entry's versions of functions.
const wovenPrefix = "museum_"

// weave writes the sources of the law with the edits of all entries that it can weave into
// dir, and returns the file for go build -overlay and those entries. An entry that cannot
// be applied is left out too: built alone, it says what is wrong.
func weave(entries []Entry, root, dir string) (overlay string, woven []Entry, err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return "", nil, err
	}
	replace := map[string]string{}
	add := func(name, text string) error {
		formatted, err := format.Source([]byte(text))
		if err != nil {
			return fmt.Errorf("rootlock: weaving %s: %w", name, err)
		}
		edited := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		replace[filepath.Join(root, filepath.FromSlash(name))] = edited
		return os.WriteFile(edited, formatted, 0o600)
	}
	sides := map[string]*loom{}
	for _, side := range Sides() {
		if sides[side], err = newLoom(root, side); err != nil {
			return "", nil, err
		}
	}
	for i := range entries {
		e := &entries[i]
		threads := map[string][]thread{}
		whole := len(e.Files) > 0
		for _, side := range Sides() {
			list, ok := sides[side].threads(e)
			threads[side], whole = list, whole && ok
		}
		if !whole {
			continue
		}
		woven = append(woven, *e)
		for _, side := range Sides() {
			sides[side].take(e, threads[side])
		}
	}
	for _, side := range Sides() {
		for name, text := range sides[side].texts() {
			if err := add(name, text); err != nil {
				return "", nil, err
			}
		}
	}
	data, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", nil, err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, woven, os.WriteFile(overlay, data, 0o600)
}

// A loom weaves the entries' edits of one package.
type loom struct {
	root, side string
	sources    map[string]*source // by name from the project's root
	methods    map[string]bool    // names of methods, of types and interfaces, and of fields
	entries    []string           // that are woven; the number of one is its index and 1
	made       map[string]string  // new files
}

// A source is a file of the law.
type source struct {
	text  string
	fset  *token.FileSet
	file  *ast.File
	funcs map[string]*ast.FuncDecl
	calls map[string][]call // by function: what is called instead of it
}

// A call is of an entry's version of a function.
type call struct {
	entry int
	name  string
}

// A thread is what an entry changes in a file.
type thread struct {
	source  string
	changed []string // keys of functions
	text    string   // of the file with the entry's versions
}

func newLoom(root, side string) (*loom, error) {
	l := &loom{root: root, side: side, sources: map[string]*source{}, methods: map[string]bool{}, made: map[string]string{}}
	names, err := filepath.Glob(filepath.Join(root, side, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := parseSource(filepath.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		l.sources[side+"/"+filepath.Base(name)] = s
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				l.methods[n.Name.Name] = l.methods[n.Name.Name] || n.Recv != nil
			case *ast.StructType:
				l.named(n.Fields)
			case *ast.InterfaceType:
				l.named(n.Methods)
			}
			return true
		})
	}
	return l, nil
}

func (l *loom) named(list *ast.FieldList) {
	for _, f := range list.List {
		for _, id := range f.Names {
			l.methods[id.Name] = true
		}
	}
}

func parseSource(name, text string) (*source, error) {
	s := &source{text: text, fset: token.NewFileSet(), funcs: map[string]*ast.FuncDecl{}, calls: map[string][]call{}}
	var err error
	if s.file, err = parser.ParseFile(s.fset, name, text, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			s.funcs[s.key(f)] = f
		}
	}
	return s, nil
}

func (s *source) offset(p token.Pos) int { return s.fset.Position(p).Offset }

func (s *source) of(n ast.Node) string { return s.text[s.offset(n.Pos()):s.offset(n.End())] }

// key names a function: with its receiver's type.
func (s *source) key(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return s.of(f.Recv.List[0].Type) + "." + f.Name.Name
}

// code is a function without its comment.
func (s *source) code(f *ast.FuncDecl) string {
	return s.text[s.offset(f.Type.Pos()):s.offset(f.End())]
}

// threads are what an entry changes in this package. It is not ok if that is more than
// bodies of functions and new functions.
func (l *loom) threads(e *Entry) (list []thread, ok bool) {
	for i := range e.Files {
		f := &e.Files[i]
		if path.Dir(f.Name) != l.side {
			continue
		}
		old := l.sources[f.Name]
		if old == nil {
			return nil, false
		}
		text, err := f.Edited(l.root)
		if err != nil {
			return nil, false
		}
		t, ok := l.thread(e, f.Name, old, string(text))
		if !ok {
			return nil, false
		}
		list = append(list, t)
	}
	return list, true
}

func (l *loom) thread(e *Entry, name string, old *source, text string) (t thread, ok bool) {
	edited, err := parseSource(path.Base(name), text)
	if err != nil {
		return t, false
	}
	t.source = name
	renamed := map[int]string{} // by offset: names of functions
	keep := map[ast.Decl]bool{}
	fresh := map[string]bool{}
	for key, f := range edited.funcs {
		was := old.funcs[key]
		switch {
		case was == nil && (f.Recv != nil && l.methods[f.Name.Name] || f.Name.Name == "init" || f.Name.Name == "main"):
			return t, false // it may take the place of another method
		case was == nil:
			fresh[f.Name.Name] = true
		case old.code(was) == edited.code(f):
			continue
		case f.Type.TypeParams != nil || f.Body == nil || f.Name.Name == "init":
			return t, false
		case old.signature(was) != edited.signature(f):
			if f.Recv != nil { // it may no longer be what an interface asks for
				return t, false
			}
			fresh[f.Name.Name] = true // all that call it are edited too
		default:
			t.changed = append(t.changed, key)
			renamed[edited.offset(f.Name.Pos())] = f.Name.Name + "_" + e.Name
		}
		keep[f] = true
	}
	for key := range old.funcs {
		if edited.funcs[key] == nil {
			return t, false
		}
	}
	var before []string
	for _, d := range old.file.Decls {
		if g, is := d.(*ast.GenDecl); is && g.Tok != token.IMPORT {
			before = append(before, old.of(g))
		}
	}
	for _, d := range edited.file.Decls {
		if g, is := d.(*ast.GenDecl); is && g.Tok != token.IMPORT {
			if len(before) == 0 || before[0] != edited.of(g) {
				return t, false
			}
			before = before[1:]
		}
	}
	if len(before) > 0 {
		return t, false
	}
	// New functions get the entry's name wherever they are called: another entry may have
	// some of the same name.
	for d := range keep {
		ast.Inspect(d, func(n ast.Node) bool {
			if id, is := n.(*ast.Ident); is && fresh[id.Name] {
				renamed[edited.offset(id.Pos())] = id.Name + "_" + e.Name
			}
			return true
		})
	}
	t.text = edited.only(keep, renamed)
	slices.Sort(t.changed)
	return t, true
}

// signature is the types of a function's parameters and results.
func (s *source) signature(f *ast.FuncDecl) string {
	var types strings.Builder
	for _, list := range []*ast.FieldList{f.Type.Params, f.Type.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				types.WriteString(s.of(field.Type) + ", ")
			}
		}
		types.WriteString("; ")
	}
	return types.String()
}

// only is a file with some of its functions, renamed, and the imports that they need.
func (s *source) only(keep map[ast.Decl]bool, renamed map[int]string) string {
	used := map[string]bool{}
	var body strings.Builder
	for _, d := range s.file.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || !keep[f] {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if x, is := n.(*ast.SelectorExpr); is {
				if id, is := x.X.(*ast.Ident); is {
					used[id.Name] = true
				}
			}
			return true
		})
		at, end := s.offset(f.Type.Pos()), s.offset(f.End())
		var offsets []int
		for o := range renamed {
			if at <= o && o < end {
				offsets = append(offsets, o)
			}
		}
		sort.Ints(offsets)
		for _, o := range offsets {
			body.WriteString(s.text[at:o] + renamed[o])
			for at = o; at < end && isNamePart(s.text[at]); at++ {
			}
		}
		body.WriteString(s.text[at:end] + "\n\n")
	}
	var head strings.Builder
	fmt.Fprintf(&head, "package %s\n\n", s.file.Name.Name)
	for _, i := range s.file.Imports {
		name := strings.Trim(i.Path.Value, `"`)
		if name = path.Base(name); i.Name != nil {
			name = i.Name.Name
		}
		if used[name] {
			fmt.Fprintf(&head, "import %s\n", s.of(i))
		}
	}
	return head.String() + "\n" + body.String()
}

func isNamePart(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// take weaves an entry in.
func (l *loom) take(e *Entry, threads []thread) {
	if len(threads) == 0 {
		return
	}
	l.entries = append(l.entries, e.Name)
	for _, t := range threads {
		s := l.sources[t.source]
		for _, key := range t.changed {
			s.calls[key] = append(s.calls[key], call{len(l.entries), s.funcs[key].Name.Name + "_" + e.Name})
		}
		// No file's name may end like that of a test or of a system's own.
		name := fmt.Sprintf("%s/"+wovenPrefix+"%s_%s", l.side, e.Name, path.Base(t.source))
		l.made[strings.TrimSuffix(name, ".go")+"_edited.go"] = t.text
	}
}

// texts are the files that differ from the law's, and those that are new, by name.
func (l *loom) texts() map[string]string {
	texts := l.made
	for name, s := range l.sources {
		if len(s.calls) > 0 {
			texts[name] = s.woven()
		}
	}
	var list strings.Builder
	for i, name := range l.entries {
		fmt.Fprintf(&list, "\tcase %q:\n\t\treturn %d\n", name, i+1)
	}
	texts[l.side+"/museum_edit.go"] = fmt.Sprintf(`package %s

import "os"

// museumEdit is the number of the entry whose edits this package has; 0: the law.
var museumEdit = func() int {
	switch name := os.Getenv(%q); name {
	case "":
		return 0
%s	default:
		panic("rootlock: this program has no museum entry " + name)
	}
}()
`, l.side, variantVariable(l.side), &list)
	return texts
}

// woven is a file whose functions first ask which entry's version is meant.
func (s *source) woven() string {
	type insertion struct {
		from, to int
		text     string
	}
	var list []insertion
	for key, calls := range s.calls {
		f, n := s.funcs[key], 0
		name := func(field *ast.Field) (names []string) {
			if len(field.Names) == 0 {
				n++
				names = append(names, fmt.Sprintf("museum%d", n))
				at := s.offset(field.Type.Pos())
				list = append(list, insertion{at, at, names[0] + " "})
			}
			for _, id := range field.Names {
				if id.Name != "_" {
					names = append(names, id.Name)
					continue
				}
				n++
				names = append(names, fmt.Sprintf("museum%d", n))
				list = append(list, insertion{s.offset(id.Pos()), s.offset(id.End()), names[len(names)-1]})
			}
			return names
		}
		receiver := ""
		if f.Recv != nil {
			receiver = name(f.Recv.List[0])[0] + "."
		}
		var arguments []string
		for _, field := range f.Type.Params.List {
			names := name(field)
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				names[0] += "..."
			}
			arguments = append(arguments, names...)
		}
		var text strings.Builder
		text.WriteString("\nswitch museumEdit {\n")
		for _, c := range calls {
			to := fmt.Sprintf("%s%s(%s)", receiver, c.name, strings.Join(arguments, ", "))
			if f.Type.Results != nil {
				fmt.Fprintf(&text, "case %d:\nreturn %s\n", c.entry, to)
			} else {
				fmt.Fprintf(&text, "case %d:\n%s\nreturn\n", c.entry, to)
			}
		}
		text.WriteString("}\n")
		at := s.offset(f.Body.Lbrace) + 1
		list = append(list, insertion{at, at, text.String()})
	}
	slices.SortFunc(list, func(a, b insertion) int { return a.from - b.from })
	var out strings.Builder
	at := 0
	for _, i := range list {
		out.WriteString(s.text[at:i.from] + i.text)
		at = i.to
	}
	return out.String() + s.text[at:]
}
