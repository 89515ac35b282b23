package crowd

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/museum"
)

var (
	all      = flag.Bool("mistakes", false, "all mistakes with all seeds, instead of one with one")
	only     = flag.String("only", "", "the mistakes whose name contains this")
	seeds    = flag.Int("seeds", 20, "how many seeds")
	detector = flag.Bool("detector", false, "with the race detector")
)

const (
	root   = "../.."
	folder = root + "/testdata/crowd"

	// least of the runs of a mistake must see it, in percent.
	least = 95

	// sampled runs, one after another until one sees it, are enough for a mistake that is drawn.
	sampled = 3
)

// A mistake is one file of testdata/crowd.
type mistake struct {
	name      string
	protocols []string
	files     []museum.File
}

func read(t *testing.T, file string) mistake {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	m := mistake{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "%s: prose comes first", m.name)
	require.Equal(t, "crowd", archive.Files[0].Name, m.name)
	for line := range strings.Lines(string(archive.Files[0].Data)) {
		p, ok := strings.CutPrefix(strings.TrimSpace(line), "protocol: ")
		require.True(t, ok, "%s: %q is no protocol", m.name, line)
		m.protocols = append(m.protocols, p)
	}
	require.NotEmpty(t, m.protocols, m.name)
	archive.Files = archive.Files[1:]
	m.files, err = museum.Edits(archive)
	require.NoError(t, err, m.name)
	return m
}

// build compiles the tests of impl with the mistake in it.
func (m mistake) build(t *testing.T) (binary string) {
	t.Helper()
	args := []string{"test", "-c", "-vet=off"}
	if *detector {
		args = append(args, "-race")
	}
	if len(m.files) > 0 {
		overlay, err := museum.Overlay(root, t.TempDir(), m.files...)
		require.NoError(t, err)
		args = append(args, "-overlay", overlay)
	}
	binary = filepath.Join(t.TempDir(), "impl.test")
	out, err := exec.CommandContext(t.Context(), "go", append(args, "-o", binary, root+"/impl")...).CombinedOutput()
	require.NoError(t, err, "%s: %s", m.name, out)
	return binary
}

// run returns how a run ended: "" if all was well.
func run(t *testing.T, binary, protocol string, seed int) (verdict string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "-test.run", "^TestRelatives$/^"+protocol+"$", "-test.timeout", "20s", "-test.v",
		"-relatives.seed", strconv.Itoa(seed))
	out, err := cmd.CombinedOutput()
	// However the process ended, it said how to repeat it.
	require.Contains(t, string(out), fmt.Sprintf("go test ./impl -run TestRelatives/%s -count 20 -relatives.seed %d\n", protocol, seed))
	switch {
	case err == nil && bytes.Contains(out, []byte("--- PASS: TestRelatives/"+protocol)):
		return ""
	case err == nil:
		t.Fatalf("nothing ran: %s", out)
	case bytes.Contains(out, []byte("DATA RACE")):
		return "DATA RACE"
	case bytes.Contains(out, []byte("test timed out")):
		return "hangs"
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if _, text, ok := strings.Cut(line, ".go:"); ok && strings.Contains(line, "_test.go:") {
			_, text, _ = strings.Cut(text, ": ")
			return text
		}
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") {
			return line
		}
	}
	return err.Error()
}

// kind is a verdict without its numbers.
func kind(verdict string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, verdict)
}

// TestMistakes: nearly every run of the crowd sees any of the mistakes.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob(folder + "/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	var mistakes []mistake
	for _, file := range files {
		m := read(t, file)
		_, err := museum.Overlay(root, t.TempDir(), m.files...) // all, whichever is drawn below
		assert.NoError(t, err, m.name)
		if strings.Contains(m.name, *only) {
			mistakes = append(mistakes, m)
		}
	}
	if !*all && *only == "" && !deep.Asked() {
		t.Skip("all of them can be made; " + deep.Variable + "=1 builds one of them and looks for it")
	}
	first, last := 1, *seeds
	if *all && *only == "" {
		mistakes = append(mistakes, mistake{name: "(none)", protocols: []string{"RootPointer", "RefcountedRoot"}})
	}
	if !*all {
		i := rand.IntN(len(mistakes))
		first = 1 + rand.IntN(last)
		mistakes, last = mistakes[i:i+1], first+sampled-1
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "mistake\tprotocol\tkilled\tas")
	for _, m := range mistakes {
		binary := m.build(t)
		for _, p := range m.protocols {
			runs, killed, how := 0, 0, map[string]int{}
			for seed := first; seed <= last && (*all || killed == 0); seed++ {
				runs++
				if verdict := run(t, binary, p, seed); verdict != "" {
					killed++
					how[kind(verdict)]++
				}
			}
			most := ""
			for k, times := range how {
				if times > how[most] {
					most = k
				}
			}
			fmt.Fprintf(w, "%s\t%s\t%d of %d\t%.90s\n", m.name, p, killed, runs, most)
			switch {
			case len(m.files) == 0:
				assert.Zero(t, killed, "without a mistake")
			case *all:
				assert.GreaterOrEqual(t, 100*killed, least*runs, "%s is killed in %d of %d runs", m.name, killed, runs)
			default:
				assert.NotZero(t, killed, "%s is killed in none of %d runs", m.name, runs)
			}
		}
		require.NoError(t, os.Remove(binary))
	}
	require.NoError(t, w.Flush())
	t.Logf("\n%s", &table)
}
