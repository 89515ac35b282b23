package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	testscript.Run(t, testscript.Params{
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
			"exits":  exits,
			"isjson": isJSON,
		},
	})
}

// exits runs rootlock and wants an exit code: exits CODE ARG...; 0|1: either
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	got := exitOK
	if err := ts.Exec("rootlock", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, want %s", got, args[0])
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
