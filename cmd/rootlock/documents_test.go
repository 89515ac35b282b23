package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/english"
	"github.com/rootlock/rootlock/spec"
)

// parses reports why a command line of rootlock is none. Nothing runs.
func parses(args []string) error {
	var c cli
	parser, err := newParser(&c, kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}

var (
	updates   = regexp.MustCompile(`(?m)^var update = flag\.Bool\("update"`)
	codeBlock = regexp.MustCompile(`(?m)^    (\S.*)$`)
	codeSpan  = regexp.MustCompile("`([^`\n]+)`")
	runStep   = regexp.MustCompile(`(?m)^ *- run: (.*)$`)
	testFunc  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	aPath     = regexp.MustCompile(`^[\w.<>*-]+(/[\w.<>*-]+)+/?$`)
	blockNote = regexp.MustCompile(` +#.*$`)
	setting   = regexp.MustCompile(`^[A-Z_0-9]+=\S* `)
)

// bad reports what is wrong with a command or a path that a document shows: a verb or flag
// that there is not, a package, a test, a golden or a file. "" if it is right, or neither.
func bad(project, code string) string {
	for setting.MatchString(code) {
		code = setting.ReplaceAllString(code, "")
	}
	if first, second, both := strings.Cut(code, " && "); both {
		return bad(project, first) + bad(project, second)
	}
	code, ours := strings.TrimSpace(code), false
	code = strings.ReplaceAll(code, "'...'", "w1:Walk")
	words := strings.Fields(strings.ReplaceAll(code, "--protocol ...", "--protocol P"))
	switch {
	case strings.HasPrefix(code, "go run ./cmd/rootlock "):
		words, ours = words[3:], true
	case strings.HasPrefix(code, "rootlock ") || strings.HasPrefix(code, "check --"):
		words, ours = strings.Fields(strings.TrimPrefix(code, "rootlock ")), true
	}
	exists := func(path string) bool {
		_, err := os.Stat(filepath.Join(project, path))
		return err == nil
	}
	switch {
	case ours:
		if err := parses(words); err != nil {
			return fmt.Sprintf("%s: %v", code, err)
		}
	case strings.HasPrefix(code, "go tool "):
		mod, _ := os.ReadFile(filepath.Join(project, "go.mod"))
		if !regexp.MustCompile(`tool[^\n]*/`+words[2]).Match(mod) && !strings.Contains(string(mod), "/"+words[2]+"\n") {
			return code + ": go.mod has no such tool"
		}
	case strings.HasPrefix(code, "go test "):
		run, renews, sources := "", false, ""
		for i, w := range words[2:] {
			switch {
			case w == "-run":
				run = words[i+3]
			case w == "-update":
				renews = true
			case strings.HasPrefix(w, "./"):
				dir := strings.TrimSuffix(strings.TrimSuffix(w, "..."), "/")
				if !exists(dir) {
					return code + ": no folder " + dir
				}
				files, _ := filepath.Glob(filepath.Join(project, dir, "*_test.go"))
				for _, f := range files {
					text, _ := os.ReadFile(f)
					sources += string(text)
				}
			}
		}
		if renews && !updates.MatchString(sources) {
			return code + ": no flag -update there"
		}
		if run != "" && !testMatches(sources, run) {
			return code + ": no test " + run
		}
	case aPath.MatchString(code):
		for _, p := range spec.Protocols() {
			path := strings.ReplaceAll(code, "<Protocol>", p.String())
			if strings.HasPrefix(filepath.Base(path), "NAME") {
				path = filepath.Dir(path)
			}
			if !exists(path) {
				return "there is no " + path
			}
		}
	}
	return ""
}

func testMatches(sources, run string) bool {
	for _, m := range testFunc.FindAllStringSubmatch(sources, -1) {
		if strings.Contains(m[1], run) {
			return true
		}
	}
	return false
}

// Whatever commands and files the documents for those who carry on show, there are. That
// their links lead somewhere is a test of docs.
func TestCommandsOfDocuments(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	checked := 0
	for name, most := range map[string]int{"CONTRIBUTING.md": 100, "CHANGELOG.md": 100, ".github/ISSUE_TEMPLATE/problem.md": 30, ".github/workflows/ci.yml": 50} {
		data, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		text := string(data)
		assert.LessOrEqual(t, strings.Count(text, "\n"), most, "%s is one page", name)
		var codes []string
		for _, m := range codeBlock.FindAllStringSubmatch(text, -1) {
			codes = append(codes, blockNote.ReplaceAllString(m[1], ""))
		}
		for _, find := range []*regexp.Regexp{codeSpan, runStep} {
			for _, m := range find.FindAllStringSubmatch(text, -1) {
				codes = append(codes, m[1])
			}
		}
		for _, code := range codes {
			assert.Empty(t, bad(project, code), name)
			checked++
		}
	}
	assert.Greater(t, checked, 80)
	info, err := os.Stat(filepath.Join(project, ".ci", "run"))
	require.NoError(t, err)
	assert.False(t, info.IsDir())
	for _, wrong := range []string{"go run ./cmd/rootlock frob", "rootlock explore --fast", "go test ./nowhere", "go test ./properties -run Nobody", "go test ./spec -update",
		"go tool nothing", "spec/nowhere.go", "tla/NC<Protocol>.cfg", "go vet ./... && go tool nothing", "ROOTLOCK_DEEP=1 go test ./nowhere", "check --bogus"} {
		assert.NotEmpty(t, bad(project, wrong), wrong)
	}
}

// The help of a verb says what one gets, shows an example that is a command, and says where
// the names of models are.
func TestHelp(t *testing.T) {
	project, err := root()
	require.NoError(t, err)
	t.Chdir(project)
	for _, verb := range []string{"check", "explore", "hunt", "tlc", "replay", "shrink", "export", "trace", "museum", "play", "prove"} {
		code, out, complaint := rootlock(t, verb, "--help")
		require.Equal(t, exitOK, code, complaint)
		assert.Contains(t, out, "You get", verb)
		assert.Contains(t, out, "explore --list", verb)
		m := regexp.MustCompile(`(?m)^Example:\n\n    go run \./cmd/rootlock (.*)\n`).FindStringSubmatch(out)
		if assert.NotNil(t, m, "%s: %s", verb, out) {
			words := strings.Fields(m[1])
			assert.Equal(t, verb, words[0])
			require.NoError(t, parses(words), m[1])
			for _, w := range words {
				if strings.HasPrefix(w, "testdata/") {
					assert.FileExists(t, w)
				}
			}
		}
	}
	parser, err := newParser(new(cli))
	require.NoError(t, err)
	texts := []string{described()}
	for _, verb := range parser.Model.Leaves(false) {
		texts = append(texts, verb.Help, verb.Detail)
		for _, value := range verb.Positional {
			texts = append(texts, value.Help)
		}
		for _, flag := range verb.Flags {
			texts = append(texts, flag.Help)
		}
	}
	sentences := 0
	for _, text := range texts {
		sentences += len(english.Sentences(text))
		assert.Empty(t, english.Problems(text))
	}
	assert.Greater(t, sentences, 300)
	for _, args := range []string{"explore OwnLock --model Tiny", "replay testdata/schedules/recycled-leaf.txtar", "export --as itf testdata/schedules/recycled-leaf.txtar", "trace testdata/kernel-traces/named.jsonl.gz"} {
		_, help, _ := rootlock(t, strings.Fields(args)[0], "--help")
		assert.Contains(t, help, args)
		code, _, complaint := rootlock(t, strings.Fields(args)...)
		assert.Equal(t, exitOK, code, "%s: %s", args, complaint)
	}
}
