package tlc

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rootlock/rootlock/internal/quote"
)

// Codes of TLC's messages (class tlc2.output.EC), as far as we read them.
const (
	codeGeneral           = 1000
	codeOutOfMemory       = 1001
	codeOutOfMemoryLive   = 1003
	codeAssumptionFalse   = 2104
	codeInvariantInitial  = 2107
	codePropertyInitial   = 2108
	codeInvariant         = 2110
	codeActionProperty    = 2112
	codeDeadlock          = 2114
	codeNoNext            = 2115
	codeTemporal          = 2116
	codeErrorState        = 2120
	codeBehavior          = 2121
	codeBackToState       = 2122
	codeNestedExpressions = 2103
	codeInvariantLevel    = 2146
	codeParsingFailed2    = 2171
	codeSimulationMode    = 2188
	codeFinished          = 2186
	codeSuccess           = 2193
	codeDepth             = 2194
	codeStats             = 2199
	codeProgress          = 2200
	codeCoverageStart     = 2201
	codeProgressSimulated = 2209
	codeStatePrint1       = 2216
	codeStatePrint2       = 2217
	codeStuttering        = 2218
	codeSanyEnd           = 2219
	codeSanyStart         = 2220
	codeCoverageValue     = 2221
	codeVersion           = 2262
	codeCounterexample    = 2264
	codeCoverageNext      = 2772
	codeCoverageInit      = 2773
	codeCoverageCost      = 2775
	codeParsingFailed     = 3002
	codeServerReady       = 7000
	codeWorkerJoined      = 7001
)

// isConfigCode reports whether code is about the .cfg file, alone or against
// the modules.
func isConfigCode(code int) bool {
	return 2222 <= code && code <= 2243 || 5001 <= code && code <= 5006 ||
		slices.Contains([]int{codeNoNext, codeInvariantLevel, 2245, 2280, 2281}, code)
}

const (
	maxOutput = 1000
	maxOthers = 100
	maxTail   = 20
)

// report turns messages into a Result.
type report struct {
	result     Result
	properties []string // that the configuration lists
	progress   func(Progress)
	workers    *workers // of a distributed run

	findings   []Finding
	failure    *Finding // the first
	success    bool
	finished   bool
	simulation bool
	inSany     bool
	sany       []string
	problem    string // output that we cannot make sense of
	heard      atomic.Pointer[heard]
}

func newScanner(r *report) *scanner {
	return &scanner{onMessage: r.message, onLine: r.line, onRaw: r.raw}
}

var noise = regexp.MustCompile(`@!@!@|^\s*\|*line \d+, col \d+ to line`)

// patience is how long TLC may print nothing before that is told. It says every minute how
// far it is, but not while it looks for loops.
var patience = 3 * time.Minute

// heed calls quiet whenever TLC has printed nothing for long, until stop is called.
func (r *report) heed(quiet func(time.Duration, string)) (stop func()) {
	from := time.Now()
	r.heard.Store(&heard{at: from})
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(patience)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if h := r.heard.Load(); time.Since(h.at) >= patience {
					quiet(time.Since(h.at).Round(time.Second), h.line)
				}
			}
		}
	}()
	return func() { close(done); <-gone }
}

// A heard line is TLC's last.
type heard struct {
	at   time.Time
	line string
}

// lastSaid is TLC's last line that says something.
func (r *report) lastSaid() string {
	if h := r.heard.Load(); h != nil {
		return h.line
	}
	return ""
}

func (r *report) raw(line string) {
	if strings.TrimSpace(line) != "" && !strings.Contains(line, "@!@!@") {
		r.heard.Store(&heard{time.Now(), quote.Line(line)})
	}
	if strings.TrimSpace(line) == "" || noise.MatchString(line) {
		return
	}
	r.result.Tail = append(r.result.Tail, clip(line))
	if len(r.result.Tail) > 2*maxTail {
		r.result.Tail = slices.Clone(r.result.Tail[maxTail:])
	}
}

