package museum

import (
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/museum"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Dir is where the entries stand, seen from the project's root.
const Dir = "testdata/museum"

const form = "see " + Dir + "/README.md for the form"

// Sections of an entry beside its edits.
const (
	entrySection       = "entry"
	definitionsSection = "tla/override.tla"
	replaceSection     = "tla/override.cfg"
)

// Load reads all entries of a folder, *.txtar, in the order of their names. It
// is strict: what it does not know is an error, and all errors are told at once.
func Load(files fs.FS) ([]Entry, error) {
	names, err := fs.Glob(files, "*.txtar")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("rootlock: the museum is empty: no *.txtar; it stands in " + Dir + " of the project")
	}
	var list []Entry
	var bad error
	for _, name := range names {
		data, err := input.ReadFS(files, name)
		if err != nil {
			return nil, err
		}
		e, err := parse(strings.TrimSuffix(name, ".txtar"), input.Lines(data))
		if err != nil {
			where := name
			if at := (*museum.LineError)(nil); errors.As(err, &at) {
				where = fmt.Sprintf("%s:%d", name, at.Line)
			}
			bad = errors.Join(bad, fmt.Errorf("rootlock: reading museum entry %s: %w; %s", where, err, form))
			continue
		}
		list = append(list, *e)
	}
	return list, bad
}

var entryName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

func parse(name string, data []byte) (*Entry, error) {
	first := museum.Sections(data)
	archive, err := input.Archive(data)
	if err != nil {
		return nil, err
	}
	if !entryName.MatchString(name) {
		return nil, fmt.Errorf("the name %q must be UpperCamel, as it becomes part of names in TLA+", name)
	}
	e := &Entry{Name: name, Story: strings.TrimSpace(string(archive.Comment))}
	if e.Story == "" {
		return nil, errors.New("it tells no story: an entry opens with prose")
	}
	overrides := false
	for _, f := range archive.Files {
		overrides = overrides || f.Name == definitionsSection || f.Name == replaceSection
	}
	seen := map[string]bool{}
	for i, f := range archive.Files {
		if seen[f.Name] {
			return nil, &museum.LineError{Line: first[i] - 1, Err: fmt.Errorf("section %s stands there twice", f.Name)}
		}
		seen[f.Name] = true
		var err error
		switch text := string(f.Data); {
		case strings.TrimSpace(text) == "":
			err = errors.New("it is empty (is the file whole?)")
		case f.Name == entrySection:
			err = e.header(text, first[i], overrides)
		case f.Name == definitionsSection:
			e.Definitions = text
		case f.Name == replaceSection:
			err = e.replacements(text)
		case isEdited(f.Name):
			var edits []museum.Edit
			edits, err = museum.ParseEdits(text, first[i])
			e.Files = append(e.Files, museum.File{Name: f.Name, Edits: edits})
		default:
			err = fmt.Errorf("no section has this name; they are %s, %s, %s, spec/FILE.go, impl/FILE.go", entrySection, definitionsSection, replaceSection)
		}
		if err != nil {
			line := first[i]
			if at := (*museum.LineError)(nil); errors.As(err, &at) {
				line = at.Line
			}
			return nil, &museum.LineError{Line: line, Err: fmt.Errorf("section %s: %w", f.Name, err)}
		}
	}
	if !seen[entrySection] {
		return nil, fmt.Errorf("section %s is missing (is it a txtar file, and whole?)", entrySection)
	}
	for _, s := range []string{definitionsSection, replaceSection} {
		switch inTLA := e.Model.InTLA(); {
		case inTLA && !seen[s] && (overrides || e.Asks(TLC) || e.Model.Page() == e.Protocol.String()):
			return nil, fmt.Errorf("section %s is missing (is it a txtar file, and whole?)", s)
		case !inTLA && seen[s]:
			return nil, fmt.Errorf("section %s: model %s is not in tla/: there is nothing to override", s, e.Model.FullName())
		}
	}
	for _, side := range Sides() {
		if !slices.ContainsFunc(e.Files, func(f museum.File) bool { return path.Dir(f.Name) == side }) {
			return nil, fmt.Errorf("no edit of %s/: an entry edits every corner that has its model", side)
		}
	}
	return e, e.defined()
}

