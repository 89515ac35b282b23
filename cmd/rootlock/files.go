package main

// Files that verbs read and write.

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/rootlock/rootlock/internal/atomicfile"
)

// stdio names standard input or output where a file is wanted.
const stdio = "-"

// prepare says before the work begins why a page cannot be written. A page on standard
// output has it for itself: what else there is to say goes to standard error.
func (a *app) prepare(path string, inputs ...string) error {
	switch {
	case path == "":
		return nil
	case path != stdio:
		return atomicfile.Check(path, inputs...)
	case a.json:
		return errors.New("--json and --html - both want standard output: name a file for the page")
	}
	a.stdout = a.stderr
	return nil
}

// put writes a page.
func (a *app) put(path string, data []byte) error {
	if path == stdio {
		return a.out.Pass(data)
	}
	return atomicfile.Write(a.ctx, path, data)
}

// alone reports whether a page has no folder beside it for others.
func alone(path string) bool { return path == stdio || atomicfile.Special(path) }

// preparePages is prepare for a page that has others in a folder beside it.
func (a *app) preparePages(path string, inputs ...string) error {
	if err := a.prepare(path, inputs...); err != nil || path == "" || alone(path) {
		return err
	}
	if info, err := os.Stat(pages(path)); err == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file, and the pages of counterexamples go into a folder of that name: move it away", pages(path))
	}
	return nil
}

// Limits of --workers: beyond them nothing gets faster.
func mostThreads() int   { return max(64, 8*runtime.NumCPU()) }
func mostProcesses() int { return max(8, 2*runtime.NumCPU()) }

// countedWorkers checks a number of workers.
func countedWorkers(n, most int) error {
	if err := notNegative("--workers", n); err != nil {
		return err
	}
	if n > most {
		return fmt.Errorf("--workers is %d; on this machine more than %d make nothing faster", n, most)
	}
	return nil
}
