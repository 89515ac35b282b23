package mutant

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
)

const subjectPackage = "./internal/mutant/subject"

// build compiles the subject with all mutants, into dir. Code that does not compile is an
// error, and no mutant is killed by it; the compiler names file and line of the source.
func (g *generator) build(ctx context.Context, root, dir string) (program string, err error) {
	overlay, err := g.overlay(dir)
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, "subject")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	_, err = goCommand(ctx, root, "build", "-buildvcs=false", "-overlay", overlay, "-ldflags=-s", "-o", program, subjectPackage)
	var said *SaidError
	if errors.As(err, &said) {
		return "", fmt.Errorf("rootlock: mutants of %s do not compile, which is no kill:\n%w", g.side, said)
	}
	return program, err
}
