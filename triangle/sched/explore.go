package sched

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// Options bound an exploration. It has three parts, each of which ends it by a
// counterexample or by having run all schedules that there are:
//
//  1. all schedules with no preemption, all with at most one, and so on to
//     Preemptions, so that the counterexample has as few as possible;
//  2. all schedules, but of those that differ in the order of independent steps
//     alone only one, until Schedules have been run;
//  3. Random schedules.
//
// The zero Options are usable.
type Options struct {
	// Preemptions is the last bound of part 1: how often a schedule may take the
	// processor from a thread that could go on. 0 means 2; a negative number
	// leaves part 1 out.
	Preemptions int
	// Schedules is how many schedules parts 1 and 2 may run together. 0 means 100,000.
	Schedules int
	// Random is how many schedules part 3 draws: half of them each step by lot,
	// half of them by priorities (PCT, of depth 3). 0 means 1,000; a negative
	// number leaves part 3 out.
	Random int
	// Seed is what the random ones are drawn from.
	Seed uint64
	// Steps is how long a schedule may be. A longer one is a livelock.
	// 0 means 2,000.
	Steps int
	// Replay is the Schedule of a Counterexample: nothing else is run.
	Replay string
}

// A Result says what was explored, and what was found.
type Result struct {
	Bounds    []int // for each bound on preemptions from 0, how many schedules within it were run
	Exhausted bool  // these are all within the last bound
	Reduced   int   // schedules of part 2, which differ in more than the order of independent steps
	Complete  bool  // all schedules were run (part 1), or one for each order of dependent steps (part 2)
	Random    int   // schedules of part 3
	Steps     int   // of all schedules together, those included that were run for several bounds

	Counterexample *Counterexample // nil if none was found
}

// A Counterexample is a schedule that fails.
type Counterexample struct {
	Kind     string // "deadlock", "panic", "assertion", "livelock", "not deterministic", "unreadable schedule"
	Message  string
	Schedule string // for Options.Replay
	Lanes    string // a column for each thread, a line for each step
	Stack    string // of a panic
}

func (c *Counterexample) String() string {
	text := fmt.Sprintf("%s: %s\n%s", c.Kind, c.Message, c.Lanes)
	if c.Stack != "" {
		text += "\n" + c.Stack
	}
	return text
}

// String is one line: what was explored, within which bound.
func (r Result) String() string {
	var explored []string
	for i, n := range r.Bounds {
		text, most := count(n, "schedule"), " without preemption"
		if i > 0 {
			most = " with at most " + count(i, "preemption")
		}
		switch last := i == len(r.Bounds)-1; {
		case r.Complete && r.Reduced == 0 && last && n == 1:
			text = "the only schedule"
		case r.Complete && r.Reduced == 0 && last:
			text = "all " + text
		case r.Exhausted && last, r.Counterexample == nil && !r.Exhausted && i == len(r.Bounds)-2:
			text = "all " + text + most
		case r.Counterexample != nil && last:
			text += most
		case last:
			text += most + " (not all)"
		default:
			continue // those of the last bound that was exhausted say more
		}
		explored = append(explored, text)
	}
	if r.Reduced > 0 {
		text := count(r.Reduced, "order") + " of dependent steps"
		if r.Complete {
			text = "all " + text
		}
		explored = append(explored, text)
	}
	if r.Random > 0 {
		explored = append(explored, count(r.Random, "random schedule"))
	}
	if explored == nil {
		explored = []string{"one schedule"}
	}
	verdict := "holds in "
	if r.Counterexample != nil {
		verdict = r.Counterexample.Kind + " after "
	}
	return verdict + strings.Join(explored, ", ") + " (" + count(r.Steps, "step") + ")"
}

// count is "1 step", "2,000 steps".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return number(n) + " " + noun
}