// Sides are the folders of Go code that an entry edits.
func Sides() []string { return []string{"spec", "impl"} }

func isEdited(name string) bool {
	dir, file := path.Split(name)
	return slices.Contains(Sides(), strings.TrimSuffix(dir, "/")) && strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go")
}

// header reads the section "entry", which begins at line first: lines of key and value.
// overrides: the entry has a section for TLC. What a second thread or UFFDIO_MOVE does it need
// not have one for; then TLC is not asked.
func (e *Entry) header(text string, first int, overrides bool) error {
	seen := map[string]bool{}
	named := map[spec.Claim]int{} // at which line
	var model string
	var remains []string
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		repeats := key == "expect" || key == "also" || key == "remains"
		if !ok || value == "" || seen[key] && !repeats {
			return &museum.LineError{Line: first + i, Err: fmt.Errorf("%q: want 'KEY: VALUE', one line each of protocol, model and kind, lines of expect, also and remains, and perhaps engines", line)}
		}
		seen[key] = true
		var err error
		switch key {
		case "protocol":
			e.Protocol, err = spec.ProtocolByName(value)
		case "model":
			model = value
		case "kind":
			if e.Kind = Kind(value); !slices.Contains([]Kind{Mistake, Repair, NoOp, Unseen}, e.Kind) {
				err = fmt.Errorf("kind %q: want %s, %s, %s or %s", value, Mistake, Repair, NoOp, Unseen)
			}
		case "engines":
			e.Engines, err = parseEngines(value)
		case "expect":
			e.Expect, err = expect(e.Expect, e.Also, value, named, first+i)
		case "also":
			e.Also, err = expect(e.Also, e.Expect, value, named, first+i)
		case "remains":
			remains = append(remains, value)
		default:
			err = fmt.Errorf("unknown key %q: the keys are protocol, model, kind, engines, expect, also, remains", key)
		}
		if err != nil {
			return &museum.LineError{Line: first + i, Err: err}
		}
	}
	for _, key := range []string{"protocol", "model", "kind"} {
		if !seen[key] {
			return fmt.Errorf("it has no line %q", key)
		}
	}
	var err error
	if e.Model, err = models.Find(e.Protocol, model); err != nil {
		return err
	}
	for _, x := range slices.Concat(e.Expect, e.Also) {
		if why := e.Protocol.WhyNotAsked(x.Claim); why != "" {
			return &museum.LineError{Line: named[x.Claim], Err: fmt.Errorf("%s is not asked of %s: %s; see Protocol.WhyNotAsked in spec/claims.go", x.Claim, e.Protocol, why)}
		}
	}
	if e.Engines == nil {
		e.Engines = slices.DeleteFunc(Engines(), func(name string) bool {
			return name == TLC && (!e.Model.InTLA() || e.Model.Page() != e.Protocol.String() && !overrides)
		})
	}
	for _, value := range remains {
		name, in, ok := strings.Cut(value, " in ")
		if !ok {
			return fmt.Errorf("remains: %q: want CLAIM in MODEL", value)
		}
		var r Remaining
		if r.Claim, err = spec.ClaimByName(name); err != nil {
			return err
		}
		if r.Model, err = models.Find(e.Protocol, in); err != nil {
			return err
		}
		if why := e.Protocol.WhyNotAsked(r.Claim); why != "" {
			return fmt.Errorf("remains: %s is not asked of %s: %s; see Protocol.WhyNotAsked in spec/claims.go", r.Claim, e.Protocol, why)
		}
		e.Remains = append(e.Remains, r)
	}
	return e.purpose()
}