func (r *report) line(line string) {
	switch {
	case r.inSany:
		r.sany = append(r.sany, line)
	case strings.TrimSpace(line) != "" && len(r.result.Output) < maxOutput:
		r.result.Output = append(r.result.Output, line)
	}
}

// clip bounds a line that is kept for messages alone.
func clip(line string) string {
	if len(line) > 2000 {
		return quote.Clip(line)
	}
	return line
}

var (
	reStats = regexp.MustCompile(`(-?[\d,]+) states generated(?: \(([\d,]+) s/min\))?, (-?[\d,]+) distinct states found(?: \([\d,]+ ds/min\))?, (-?[\d,]+) states left on queue`)
	reDepth = regexp.MustCompile(`Progress\((-?[\d,]+)\)|search is ([\d,]+)\.`)
	reTook  = regexp.MustCompile(`Finished in (?:(\d+)d )?(?:(\d+)h )?(?:(\d+)min )?(?:(\d+)s )?(?:(\d+)ms )?at`)
	reNamed = regexp.MustCompile(`^(?:The )?(?:Invariant|Property|Action property) (\S+) is violated`)
	rePlace = regexp.MustCompile(`line \d+, col \d+ to line \d+, col \d+ of module \w+`)
	reCount = regexp.MustCompile(`^<(.+?) (line \d+, .*)>: (\d+):(\d+)$`)
)

func number(s string) int64 {
	n, _ := strconv.ParseInt(strings.ReplaceAll(s, ",", ""), 10, 64)
	return n
}

func (r *report) message(m *message) {
	text := m.text()
	if r.workers != nil {
		r.workers.message(m.code)
		if m.code == codeBehavior && r.failure == nil {
			r.confused("a state violates something, and TLC's server does not say what: ask again without it")
		}
	}
	switch m.code {
	case codeVersion:
		r.result.TLCVersion = strings.TrimPrefix(text, "TLC2 ")
	case codeSanyStart:
		r.inSany = true
	case codeSanyEnd:
		r.inSany = false
		r.result.SpecErrors = specErrors(r.sany)
	case codeSimulationMode:
		r.simulation = true
	case codeSuccess:
		r.success = true
	case codeFinished:
		r.finished = true
		r.took(text)
	case codeStats:
		r.result.Counted = r.counts(text) != nil
		if !r.result.Counted {
			r.confused("final counts %q", text)
		}
	case codeProgress, codeProgressSimulated:
		if p := r.counts(text); p != nil && r.progress != nil {
			r.progress(*p)
		}
	case codeDepth:
		r.depth(text)
	case codeCoverageStart:
		r.result.Actions = nil
	case codeCoverageInit, codeCoverageNext:
		r.action(m.code == codeCoverageInit, text)
	case codeCoverageValue, codeCoverageCost:
	case codeStatePrint1, codeStatePrint2, codeStuttering, codeBackToState:
		r.state(m.code, text)
	case codeBehavior, codeCounterexample, codeErrorState:
	default:
		r.other(m, text)
	}
}

func (r *report) confused(format string, args ...any) {
	if r.problem == "" {
		r.problem = fmt.Sprintf(format, quote.Each(args)...)
	}
}

func (r *report) depth(text string) {
	if m := reDepth.FindStringSubmatch(text); m != nil {
		r.result.Depth = max(0, int(number(m[1]+m[2]))) // -1 in simulation
	}
}

func (r *report) counts(text string) *Progress {
	m := reStats.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	r.depth(text)
	r.result.Generated, r.result.Distinct, r.result.Queue = number(m[1]), number(m[3]), number(m[4])
	return &Progress{Depth: r.result.Depth, Generated: r.result.Generated, Distinct: r.result.Distinct,
		Queue: r.result.Queue, Rate: float64(number(m[2])) / 60}
}

