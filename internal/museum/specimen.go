package museum

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/triangle/museum"
)

// The programs that are built: the whole specimen, and its explorer alone.
const (
	specimenPackage = "./internal/museum/specimen"
	explorerPackage = "./internal/museum/explorer"
)

// A specimen is a program built with an entry's edits.
type specimen struct {
	entry   *Entry
	program string
	edits   []string // environment of a woven program: which entry's edits it has
	seconds float64  // that building it took
}

// build compiles a program with the edits of the given sides into dir.
func build(ctx context.Context, e *Entry, program, root, dir string, sides ...string) (*specimen, error) {
	start := time.Now()
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	overlay, err := Overlay(e, root, dir, sides...)
	if err != nil {
		return nil, err
	}
	s := &specimen{entry: e}
	if s.program, err = compile(ctx, program, root, dir, overlay); err != nil {
		if said := (*refusal)(nil); errors.As(err, &said) {
			return nil, e.uncompiled(root, said.text)
		}
		return nil, err
	}
	s.seconds = time.Since(start).Seconds()
	return s, nil
}

// A refusal is what the compiler says of code that is none.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// compile builds a program with an overlay into dir.
func compile(ctx context.Context, program, root, dir, overlay string) (string, error) {
	name := filepath.Join(dir, "specimen")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	// -s: without symbols it links faster.
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-overlay", overlay, "-ldflags=-s", "-o", name, program)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOTMPDIR="+dir) // killed, the go command leaves its own folder there
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := process.Run(cmd); err != nil {
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case errors.As(err, &exit) && compilerSpeaks.MatchString(output.String()):
			return "", &refusal{strings.TrimSpace(strings.ReplaceAll(output.String(), dir+string(filepath.Separator), ""))}
		case errors.As(err, &exit): // the compiler was not asked
			return "", fmt.Errorf("rootlock: go build, which the museum needs, does not work here: %s", quote.Line(strings.TrimSpace(output.String())))
		}
		return "", fmt.Errorf("rootlock: running go build, which the museum needs: %w", err)
	}
	return name, nil
}

// compilerSpeaks tells what the compiler says, under the name of a package, from what the
// go command says of itself.
var compilerSpeaks = regexp.MustCompile(`(?m)^# |^(?:.*[/\\])?(?:spec|impl)[_/\\][a-z_0-9]+\.go:\d+`)

var compilerLine = regexp.MustCompile(`(?m)^(?:.*[/\\])?((?:spec|impl)[_/\\][a-z_0-9]+\.go):(\d+)(?::\d+)?: (.*)$`)

// uncompiled is the error of code that the compiler refuses: with the line of the entry that
// the first of its complaints is about, if it is about one.
func (e *Entry) uncompiled(root, said string) error {
	err := fmt.Errorf("the edited code does not compile:\n%s", compilerLine.ReplaceAllString(said, "$1:$2: $3"))
	for _, found := range compilerLine.FindAllStringSubmatch(said, -1) {
		file := found[1][:len("spec")] + "/" + found[1][len("spec/"):]
		i := slices.IndexFunc(e.Files, func(f museum.File) bool { return f.Name == file })
		line, _ := strconv.Atoi(found[2])
		if i < 0 {
			continue
		}
		if origin := e.Files[i].Origin(root, line); origin > 0 {
			return e.bad(file, &museum.LineError{Line: origin, Err: err})
		}
	}
	return e.bad("", err)
}

// ask runs the specimen once.
func (s *specimen) ask(ctx context.Context, q *wire.Question) (*wire.Answer, error) {
	question, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, s.program)
	cmd.Env = append(os.Environ(), s.edits...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(question), &stdout, &stderr
	if err := process.Run(cmd); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, s.entry.bad("", fmt.Errorf("the edited code fails, which is no kill: %w\n%s", err, head(stderr.String())))
	}
	a := new(wire.Answer)
	if err := json.Unmarshal(stdout.Bytes(), a); err != nil {
		return nil, s.entry.bad("", fmt.Errorf("the specimen's answer is no JSON: %w", err))
	}
	return a, nil
}

// head is the beginning of a text: a panic's stack is long.
func head(text string) string {
	const most = 2000
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = text[:most] + " ..."
	}
	return text
}
