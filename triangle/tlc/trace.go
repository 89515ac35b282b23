package tlc

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/quote"
)

var (
	reHeader   = regexp.MustCompile(`^(\d+): <(.*)>$`)
	reAction   = regexp.MustCompile(`^(.*?) (line \d+, col \d+ to line .*)$`)
	reBack     = regexp.MustCompile(`^(\d+): Back to state(?:: <(.*)>)?$`)
	reVariable = regexp.MustCompile(`(?m)^(?:/\\ )?(\w+) = `)
)

// current is what a state that TLC prints now belongs to.
func (r *report) current() *Finding {
	if r.failure != nil {
		return r.failure
	}
	if len(r.findings) == 0 {
		return nil
	}
	return &r.findings[len(r.findings)-1]
}

func (r *report) state(code int, text string) {
	f := r.current()
	if f == nil {
		r.confused("a state before any error: %q", text)
		return
	}
	head, body, _ := strings.Cut(text, "\n")
	switch {
	case code == codeStuttering:
		f.Lasso = &Lasso{Stuttering: true}
	case code == codeBackToState:
		m := reBack.FindStringSubmatch(head)
		if m == nil {
			r.confused("the way back of a lasso: %q", head)
			return
		}
		n, _ := strconv.Atoi(m[1])
		name, _ := splitAction(m[2])
		f.Lasso = &Lasso{BackTo: n, Action: name}
	default:
		m := reHeader.FindStringSubmatch(head)
		if m == nil {
			r.confused("the header of a state: %q", head)
			return
		}
		s := TraceState{Text: body}
		s.Number, _ = strconv.Atoi(m[1])
		if m[2] != "Initial predicate" {
			s.Action, s.Place = splitAction(m[2])
		}
		r.addState(s)
	}
}

func splitAction(text string) (name, place string) {
	if m := reAction.FindStringSubmatch(text); m != nil {
		return m[1], m[2]
	}
	return text, ""
}

func (r *report) addState(s TraceState) {
	vars, err := parseState(s.Text, ParseValue)
	if err != nil {
		r.confused("state %d: %v", s.Number, err)
	}
	s.Vars = vars
	f := r.current()
	f.Trace = append(f.Trace, s)
}

// parseState reads "/\ x = 1" lines; a state of one variable has no "/\", and
// TLC breaks long values into lines.
func parseState(text string, parse func(string) (Value, error)) (map[string]Value, error) {
	vars := map[string]Value{}
	heads := reVariable.FindAllStringSubmatchIndex(text, -1)
	if len(heads) == 0 || strings.TrimSpace(text[:heads[0][0]]) != "" {
		return nil, fmt.Errorf("rootlock: no state: %q", quote.Clip(text))
	}
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name := text[h[2]:h[3]]
		v, err := parse(text[h[1]:end])
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", quote.Clip(name), err)
		}
		if _, twice := vars[name]; twice {
			return nil, fmt.Errorf("rootlock: variable %s twice", quote.Clip(name))
		}
		vars[name] = v
	}
	return vars, nil
}

// A StateParser parses states as TLC prints them, line breaks included. It keeps what
// it has parsed, for in a graph the same values come again and again. Its zero value
// is ready; it is for one goroutine.
type StateParser struct{ seen map[string]Value }

// State parses one state.
func (p *StateParser) State(text string) (map[string]Value, error) {
	if p.seen == nil {
		p.seen = map[string]Value{}
	}
	return parseState(text, func(text string) (Value, error) {
		if v, ok := p.seen[text]; ok {
			return v, nil
		}
		v, err := ParseValue(text)
		if err == nil {
			p.seen[strings.Clone(text)] = v
		}
		return v, err
	})
}

// checkTrace says what is wrong with a counterexample, or nothing.
func checkTrace(trace []TraceState, lasso *Lasso) string {
	for i, s := range trace {
		if s.Number != i+1 {
			return fmt.Sprintf("state %d stands where state %d should", s.Number, i+1)
		}
	}
	if lasso != nil && !lasso.Stuttering && (lasso.BackTo < 1 || lasso.BackTo > len(trace)) {
		return fmt.Sprintf("it goes back to state %d of %d", lasso.BackTo, len(trace))
	}
	return ""
}