func (r *report) took(text string) {
	m := reTook.FindStringSubmatch(text)
	if m == nil {
		return
	}
	for i, unit := range []float64{86400, 3600, 60, 1, 0.001} {
		r.result.Seconds += float64(number(m[i+1])) * unit
	}
}

func (r *report) action(init bool, text string) {
	m := reCount.FindStringSubmatch(text)
	if m == nil {
		r.confused("coverage of an action %q", text)
		return
	}
	r.result.Actions = append(r.result.Actions,
		ActionCount{Name: m[1], Place: m[2], Init: init, Distinct: number(m[3]), Generated: number(m[4])})
}

// other takes errors and warnings; everything else is of no interest.
func (r *report) other(m *message, text string) {
	switch {
	case m.severity == severityWarning:
		r.result.Warnings = append(r.result.Warnings, text)
		return
	case m.severity != severityError && m.severity != severityBug:
		return
	}
	if verdict := violation(m.code); verdict != "" {
		r.violated(verdict, m.code, text)
		return
	}
	if r.failure != nil {
		// TLC explains a first error by further ones.
		r.failure.Message += "\n" + explain(m)
		return
	}
	r.failure = &Finding{Verdict: classify(m), Message: explain(m)}
}

func violation(code int) Verdict {
	switch code {
	case codeInvariant, codeInvariantInitial:
		return InvariantViolated
	case codeActionProperty, codePropertyInitial, codeTemporal:
		return PropertyViolated
	case codeDeadlock:
		return Deadlock
	case codeAssumptionFalse:
		return AssumptionFalse
	}
	return ""
}

func (r *report) violated(verdict Verdict, code int, text string) {
	first, state, _ := strings.Cut(text, "\n")
	f := Finding{Verdict: verdict, Message: first, Where: rePlace.FindString(first)}
	if m := reNamed.FindStringSubmatch(first); m != nil && f.Where == "" {
		f.Name = m[1]
	}
	if verdict == PropertyViolated && !slices.Contains(r.properties, f.Name) && len(r.properties) > 0 {
		f.Name, f.Conjunct = "", f.Name
		if f.Candidates = r.properties; len(f.Candidates) == 1 {
			f.Name, f.Candidates = r.properties[0], nil
		}
	}
	r.result.Violations++
	if len(r.findings) <= maxOthers+1 {
		r.findings = append(r.findings, f)
	} else {
		// One place beyond what is kept: the states that follow need an owner.
		r.findings[maxOthers+1] = f
	}
	if code == codeInvariantInitial || code == codePropertyInitial {
		r.addState(TraceState{Number: 1, Text: strings.TrimSpace(state)})
	}
}

// heapWords are how the JVM and TLC say that the heap is full. TLC wraps the
// exception in whatever message it was about to write.
var heapWords = regexp.MustCompile(`OutOfMemoryError|Java heap space|GC overhead limit|Could not reserve enough space|Too small maximum heap`)

func classify(m *message) Verdict {
	root := m.root()
	switch code := root.code; {
	case codeOutOfMemory <= code && code <= codeOutOfMemoryLive, heapWords.MatchString(root.text()):
		return OutOfMemory
	case code == codeParsingFailed, code == codeParsingFailed2:
		return ParseError
	case isConfigCode(code):
		return ConfigError
	}
	return EvalError
}

// explain is the text of the innermost message, without a Java stack.
func explain(m *message) string {
	var kept []string
	for _, line := range m.root().lines {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "at ") {
			continue
		}
		if m.root().code == codeGeneral && len(kept) == 0 && !strings.HasPrefix(line, "The exception was") {
			continue // the same three lines before every exception
		}
		if kept = append(kept, line); len(kept) == maxTail {
			break
		}
	}
	if len(kept) == 0 {
		return m.root().text()
	}
	return strings.Join(kept, "\n")
}

