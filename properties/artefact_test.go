package properties

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/museum"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/lanes"
)

// artefact is what a failure leaves to look at: lanes, the claim with its false
// conjunct and values, and the command that replays it.
func artefact(m *spec.Model, f *hunt.Failure, style report.Style) string {
	var out strings.Builder
	b := &watch.Break{Claim: f.Claim.String(), Conjunct: f.Conjunct, Values: f.Values}
	if f.Divergence != nil {
		b = nil
	}
	if err := report.Lanes(&out, m, f.Schedule, b, style); err != nil {
		out.WriteString(err.Error() + "\n")
	}
	if b == nil {
		out.WriteString(style.Red(f.Divergence.Error()) + "\nreplay: " + report.Command(m, f.Schedule) + "\n")
		return out.String()
	}
	report.Tell(&out, b, style)
	out.WriteString("replay: " + report.ClaimCommand(m, f.Schedule, b.Claim) + "\n")
	return out.String()
}

// leave is for a failure that nobody expects: it prints the artefact, in colour on a
// terminal, and keeps the schedule as a case in testdata/schedules.
func leave(t *testing.T, m *spec.Model, f *hunt.Failure) {
	t.Helper()
	t.Log("\n" + artefact(m, f, lanes.StyleFor(os.Stdout)))
	path, err := keep("../testdata/schedules", t.Name(), m, f)
	if err != nil {
		t.Error(err)
		return
	}
	t.Logf("kept as %s: go run ./cmd/rootlock replay %s", strings.TrimPrefix(path, "../"), strings.TrimPrefix(path, "../"))
}

// keep writes the case; its name is of what it says, so that what is there already is
// the same.
func keep(dir, test string, m *spec.Model, f *hunt.Failure) (string, error) {
	c := engine.Case{Story: "Found by " + test + "; to be told. ", Protocol: m.Protocol.String(), Model: m.Name, Schedule: m.FormatSchedule(f.Schedule)}
	what := "parted"
	if f.Divergence != nil {
		c.Story += f.Divergence.Error()
	} else {
		c.Violated = f.Claim.String()
		what = c.Violated
		c.Story += fmt.Sprintf("%s is false: %s", f.Conjunct, f.Values)
	}
	hash := sha256.Sum256([]byte(c.Schedule))
	path := filepath.Join(dir, fmt.Sprintf("failed-%s-%s-%s-%x.txtar", c.Protocol, c.Model, what, hash[:4]))
	if err := atomicfile.Create(path, c.Text()); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return path, nil
}

// What a test leaves when it fails, on a seeded failure each: the explorer breaks a
// claim, and the implementation parts from the model. The test runs elsewhere, so that
// nothing is left here; and again, so that nothing is overwritten.
func TestFailuresAreKept(t *testing.T) {
	if !deep.Asked() {
		t.Skip("builds these tests and the command anew; " + deep.Variable + "=1 asks for it")
	}
	t.Parallel() // other processes do the work
	files, err := museum.Load(os.DirFS("../testdata/museum"))
	require.NoError(t, err)
	for _, test := range []struct {
		entry    string
		sides    []string
		run      string
		says     []string // in what is printed
		violated string
	}{
		{"ForkedNeighbour", museum.Sides(), "TestOneRoot/RootPointer", []string{"OneRoot is violated: ", "replay: go run ./cmd/rootlock replay --protocol RootPointer --model Adopted "}, "OneRoot"},
		{"NoPin", []string{"impl"}, "TestTypeOK/RootPointer/Wide", []string{"model and implementation part at step ", "replay: go run ./cmd/rootlock replay --protocol RootPointer --model Wide"}, ""},
	} {
		t.Run(test.entry, func(t *testing.T) {
			t.Parallel()
			var entry *museum.Entry
			for i := range files {
				if files[i].Name == test.entry {
					entry = &files[i]
				}
			}
			require.NotNil(t, entry)
			overlay, err := museum.Overlay(entry, "..", t.TempDir(), test.sides...)
			require.NoError(t, err)
			binary := filepath.Join(t.TempDir(), "properties.test")
			out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput()
			require.NoError(t, err, "%s", out)
			dir := t.TempDir()
			work, kept := filepath.Join(dir, "properties"), filepath.Join(dir, "testdata", "schedules")
			require.NoError(t, os.Mkdir(work, 0o755))
			require.NoError(t, os.MkdirAll(kept, 0o755))
			command := func(environment ...string) *exec.Cmd {
				cmd := exec.CommandContext(t.Context(), binary, "-test.run", "^"+strings.ReplaceAll(test.run, "/", "$/^")+"$", "-test.v")
				cmd.Dir, cmd.Env = work, append(os.Environ(), environment...)
				return cmd
			}

			out, err = command("NO_COLOR=").CombinedOutput()
			require.Error(t, err, "%s", out)
			for _, text := range test.says {
				assert.Contains(t, string(out), text)
			}
			assert.NotContains(t, string(out), "\x1b[", "no colour where there is no terminal")
			cases, err := filepath.Glob(filepath.Join(kept, "*"))
			require.NoError(t, err)
			require.Len(t, cases, 1, "%s", out)
			assert.Contains(t, string(out), "kept as testdata/schedules/"+filepath.Base(cases[0]))
			c := readCase(t, cases[0])
			assert.Equal(t, test.violated, c.Violated)
			assert.Equal(t, "RootPointer", c.Protocol)

			// The command that is printed shows it again, and so does the case.
			rootlock := filepath.Join(t.TempDir(), "rootlock")
			built, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", rootlock, "../cmd/rootlock").CombinedOutput()
			require.NoError(t, err, "%s", built)
			_, line, _ := strings.Cut(string(out), "replay: go run ./cmd/rootlock ")
			line, _, _ = strings.Cut(line, "\n")
			replayed, err := exec.CommandContext(t.Context(), "sh", "-c", rootlock+" "+line).CombinedOutput()
			require.Error(t, err, "%s", replayed)
			assert.Contains(t, string(replayed), test.says[0])
			replayed, _ = exec.CommandContext(t.Context(), rootlock, "replay", cases[0]).CombinedOutput()
			assert.Contains(t, string(replayed), test.says[0])
			shrunk, err := exec.CommandContext(t.Context(), rootlock, "shrink", cases[0]).CombinedOutput()
			require.NoError(t, err, "%s", shrunk)
			assert.Contains(t, string(shrunk), test.says[0])

			// Again, on a terminal: in colour, and what is kept stays as it is.
			require.NoError(t, os.WriteFile(cases[0], []byte("mine"), 0o600))
			for _, environment := range []string{"NO_COLOR=", "NO_COLOR=1"} {
				cmd := command(environment, "TERM=xterm")
				tty, err := pty.Start(cmd)
				require.NoError(t, err)
				var seen strings.Builder
				_, _ = io.Copy(&seen, tty) // ends with an error, as terminals do
				require.Error(t, cmd.Wait())
				assert.Equal(t, environment == "NO_COLOR=", strings.Contains(seen.String(), "\x1b[31;1m"), "%s: %s", environment, seen.String())
			}
			data, err := os.ReadFile(cases[0])
			require.NoError(t, err)
			assert.Equal(t, "mine", string(data))
		})
	}
}
