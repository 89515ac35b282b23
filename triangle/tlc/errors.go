package tlc

import "fmt"

// SetupKind says which part of the set-up is missing or unusable.
type SetupKind string

// The kinds of [SetupError].
const (
	NoJava        SetupKind = "no Java"
	JavaTooOld    SetupKind = "Java too old"
	JavaBroken    SetupKind = "Java does not run"
	NoJar         SetupKind = "no tla2tools.jar"
	WrongChecksum SetupKind = "wrong checksum"
	BadUserJar    SetupKind = "TLA2TOOLS_JAR unusable"
	NoCache       SetupKind = "no cache directory"
)

// SetupError is returned by [Finder.Find] when TLC cannot be run here. It is
// never about the model. Callers that can do without TLC test for it with
// errors.As and report Remedy.
type SetupError struct {
	Kind   SetupKind
	Detail string // what was tried and what came of it
	Remedy string // what the user can do
	Err    error  // the cause, if there is one
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("rootlock: TLC set-up: %s: %s; %s", e.Kind, e.Detail, e.Remedy)
}

func (e *SetupError) Unwrap() error { return e.Err }

// RunError is returned by [Run] when TLC ran, or tried to, without answering
// the question. The Result beside it holds what was learnt until then.
type RunError struct {
	Verdict Verdict // never one of those for which Verdict.Answered is true
	Model   string  // module and configuration
	Detail  string  // what happened
	Remedy  string  // what the user can do
	Err     error   // the cause, if there is one: a context error, for example
}

func (e *RunError) Error() string {
	return fmt.Sprintf("rootlock: TLC on %s: %s: %s; %s", e.Model, e.Verdict, e.Detail, e.Remedy)
}

func (e *RunError) Unwrap() error { return e.Err }
