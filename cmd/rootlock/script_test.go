package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/triangle/tlc"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script; read the difference before you commit it")

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a sixth of the time
	testscript.Main(m, map[string]func(){"rootlock": main})
}

// TestScripts runs the command as a user does: testdata/script/*.txtar. PROJECT
// is the project's folder, BIN holds nothing but the command.
func TestScripts(t *testing.T) {
	project, err := root()
	if err != nil {
		t.Fatal(err)
	}
	in, tlcErr := tlc.Finder{}.Find(t.Context())
	named, err := environment()
	if err != nil {
		t.Fatal(err)
	}
	testscript.RunT(inOrder{t}, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			bin, err := exec.LookPath("rootlock")
			if err != nil {
				return err
			}
			e.Setenv("PROJECT", project)
			e.Setenv("BIN", filepath.Dir(bin))
			e.Setenv("TLA2TOOLS_JAR", in.Jar)
			e.Setenv("JAVA_HOME", os.Getenv("JAVA_HOME"))
			for _, pair := range e.Vars {
				name, _, _ := strings.Cut(pair, "=")
				named[name] = true
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "deep":
				return deep.Asked(), nil
			case "z3":
				_, err := exec.LookPath("z3")
				if err != nil && os.Getenv("ROOTLOCK_REQUIRE_Z3") == "1" {
					return false, err
				}
				return err == nil, nil
			case "tlc":
			default:
				return false, fmt.Errorf("unknown condition %q", name)
			}
			if tlcErr != nil && requireTLC() {
				return false, tlcErr
			}
			return tlcErr == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   func(ts *testscript.TestScript, neg bool, args []string) { exits(ts, neg, args, inProcess(ts, named)) },
			"process": func(ts *testscript.TestScript, neg bool, args []string) { exits(ts, neg, args, process(ts)) },
			"isjson":  isJSON,
		},
	})
}

// inOrder runs one script after the other: each has the working directory and the environment
// of this process.
type inOrder struct{ *testing.T }

func (inOrder) Parallel()     {}
func (inOrder) Verbose() bool { return testing.Verbose() }
func (t inOrder) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inOrder{t}) })
}

// environment is the names of the variables that the scripts set.
func environment() (names map[string]bool, err error) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	names = map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, set := range regexp.MustCompile(`(?m)^(?:\[.*\] *)?env ([^=\n]+)=`).FindAllSubmatch(text, -1) {
			names[string(set[1])] = true
		}
	}
	return names, err
}

// exits runs rootlock and wants an exit code: exits CODE ARG...; 0|1: either. It runs in this
// process, which saves nine of ten of the time; what only a process of its own has (the
// program's name in what it prints, standard input) is asked by process CODE ARG...
func exits(ts *testscript.TestScript, neg bool, args []string, rootlock func(args []string) (code int)) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits|process CODE ARG...")
	}
	if got := rootlock(args[1:]); !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// inProcess runs rootlock in this process, in the script's folder, with its variables.
func inProcess(ts *testscript.TestScript, named map[string]bool) func([]string) int {
	return func(args []string) int {
		dir, err := os.Getwd()
		ts.Check(err)
		old := os.Environ()
		defer func() {
			ts.Check(os.Chdir(dir))
			setEnvironment(ts, old)
		}()
		ts.Check(os.Chdir(ts.MkAbs(".")))
		var vars []string
		for name := range named {
			vars = append(vars, name+"="+ts.Getenv(name))
		}
		setEnvironment(ts, vars)
		return run(context.Background(), args, ts.Stdout(), ts.Stderr())
	}
}

func setEnvironment(ts *testscript.TestScript, vars []string) {
	os.Clearenv()
	for _, pair := range vars {
		name, value, _ := strings.Cut(pair, "=")
		ts.Check(os.Setenv(name, value))
	}
}

// process runs rootlock as a user does.
func process(ts *testscript.TestScript) func([]string) int {
	return func(args []string) int {
		err := ts.Exec("rootlock", args...)
		var exit *exec.ExitError
		switch {
		case err == nil:
			return exitOK
		case !errors.As(err, &exit):
			ts.Fatalf("%v", err)
		}
		return exit.ExitCode()
	}
}

// isJSON wants standard output to be one JSON object and nothing else, with the
// given fields.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &v); err != nil {
		ts.Fatalf("standard output is not one JSON object: %v", err)
	}
	for _, field := range args {
		if _, ok := v[field]; !ok {
			ts.Fatalf("no field %s", field)
		}
	}
}
