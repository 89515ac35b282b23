package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Schedule is what is written: a schedule of a model, and what it breaks (nil:
// nothing).
type Schedule struct {
	Model *models.Model
	Moves spec.Schedule
	Break *watch.Break
}

// Formats are the names of what As writes.
func Formats() []string { return []string{"tla", "itf", "json", "go", "mermaid", "svg"} }

// As writes the schedule in a format.
func (s *Schedule) As(name string) ([]byte, error) {
	switch name {
	case "tla":
		return s.TLA()
	case "itf":
		return s.ITF()
	case "json":
		return s.JSON()
	case "go":
		return s.Go()
	case "mermaid":
		return s.Mermaid()
	case "svg":
		return s.SVG()
	}
	return nil, fmt.Errorf("unknown format %q; the formats are %s", name, strings.Join(Formats(), ", "))
}

// document is the JSON form. Schedule and bounds are what replay reads.
type document struct {
	Protocol string `json:"protocol"`
	Model    string `json:"model"`
	Bound    string `json:"bound"`
	Schedule string `json:"schedule"`
	Violated string `json:"violated"`
	At       int    `json:"at,omitempty"`
	Conjunct string `json:"conjunct,omitempty"`
	Values   string `json:"values,omitempty"`
	Steps    []step `json:"steps"`
	Command  string `json:"command"`
}

type step struct {
	Thread  string   `json:"thread"`
	Step    string   `json:"step"`
	Args    string   `json:"args"`
	Changes []string `json:"changes"` // of the shared state, and what the thread learned
}

// JSON writes each step with what it changed.
func (s *Schedule) JSON() ([]byte, error) {
	m := s.Model.Model
	d := document{Protocol: m.Protocol.String(), Model: m.Name, Bound: m.Bounds.String(), Schedule: m.FormatSchedule(s.Moves), Steps: []step{}, Command: s.Command()}
	if b := s.Break; b != nil {
		d.Violated, d.At, d.Conjunct, d.Values = b.Claim, b.Step, b.Conjunct, b.Values
	}
	state := m.Init()
	before := state
	err := m.Run(&state, s.Moves, func(i int, after *spec.State) {
		mv := s.Moves[i]
		d.Steps = append(d.Steps, step{m.ThreadName(mv.Thread), mv.Step.String(), mv.ArgText(), append([]string{}, watch.Changes(m, mv.Thread, &before, after)...)})
		before = *after
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err = e.Encode(d)
	return b.Bytes(), err
}

// Command is the line that replays the schedule.
func (s *Schedule) Command() string {
	if s.Break == nil {
		return report.Command(s.Model.Model, s.Moves)
	}
	return report.ClaimCommand(s.Model.Model, s.Moves, s.Break.Claim)
}

// lines breaks a schedule into lines, one for each run of steps of a thread.
func (s *Schedule) lines() string {
	var b strings.Builder
	for i, mv := range s.Moves {
		switch {
		case i == 0:
		case mv.Thread != s.Moves[i-1].Thread:
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(s.Model.Format(mv))
	}
	return b.String()
}

// Go writes a test for properties/: it runs the schedule on the model and on the
// implementation, and fails as long as the claim breaks.
func (s *Schedule) Go() ([]byte, error) {
	m := s.Model.Model
	name, about := "Schedule", "breaks nothing"
	check := "require.Zero(t, violated)"
	if s.Break != nil {
		name, about = s.Break.Claim, "breaks "+s.Break.Claim+", and this test fails, as long as that is so"
		check = fmt.Sprintf("require.False(t, violated.Has(spec.%s), %q, %q)", s.Break.Claim, "%s", s.Break.Claim+" is violated: "+s.Break.Conjunct+" is false")
		if s.Break.Claim == spec.NoDeadlock.String() {
			check = "require.True(t, m.Rest(run.State()) || len(run.Moves()) > 0, \"nothing moves any more\")"
		}
		if spec.IsTemporal(s.Break.Claim) {
			return nil, fmt.Errorf("no finite schedule breaks %s: there is no test that would fail", s.Break.Claim)
		}
	}
	model := fmt.Sprintf("models.Find(spec.%s, %q)", m.Protocol, m.Name)
	imports := `"github.com/rootlock/rootlock/internal/models"`
	if named, err := models.Find(m.Protocol, m.Name); err != nil || named.Bounds != m.Bounds {
		imports = ""
		model = fmt.Sprintf("spec.NewModel(spec.%s, %q, %s)", m.Protocol, m.Name, bounds(m.Bounds))
	}
	text := fmt.Sprintf(`package properties

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/lockstep"
	%s
	"github.com/rootlock/rootlock/spec"
)

// The schedule %s.
func Test%s%s(t *testing.T) {
	m, err := %s
	require.NoError(t, err)
	sch, err := m.ParseSchedule(%s)
	require.NoError(t, err)
	run, err := lockstep.New(%s)
	require.NoError(t, err)
	defer func() { require.NoError(t, run.Close()) }()
	var violated spec.ClaimSet
	for _, mv := range sch {
		require.True(t, m.Enabled(run.State(), mv), "%%s: %%s", m.Format(mv), m.WhyNot(run.State(), mv))
		require.NoError(t, run.Do(mv))
		violated |= m.Check(run.State())
	}
	%s
}
`, imports, about, m.Protocol, name, model, "`\n"+s.lines()+"`", map[bool]string{true: "m", false: "m.Model"}[imports == ""], check)
	return format.Source([]byte(text))
}

// bounds writes bounds as Go.
func bounds(b spec.Bounds) string {
	var ops []string
	for _, s := range b.Ops.List() {
		ops = append(ops, "spec."+s.String())
	}
	faulters := ""
	if b.Faulters > 0 {
		faulters = fmt.Sprintf("Faulters: %d, ", b.Faulters)
	}
	return fmt.Sprintf("spec.Bounds{MMs: %d, VMAs: %d, Objects: %d, Pages: %d, Walkers: %d, Slots: %d, MMOps: %d, WalkerOps: %d, Prots: %d, %sFailures: %t, Layout: spec.Layout%s, Ops: spec.OpsOf(%s)}",
		b.MMs, b.VMAs, b.Objects, b.Pages, b.Walkers, b.Slots, b.MMOps, b.WalkerOps, b.Prots, faulters, b.Failures, b.Layout, strings.Join(ops, ", "))
}

// Mermaid writes a sequence diagram: threads and the locks they take.
func (s *Schedule) Mermaid() ([]byte, error) {
	m := s.Model.Model
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	fmt.Fprintf(&b, "    %%%% %s/%s: %s\n", m.Protocol, m.Name, m.Bounds)
	seen := map[uint8]bool{}
	for _, mv := range s.Moves {
		if !seen[mv.Thread] {
			seen[mv.Thread] = true
			fmt.Fprintf(&b, "    participant %s\n", m.ThreadName(mv.Thread))
		}
	}
	used := map[int]bool{}
	for _, lock := range s.held() {
		for o := range lock {
			used[o] = true
		}
	}
	for o := range m.Objects {
		if used[o] {
			fmt.Fprintf(&b, "    participant a%d as lock of a%d\n", o+1, o+1)
		}
	}
	state := m.Init()
	before := state
	err := m.Run(&state, s.Moves, func(i int, after *spec.State) {
		mv := s.Moves[i]
		who := m.ThreadName(mv.Thread)
		what := mermaid(fmt.Sprintf("%d %s", i+1, strings.TrimPrefix(m.Format(mv), who+":")))
		arrow := fmt.Sprintf("    Note over %s: %s\n", who, what)
		for o := range m.Objects {
			switch was, is := before.Anon[o].Lock, after.Anon[o].Lock; {
			case was != is && is == mv.Thread:
				arrow = fmt.Sprintf("    %s->>+a%d: %s\n", who, o+1, what)
			case was != is && is == 0:
				arrow = fmt.Sprintf("    a%d-->>-%s: %s\n", o+1, who, what)
			case after.Anon[o].Readers > before.Anon[o].Readers: // it is shared
				arrow = fmt.Sprintf("    %s->>+a%d: %s\n", who, o+1, what)
			case after.Anon[o].Readers < before.Anon[o].Readers:
				arrow = fmt.Sprintf("    a%d-->>-%s: %s\n", o+1, who, what)
			}
		}
		b.WriteString(arrow)
		if s.Break != nil && (s.Break.Step == i+1 || s.Break.Step == 0 && i == len(s.Moves)-1) {
			fmt.Fprintf(&b, "    Note over %s: %s is violated. %s is false, %s\n", who, s.Break.Claim, s.Break.Conjunct, mermaid(s.Break.Values))
		}
		before = *after
	})
	return []byte(b.String()), err
}

// held lists, step by step, which objects are locked.
func (s *Schedule) held() (list []map[int]bool) {
	state := s.Model.Init()
	_ = s.Model.Run(&state, s.Moves, func(_ int, after *spec.State) {
		now := map[int]bool{}
		for o := range s.Model.Objects {
			if after.Anon[o].Lock != 0 || after.Anon[o].Readers != 0 {
				now[o] = true
			}
		}
		list = append(list, now)
	})
	return list
}

// mermaid escapes what ends a text or begins an entity there.
func mermaid(text string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "\n", " ", "<", "#lt;", ">", "#gt;").Replace(text)
}

// TLA writes a module and its configuration, as a txtar archive: TLC follows the
// schedule and reports the claim violated after its last step, or, if the schedule
// breaks nothing, Unfinished. Beside them belong the modules of tla/.
func (s *Schedule) TLA() ([]byte, error) {
	m := s.Model
	if models.Wider(m.Bounds) {
		return nil, fmt.Errorf("%s is of the wide world (merging, mprotect, mremap, swap, failing allocations), which tla/ does not have", m.FullName())
	}
	claim := "Unfinished"
	if s.Break != nil {
		claim = s.Break.Claim
	}
	deadlock := claim == spec.NoDeadlock.String()
	property := false
	switch {
	case spec.IsTemporal(claim):
		claim = "Unfinished"
	case claim == spec.OperationDone.String(): // of steps
		property = true
	}
	var names []string
	for _, c := range models.Constants(m.Bounds) {
		if c.Value.Kind() == tlc.KindSet && !slices.Contains([]string{"Ops", "MoreOps", "Processes"}, c.Name) {
			for _, e := range c.Value.Elems() {
				names = append(names, e.String())
			}
		}
	}
	var moves []string
	for _, mv := range s.Moves {
		moves = append(moves, fmt.Sprintf("  <<%s, %q, <<%s>>>>", m.ThreadName(mv.Thread), mv.Step, strings.ReplaceAll(mv.ArgText(), ",", ", ")))
	}
	operations, more := "Operations", ""
	if m.Page() != m.Protocol.String() { // the page where processes have second threads
		operations = `Operations \cup {"UffdMove"}`
		more = `
\* A step of that thread, which is no other in the next state.
Step(who) == \E t \in {who} : (t \in MMs /\ FaultStep(t)) \/ (t \in Processes /\ MMStep(t)) \/ (t \in Walkers /\ WalkerStep(t))
`
	}
	module := fmt.Sprintf(`---- MODULE Replay ----
\* %s
\* %s
EXTENDS %s
CONSTANTS %s
VARIABLE at  \* how many moves were taken
%s
\* Each: the thread, its step, and what the step chooses.
Schedule == <<
%s
>>

\* What a step chooses shows in what it leaves.
Chosen(t, step, a) ==
  LET r == thread'[t]  begins == IsIdle(t) IN
  CASE ~begins /\ step = "AllocAnon" -> ~anon[a[1]].live /\ anon'[a[1]].live
    [] ~begins /\ step # "AllocAnon" -> TRUE
    [] begins /\ step = "Map"        -> /\ t \in MMs /\ r.op = "None"
                                        /\ LET v == vma'[Pick(Unborn)] IN v.start = a[1] /\ v.end = a[1] + a[2]
    [] begins /\ step = "Pin"        -> t \in Walkers /\ r.op = "None" /\ r.pin = vma[a[1]].anon
    [] OTHER -> /\ r.op = step
                /\ CASE step \in {"Fault", "SplitBelow", "SplitAbove"} -> r.vma = a[1] /\ r.slot = a[2]
                     [] step = "Unmap"               -> r.vma = a[1]
                     [] step = "Fork"                -> r.child = a[1]
                     [] step \in {"Walk", "Migrate"} -> r.page = a[1]
                     [] step = "WalkPinned"          -> r.slot = a[1]
                     [] step = "UffdMove"            -> r.slot = a
                     [] OTHER                        -> TRUE

Follow(t, step, a) ==
  /\ IF IsIdle(t) THEN step \in %s ELSE step = thread[t].pc
  /\ Step(t) /\ Chosen(t, step, a)

ReplayInit == Init /\ at = 0
ReplayNext == at < Len(Schedule) /\ Follow(Schedule[at + 1][1], Schedule[at + 1][2], Schedule[at + 1][3]) /\ at' = at + 1
ReplaySpec == ReplayInit /\ [][ReplayNext]_<<vars, at>>

Unfinished == at < Len(Schedule)
%s====
`, m.Bounds, s.Command(), m.Module(), strings.Join(names, ", "), more, strings.Join(moves, ",\n"), operations, map[bool]string{true: "NoDeadlock == Unfinished \\/ \\E t \\in Thread : ENABLED Step(t)\n"}[deadlock])
	check := false
	config := tlc.Config{Specification: "ReplaySpec", Constants: models.Constants(m.Bounds), CheckDeadlock: &check}
	for _, n := range names {
		config.Constants = append(config.Constants, tlc.Constant{Name: n, Value: tlc.Model(n)})
	}
	if property {
		config.Properties = []string{claim}
	} else {
		config.Invariants = []string{claim}
	}
	return txtar.Format(&txtar.Archive{
		Comment: []byte("Unpack beside the modules of tla/ and run TLC on Replay: it follows the schedule and reports " + claim + " violated.\n"),
		Files:   []txtar.File{{Name: "Replay.tla", Data: []byte(module)}, {Name: "Replay.cfg", Data: []byte(config.String())}},
	}), nil
}
