package ledger

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/triangle/museum"
)

// Variable, set to 1, has [Check] write the file anew. So has a flag -update, if the test
// defines one.
const Variable = "TRIANGLE_UPDATE"

const about = "What is expected of each world. Do not edit: a test writes it; read the difference before you commit it."

// Check compares results with what the file at path expects, which is all that the test
// expects: an entry without a result is a difference too. Only where an engine gave no result
// at all, say TLC without Java, its entries are left out, and that is logged.
func Check(t testing.TB, path string, results ...Result) {
	t.Helper()
	again := command(t.Name())
	got := &Book[Result]{About: about}
	asked := map[string]bool{}
	for _, r := range results {
		if err := r.Check(); err != nil {
			t.Fatalf("the result %q: %v", r.Name(), err)
		}
		if got.Named(r.Name()) != nil {
			t.Fatalf("there are two results for %s: give each world a name of its own", r.Name())
		}
		got.Put(r)
		asked[r.Engine] = true
	}
	if len(results) == 0 {
		t.Fatalf("no results: nothing can be compared with %s", path)
	}
	want, err := load(path, again)
	var left []Result // of engines that were not asked
	if want != nil {
		left = slices.DeleteFunc(slices.Clone(want.Entries), func(r Result) bool { return asked[r.Engine] })
	}
	if len(left) > 0 {
		t.Logf("left as it was, since no result is of %s: %s", left[0].Engine, names(left))
	}
	switch {
	case updating():
		got.Entries = append(got.Entries, left...)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), got.Save(path)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s is written anew: %s", path, names(got.Entries))
	case err != nil:
		t.Fatal(err)
	default:
		if list := compare(want, got, asked); len(list) > 0 {
			t.Errorf("%s expects something else:\n%s\nIf that is meant, record it: %s", path, strings.Join(list, "\n"), again)
			return
		}
		t.Logf("as %s expects: %s", path, names(got.Entries))
	}
}

// names are those of entries.
func names(list []Result) string {
	all := make([]string, len(list))
	for i, r := range list {
		all[i] = r.Name()
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// compare says every difference, with the entry's name.
func compare(want, got *Book[Result], asked map[string]bool) (list []string) {
	for _, r := range got.Entries {
		w := want.Named(r.Name())
		if w == nil {
			list = append(list, r.Name()+" is not in the ledger")
			continue
		}
		for _, c := range Changes(&w.Found, &r.Found) {
			list = append(list, r.Name()+": "+c.Text)
		}
	}
	for _, w := range want.Entries {
		if asked[w.Engine] && got.Named(w.Name()) == nil {
			list = append(list, w.Name()+" is expected and has no result")
		}
	}
	return list
}

// load reads the file. The error says what to do.
func load(path, again string) (*Book[Result], error) {
	data, err := input.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no ledger at %s: write it (%s)", path, again)
	case err != nil:
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	return Parse[Result](path, data, fmt.Sprintf("it is not as a test wrote it: restore it (git checkout -- %s) or write it anew (%s)", path, again))
}

// updating reports whether the file is to be written. A mistake that is shown to the tests
// is never recorded.
func updating() bool {
	return !museum.Showing() && (os.Getenv(Variable) == "1" || hasFlag() && flag.Lookup("update").Value.String() == "true")
}

// hasFlag reports whether the test has a flag -update.
func hasFlag() bool { return flag.Lookup("update") != nil }

// command writes the file anew.
func command(test string) string {
	test, _, _ = strings.Cut(test, "/")
	if hasFlag() {
		return "go test -run '^" + test + "$' -update"
	}
	return Variable + "=1 go test -run '^" + test + "$'"
}
