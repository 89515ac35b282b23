package properties

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
)

// The three corners have one list of steps, one list of claims, one list of
// fields. tla/ has no wide world: it lacks the steps that are wide, but for those of one page,
// and the fields that only those use. Nor has it Undone: OperationDone is a property of steps
// there. Nor Locked, Area and To: which areas are locked follows from the registers, and a
// UffdMove has both its addresses in slot.

// besides are the steps of the wide world that RwsemRootFaulters has.
var besides = []spec.Step{spec.UffdMove, spec.StoreIndex, spec.LockArea, spec.MoveEntry}

// tlaRecords are the records of the state: a definition that has the initial value of each
// field in tla/, the type in spec, and the fields of that type that tla/ does not have.
var tlaRecords = []struct {
	name    string
	of      reflect.Type
	lacking []string
}{
	{"NoVMA", reflect.TypeFor[spec.VMA](), []string{"Prot", "Locked"}},
	{"NoAnon", reflect.TypeFor[spec.AnonVMA](), []string{"Readers", "Parent", "Children", "Active"}},
	{"NoTree", reflect.TypeFor[spec.AnonVMA](), nil},
	{"NoPage", reflect.TypeFor[spec.Page](), []string{"Cached"}},
	{"NoPTE", reflect.TypeFor[spec.PTE](), nil},
	// spec has one record for both kinds of thread.
	{"NoMM", reflect.TypeFor[spec.Thread](), []string{"Also", "Mutex", "Start", "End", "Pin", "Gone", "Oops", "Low", "High", "To", "Prot", "Error", "Area"}},
	{"NoWalker", reflect.TypeFor[spec.Thread](), []string{"New", "Area", "Pos", "Child", "Need", "Births", "Low", "High", "To", "Prot", "Error"}},
	{"NoHistory", reflect.TypeFor[spec.History](), []string{"Undone"}},
}

// stepNames lists the steps: all, or those that tla/ has too.
func stepNames(wide bool) []string {
	var names []string
	for _, s := range spec.Steps() {
		if wide || !s.Wide() || slices.Contains(besides, s) {
			names = append(names, s.String())
		}
	}
	slices.Sort(names)
	return names
}

// module reads the modules of the law, without those that exist only for TLC.
func modules(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	names, err := fs.Glob(tla.FS, "*.tla")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasPrefix(name, "MC") {
			continue
		}
		data, err := tla.FS.ReadFile(name)
		require.NoError(t, err)
		text.Write(data)
	}
	require.NotZero(t, text.Len())
	return text.String()
}

// An action of a thread is what the next-state relation is made of: the
// disjuncts of the definitions named ...Step and ...Steps.
func TestStepsOfTLA(t *testing.T) {
	text := modules(t)
	definition := regexp.MustCompile(`(?m)^(\w*Steps?)(\([^)]*\))?\s*==((?:.*\n)(?:[ \t]+.*\n)*)`)
	disjunct := regexp.MustCompile(`\b([A-Z]\w*)\(\w+(?:, *"?\w+"?)*\)`)
	found := map[string]bool{}
	for _, d := range definition.FindAllStringSubmatch(text, -1) {
		for _, a := range disjunct.FindAllStringSubmatch(d[3], -1) {
			found[a[1]] = true
		}
	}
	var names []string
	for name := range found {
		if !strings.HasSuffix(name, "Step") && !strings.HasSuffix(name, "Steps") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	assert.Equal(t, stepNames(false), names)
	for _, name := range names {
		assert.Regexp(t, `(?m)^`+name+`\(`, text, "an action is defined under its name")
	}
}

// A scheduling point of impl is a use of a spec.Step constant.
func TestStepsOfImpl(t *testing.T) {
	found := map[string]bool{}
	files, err := filepath.Glob("../impl/*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "spec" && pkg.Obj == nil {
					found[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	delete(found, "Step") // the type
	delete(found, "Oopsed")
	found["FailAlloc"] = true // impl has no such step: it is a choice of those that allocate
	var names []string
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	assert.Equal(t, stepNames(true), names)
}

func TestFieldsOfTLA(t *testing.T) {
	text := modules(t)
	for _, record := range tlaRecords {
		body := regexp.MustCompile(`(?s)\n` + record.name + `\s*==\s*\[(.*?)\]`).FindStringSubmatch(text)
		require.NotNil(t, body, "AnonVMA or History defines %s", record.name)
		var want, got []string
		for _, f := range regexp.MustCompile(`(\w+)\s*\|->`).FindAllStringSubmatch(body[1], -1) {
			got = append(got, strings.ToLower(f[1]))
		}
		for _, name := range record.lacking {
			_, ok := record.of.FieldByName(name)
			assert.True(t, ok, "%s: spec has no %s", record.name, name)
		}
		for f := range record.of.NumField() {
			name := record.of.Field(f).Name
			if name == "NChain" || name == "NList" || name == "_" || slices.Contains(record.lacking, name) { // lengths of Chain and List
				continue
			}
			want = append(want, strings.ToLower(name))
		}
		slices.Sort(want)
		slices.Sort(got)
		assert.Equal(t, want, got, record.name)
	}
}

// Every claim is defined under its name in tla/, its conjuncts too. That every model's cfg
// asks what is asked of its protocol: internal/models.
func TestClaimsOfTLA(t *testing.T) {
	text := modules(t)
	for _, c := range spec.Claims() {
		if c == spec.NoDeadlock { // TLC's own check; Rest makes it mean the claim
			continue
		}
		assert.Regexp(t, `(?m)^\s*`+c.String()+`\s*==`, text)
		if spec.StateClaims.Has(c) && c != spec.TypeOK {
			for _, part := range c.Conjuncts() {
				assert.Regexp(t, `(?m)^\s*`+part+`(\(.*\))?\s*==`, text, "conjunct of %s", c)
			}
		}
	}
	cfgs, err := fs.Glob(tla.FS, "models/*.cfg")
	require.NoError(t, err)
	require.NotEmpty(t, cfgs)
	own, err := fs.Glob(tla.FS, "models/*/*.cfg")
	require.NoError(t, err)
	require.NotEmpty(t, own)
	for _, name := range append(cfgs, own...) {
		data, err := tla.FS.ReadFile(name)
		require.NoError(t, err)
		assert.Regexp(t, `(?m)^CHECK_DEADLOCK TRUE$`, string(data), name)
	}
}

// No guard and no step of tla/ reads the history: the modules of the world and the pages of
// the protocols name its variables nowhere, but for the claims.
func TestHistoryIsReadByClaimsAlone(t *testing.T) {
	names, err := fs.Glob(tla.FS, "*.tla")
	require.NoError(t, err)
	comments := regexp.MustCompile(`(?s)\(\*.*?\*\)|\\\*[^\n]*`)
	for _, name := range names {
		data, err := tla.FS.ReadFile(name)
		require.NoError(t, err)
		if name == "History.tla" || name == "Claims.tla" {
			continue
		}
		assert.NotRegexp(t, `\b(history|stale)\b`, comments.ReplaceAllString(string(data), ""), name)
	}
}
