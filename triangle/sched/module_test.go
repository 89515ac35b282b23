package sched_test

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A module of its own, as a user has it: nothing but sched and the standard
// library. Its test fails, and the command that the failure prints, given to a
// shell as it is printed, shows the same schedule.
func TestFromAnotherModule(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh to run the command in")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": `module example.com/bank

go 1.26.0

require github.com/rootlock/rootlock v0.0.0

replace github.com/rootlock/rootlock => ` + root + "\n",
		"account/account.go": `// Package account is used natively by a program, and explored by its test.
package account

import "github.com/rootlock/rootlock/triangle/sched"

type Account struct {
	mu      sched.Mutex
	balance int
}

func Transfer(from, to *Account, n int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= n
	to.balance += n
}
`,
		"account/account_test.go": `package account_test

import (
	"testing"

	"example.com/bank/account"
	"github.com/rootlock/rootlock/triangle/sched"
)

func TestTransfer(t *testing.T) {
	t.Run("one way", func(t *testing.T) {
		sched.Explore(t, func(t *sched.T) {
			var a, b account.Account
			t.Go("one", func() { account.Transfer(&a, &b, 1) })
			t.Go("two", func() { account.Transfer(&a, &b, 2) })
		})
	})
	t.Run("it's n=2, both ways", func(t *testing.T) {
		sched.Explore(t, func(*sched.T) {})
		sched.Explore(t, func(t *sched.T) {
			var a, b account.Account
			t.Name("a", &a)
			t.Name("b", &b)
			t.Go("there", func() { account.Transfer(&a, &b, 1) })
			t.Go("back", func() { account.Transfer(&b, &a, 2) })
		})
	})
}
`,
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	run := func(command string) string {
		cmd := exec.Command("sh", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		assert.Error(t, err, "the test is to fail")
		return string(out)
	}
	const lanes = `
               there      back
            1  a.mu.Lock  .
            2  .          b.mu.Lock
`
	first := run("go test ./...")
	require.Contains(t, first, "deadlock after 3 schedules with at most 1 preemption (")
	require.Contains(t, first, "deadlock: there waits in b.mu.Lock, back waits in a.mu.Lock"+lanes)

	command := regexp.MustCompile(`(?m)^ *SCHED_REPLAY=.*$`).FindString(first)
	assert.Equal(t, `SCHED_REPLAY='TestTransfer/it'\''s_n=2,_both_ways#2=1,2' go test -run '^TestTransfer$/^it'\''s_n=2,_both_ways$' example.com/bank/account`, strings.TrimSpace(command))
	second := run(command)
	assert.Contains(t, second, "deadlock after one schedule (")
	assert.Contains(t, second, "deadlock: there waits in b.mu.Lock, back waits in a.mu.Lock"+lanes)
	assert.NotContains(t, second, "one_way", "only that test runs")
}

// The package is for any Go code: it imports the standard library alone.
func TestImportsTheStandardLibraryAlone(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	checked := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range f.Imports {
			assert.NotContains(t, spec.Path.Value, ".", file)
			checked++
		}
	}
	assert.GreaterOrEqual(t, checked, 20)
}
