package museum

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/process"
)

// A Mistake is one file of a museum.
type Mistake struct {
	Name  string // of the file, without .txtar
	Story string
	Test  string // the test that must see it: a pattern of go test -run
	Says  string // what the test must print
	Files []File // names from the folder of the package
}

// Run shows every mistake of a folder to the tests of the package in the working directory,
// which is that of the test which calls Run. Each is a subtest.
func Run(t *testing.T, dir string) {
	if Showing() {
		t.Skip("a mistake is being shown to the tests")
	}
	list, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			line, err := m.Show(t.Context(), ".", t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s sees it: %s", m.Test, line)
		})
	}
}

// inside is set in the environment of tests that a mistake is shown to.
const inside = "TRIANGLE_MUSEUM"

// Showing reports whether the tests run because a mistake is being shown to them: then they
// must write nothing.
func Showing() bool { return os.Getenv(inside) != "" }

// Load reads the mistakes of a folder. The error names each file, and the line, that is wrong.
func Load(dir string) (list []*Mistake, bad error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the museum is empty: there is no %s", filepath.Join(dir, "*.txtar"))
	}
	for _, name := range names {
		data, err := input.Read(name)
		if err != nil {
			return nil, err
		}
		m, err := Parse(strings.TrimSuffix(filepath.Base(name), ".txtar"), data)
		if err != nil {
			bad = errors.Join(bad, at(name, err))
			continue
		}
		list = append(list, m)
	}
	return list, bad
}

// at is an error of a mistake's file, with its line.
func at(name string, err error) error {
	if line := (*LineError)(nil); errors.As(err, &line) && line.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, line.Line)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// seen is the section that says who must see the mistake.
const seen = "seen"

// Parse reads a mistake. The error is often a [LineError].
func Parse(name string, data []byte) (*Mistake, error) {
	archive, err := input.Archive(data)
	if err != nil {
		return nil, err
	}
	first := Sections(input.Lines(data))
	m := &Mistake{Name: name, Story: strings.TrimSpace(string(archive.Comment))}
	if m.Story == "" {
		return nil, &LineError{1, errors.New("it tells no story: a mistake opens with prose")}
	}
	for i, f := range archive.Files {
		if f.Name == seen {
			err = m.header(f, first[i])
		} else {
			var edits []Edit
			edits, err = ParseEdits(string(f.Data), first[i])
			m.Files = append(m.Files, File{f.Name, edits})
		}
		switch line := (*LineError)(nil); {
		case err == nil:
		case errors.As(err, &line):
			return nil, &LineError{line.Line, fmt.Errorf("section %s: %w", f.Name, err)}
		default:
			return nil, &LineError{first[i], fmt.Errorf("section %s: %w", f.Name, err)}
		}
	}
	switch {
	case m.Test == "" || m.Says == "":
		return nil, errors.New("section seen is missing: two lines, 'test: PATTERN' and 'says: WORDS'")
	case len(m.Files) == 0:
		return nil, errors.New("it edits no file")
	}
	return m, nil
}

func (m *Mistake) header(f txtar.File, first int) error {
	for i, line := range strings.Split(strings.TrimRight(string(f.Data), "\n"), "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case value != "" && key == "test" && m.Test == "":
			if _, err := regexp.Compile(value); err != nil {
				return &LineError{first + i, fmt.Errorf("the pattern of a test: %w", err)}
			}
			m.Test = value
		case value != "" && key == "says" && m.Says == "":
			m.Says = value
		default:
			return &LineError{first + i, fmt.Errorf("%q: want 'test: PATTERN' and 'says: WORDS', once each", line)}
		}
	}
	return nil
}

// Sections are the numbers of the first lines of an archive's sections.
func Sections(data []byte) (lines []int) {
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "-- ") && strings.HasSuffix(line, " --") && len(line) > len("--  --") {
			lines = append(lines, i+2)
		}
	}
	return lines
}

// Show shows the mistake to the tests of the package in folder root; copies go to dir. It
// returns the line of their output that has the words. The error says that they do not see
// it, or why it could not be shown.
func (m *Mistake) Show(ctx context.Context, root, dir string) (line string, err error) {
	overlay, err := Overlay(root, dir, m.Files...)
	if err != nil {
		return "", m.bad(err)
	}
	args := []string{"test", "-count=1", "-vet=off", "-ldflags=-s", "-overlay", overlay, "-run", m.Test, "-v", "."}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), inside+"="+m.Name, "GOTMPDIR="+dir) // killed, the go command leaves its own folder there
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	failed := process.Run(cmd)
	said := out.String()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case failed != nil && !errors.As(failed, &exit):
		return "", fmt.Errorf("running the go command, which the museum needs: %w", failed)
	case failed == nil && !strings.Contains(said, "--- PASS: "):
		return "", m.bad(fmt.Errorf("no test ran: %q names none", m.Test))
	case failed == nil:
		return "", fmt.Errorf("mistake %s survives: %s passes. %s", m.Name, m.Test, m.Story)
	case strings.Contains(said, "[build failed]") || strings.Contains(said, "[setup failed]"):
		return "", m.uncompiled(root, said)
	}
	for line := range strings.Lines(said) {
		if strings.Contains(line, m.Says) {
			return strings.TrimSpace(line), nil
		}
	}
	return "", fmt.Errorf("mistake %s: %s fails, and does not print %q:\n%s", m.Name, m.Test, m.Says, said)
}

func (m *Mistake) bad(err error) error { return at(m.Name+".txtar", err) }

var compilerLine = regexp.MustCompile(`(?m)^(\S+\.go):(\d+)(?::\d+)?: .*$`)

// uncompiled is the error of code that does not compile: with the line of the mistake's file
// that it is about, if it is about one.
func (m *Mistake) uncompiled(root, said string) error {
	err := fmt.Errorf("the edited code does not compile, which is no kill:\n%s", said)
	for _, found := range compilerLine.FindAllStringSubmatch(said, -1) {
		n, _ := strconv.Atoi(found[2])
		for _, f := range m.Files {
			name := path.Base(filepath.ToSlash(found[1]))
			if name != path.Base(f.Name) && name != strings.ReplaceAll(f.Name, "/", "_") {
				continue
			}
			if line := f.Origin(root, n); line > 0 {
				return m.bad(&LineError{line, err})
			}
		}
	}
	return m.bad(err)
}