// conclude settles the verdict once the process is gone. The error it returns
// lacks only the name of the model.
func (r *report) conclude(exitCode int, broken string) (*Result, *RunError) {
	res := &r.result
	res.ExitCode = exitCode
	if len(res.Tail) > maxTail {
		res.Tail = res.Tail[len(res.Tail)-maxTail:]
	}
	r.findings = r.findings[:min(len(r.findings), maxOthers+1)]
	if len(r.findings) > 0 {
		res.Finding, res.Others = r.findings[0], r.findings[1:]
	}
	fail := func(v Verdict, format string, args ...any) (*Result, *RunError) {
		res.Verdict = v
		return res, &RunError{Verdict: v, Detail: fmt.Sprintf(format, args...), Remedy: remedies[v]}
	}
	last := strings.Join(append(slices.Clone(res.Tail), res.Stderr), "\n")
	switch {
	case r.failure != nil:
		message := r.failure.Message
		res.Finding, res.Others = *r.failure, r.findings
		if len(res.SpecErrors) > 0 && res.Verdict == ParseError {
			message = res.SpecErrors[0].String()
		}
		return fail(res.Verdict, "%s", message)
	case heapWords.MatchString(last) && exitCode != 0:
		return fail(OutOfMemory, "the heap of the Java machine is full or cannot be had (exit code %d): %s", exitCode, lastLine(last))
	case broken != "":
		return fail(Unknown, "cannot read TLC's messages: %s (exit code %d): %s", broken, exitCode, lastLine(last))
	case !r.finished:
		return fail(Unknown, "TLC stopped without its final message (exit code %d): %s", exitCode, lastLine(last))
	case r.problem != "":
		return fail(Unknown, "cannot read TLC's messages: %s", r.problem)
	case len(r.findings) == 0:
		return r.quiet(fail)
	}
	for _, f := range r.findings {
		if f.Verdict != AssumptionFalse && len(f.Trace) == 0 {
			return fail(Unknown, "%s, but TLC printed no counterexample", f.Message)
		}
		if err := checkTrace(f.Trace, f.Lasso); err != "" {
			return fail(Unknown, "%s, but the counterexample is damaged: %s", f.Message, err)
		}
	}
	// With -continue TLC forgets the violations and exits with 0.
	forgotten := r.success && exitCode == 0
	if !forgotten && !slices.Contains(exitCodes[res.Verdict], exitCode) {
		return fail(Unknown, "the messages say %q, the exit code %d does not", res.Message, exitCode)
	}
	return res, nil
}

// quiet concludes a run that reported neither a violation nor a failure.
func (r *report) quiet(fail func(Verdict, string, ...any) (*Result, *RunError)) (*Result, *RunError) {
	res := &r.result
	switch {
	case res.ExitCode != 0:
		return fail(Unknown, "no message of an error, but exit code %d", res.ExitCode)
	case r.simulation && res.Generated > 0:
		res.Verdict = SimulationEnded
		return res, nil
	case !r.success || !res.Counted || res.Queue != 0:
		return fail(Unknown, "TLC ended without saying that it is complete (%d states left on queue)", res.Queue)
	case res.Distinct == 0:
		return fail(NoInitialState, "Init is satisfied by no state, so every claim would hold")
	}
	res.Verdict = Holds
	return res, nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "it printed nothing"
	}
	return clip(text[strings.LastIndexByte(text, '\n')+1:])
}

var remedies = map[Verdict]string{
	ParseError:     "correct the module",
	ConfigError:    "correct the .cfg file, or the module it speaks of",
	EvalError:      "correct the expression; TLC's message names its place",
	NoInitialState: "correct Init or the constants",
	OutOfMemory:    "give Java more memory (Options.HeapMB) or make the model smaller",
	TimeLimit:      "raise the limit, make the model smaller, or use more workers",
	Canceled:       "start it again",
	Unknown:        "look at Result.Tail and Result.Stderr; if the system was short of memory, lower Options.HeapMB",
}