// purpose checks that what is expected suits the kind.
func (e *Entry) purpose() error {
	live := slices.ContainsFunc(e.Expect, func(x Expectation) bool { return x.Claim.Temporal() })
	switch {
	case e.Kind == Mistake && len(e.Violated()) == 0:
		return errors.New("a mistake breaks a claim that the law keeps: it wants a line 'expect: CLAIM violated' at least")
	case e.Kind == Mistake && len(e.Kept()) > 0:
		return errors.New("a mistake that keeps a claim which the law breaks: that is a side effect, so put the line under also, not expect")
	case e.Kind == Repair && len(e.Kept()) == 0:
		return errors.New("a repair keeps a claim that the law breaks: it wants a line 'expect: CLAIM holds' at least")
	case e.Kind == Repair && len(e.Violated()) > 0:
		return errors.New("a repair that breaks a claim which the law keeps: that is a side effect, so put the line under also, not expect")
	case (e.Kind == NoOp || e.Kind == Unseen) && len(e.Expect)+len(e.Also) > 0:
		return fmt.Errorf("nobody sees anything of a %s: it has no lines expect and also", e.Kind)
	case e.Kind == Unseen && !e.Asks(Lockstep):
		return errors.New("no claim sees an unseen entry, so lockstep must: name it under engines")
	case e.Kind != Repair && len(e.Remains) > 0:
		return errors.New("only a repair leaves something: the other kinds have no line remains")
	case e.Asks(TLC) && !e.Model.InTLA():
		return fmt.Errorf("model %s is not in tla/: leave tlc out", e.Model.FullName())
	case live && e.Asks(Rapid):
		return fmt.Errorf("no finite schedule shows that an operation never ends: leave rapid out, with a line engines")
	case live && !e.Model.Live():
		return fmt.Errorf("model %s does not ask whether operations end", e.Model.FullName())
	}
	return nil
}

func parseEngines(value string) ([]string, error) {
	list := strings.Fields(strings.ReplaceAll(value, ",", " "))
	for i, name := range list {
		if !slices.Contains(Engines(), name) || slices.Contains(list[:i], name) {
			return nil, fmt.Errorf("engine %q: the engines are %s, each at most once", name, strings.Join(Engines(), ", "))
		}
	}
	return list, nil
}

func expect(list, others []Expectation, value string, named map[spec.Claim]int, line int) ([]Expectation, error) {
	name, verdict, _ := strings.Cut(value, " ")
	c, err := spec.ClaimByName(name)
	if err != nil {
		return nil, err
	}
	x := Expectation{c, engine.Verdict(strings.TrimSpace(verdict))}
	if x.Verdict != engine.Holds && x.Verdict != engine.Violated {
		return nil, fmt.Errorf("%q: want CLAIM %s or CLAIM %s", value, engine.Holds, engine.Violated)
	}
	if slices.ContainsFunc(slices.Concat(list, others), func(o Expectation) bool { return o.Claim == c }) {
		return nil, fmt.Errorf("claim %s stands there twice, first at line %d", c, named[c])
	}
	named[c] = line
	return append(list, x), nil
}

// replacements reads the section tla/override.cfg.
func (e *Entry) replacements(text string) error {
	c, err := tlc.ParseConfig("CONSTANTS\n" + text)
	if err != nil {
		return err
	}
	for _, r := range c.Constants {
		if r.Replacement != r.Name+"_"+e.Name || r.Module != "" || !token.IsIdentifier(r.Name) {
			return fmt.Errorf("%q: want NAME <- NAME_%s", r, e.Name)
		}
	}
	e.Replacements = c.Constants
	bare := tlc.Config{Constants: c.Constants}
	if len(c.Constants) == 0 || c.String() != bare.String() {
		return errors.New("it must hold lines NAME <- REPLACEMENT, and nothing else")
	}
	return nil
}

// defined checks that what overrides is defined, and that nothing else bears
// the entry's name.
func (e *Entry) defined() error {
	for _, r := range e.Replacements {
		if !regexp.MustCompile(`(?m)^` + r.Replacement + `\b`).MatchString(e.Definitions) {
			return fmt.Errorf("section %s does not define %s", definitionsSection, r.Replacement)
		}
	}
	return nil
}