func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// TB is the part of testing.TB that Explore needs.
type TB interface {
	Helper()
	Name() string
	Cleanup(func())
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Explore runs setup, and the threads that it starts with T.Go, once for each
// schedule, until one fails or the bounds of the options are reached. It logs
// what was explored; a schedule that fails ends the test with its lanes and
// with a command that runs that schedule alone.
//
// Explore is for one goroutine, on which setup runs; explorations of parallel
// tests do not disturb each other. See [Options] for the bounds, of which at
// most one may be given.
func Explore(t TB, setup func(*T), options ...Options) Result {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	name := nameOf(t)
	replay := os.Getenv(replayVariable)
	if schedule, ok := strings.CutPrefix(replay, name+"="); ok {
		o.Replay = schedule
	} else if replay != "" {
		t.Logf("%s=%s is about another exploration than %s, whose schedules are all run", replayVariable, quoted(replay), name)
	}
	ended := false
	defer func() {
		if !ended {
			t.Logf("sched: the exploration was cut short: did a thread call FailNow or Fatal of the testing.T, in place of the T that setup is given?")
		}
	}()
	result := Search(setup, o)
	ended = true
	if c := result.Counterexample; c != nil {
		if c.Kind == unreadable {
			t.Fatalf("%s", c.Message)
		}
		t.Fatalf("%v\n%v\nreplay this schedule:\n    %s", result, c, command(t, setup, name, c.Schedule))
	}
	t.Logf("%v", result)
	return result
}

// replayVariable is the environment variable with which the command of a
// counterexample says which exploration is to run which schedule: an
// environment variable reaches a test of any module, and a flag only tests that
// import this package.
const replayVariable = "SCHED_REPLAY"

var ordinals = struct {
	sync.Mutex
	of map[string]int
}{of: map[string]int{}}

// nameOf tells the explorations of one test apart: TestX, TestX#2.
func nameOf(t TB) string {
	ordinals.Lock()
	defer ordinals.Unlock()
	name := t.Name()
	ordinals.of[name]++
	n := ordinals.of[name]
	if n > 1 {
		return fmt.Sprintf("%s#%d", name, n)
	}
	t.Cleanup(func() {
		ordinals.Lock()
		defer ordinals.Unlock()
		delete(ordinals.of, name)
	})
	return name
}

// command is what a shell runs to see the schedule again.
func command(t TB, setup func(*T), name, schedule string) string {
	var pattern []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	return fmt.Sprintf("%s=%s go test -run %s %s", replayVariable, quoted(name+"="+schedule), quoted(strings.Join(pattern, "/")), packageOf(setup))
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// packageOf is the package that a function stands in, as its symbol says:
// example.com/m/pkg_test.TestX.func1.
func packageOf(f func(*T)) string {
	symbol := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	slash := strings.LastIndexByte(symbol, '/') + 1
	last, _, _ := strings.Cut(symbol[slash:], ".")
	path := strings.ReplaceAll(symbol[:slash]+strings.TrimSuffix(last, "_test"), "%2e", ".")
	if path == "main" || path == "command-line-arguments" {
		return "."
	}
	return path
}

// A T is what setup and the threads of one schedule are given. It is a TestingT
// of testify. Its methods are for setup, the threads, and the final checks.
type T struct{ run *run }

// Go adds a thread. It starts when setup has returned; or at the next step, if
// a thread adds it.
func (t *T) Go(name string, f func()) { t.run.spawn(name, f) }

// Finally adds a check of the final state, for when all threads have ended.
func (t *T) Finally(check func()) { t.run.finally = append(t.run.finally, check) }

// Errorf makes the schedule fail, with this message, at the end of the present step.
func (t *T) Errorf(format string, args ...any) {
	if t.run.failure == "" {
		t.run.failure = fmt.Sprintf(format, args...)
	}
}

// failNow is the panic value of FailNow.
type failNow struct{}

// FailNow makes the schedule fail now.
func (t *T) FailNow() {
	t.Errorf("FailNow")
	panic(failNow{})
}

// Fatalf is Errorf and FailNow.
func (t *T) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	t.FailNow()
}
