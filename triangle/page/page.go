// Package page shows a schedule of any law as one HTML page that needs nothing else. The reader
// steps through it with the arrow keys, and sees the lanes of the threads, what each step
// changed, which threads may go on, and the claim that broke.
//
// The page can be read on paper and without script: the steps then stand below each other. All
// that a law and a schedule say is shown as text: html/template escapes it.
//
// A project with pictures of its own, such as rootlock, makes its page of the same parts: see
// [Template].
package page

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/triangle/lanes"
	"github.com/rootlock/rootlock/triangle/law"
)

var (
	//go:embed page.html
	markup string
	// CSS is the look of every page.
	//
	//go:embed page.css
	CSS string
	//go:embed page.js
	script string

	parts = template.Must(template.New("parts").Parse(markup))
)

// Options say what is shown beside the schedule. The zero value will do.
type Options[S any] struct {
	Title   string // of the page; by default "A schedule"
	Note    string // below the title: the bounds, say, or the story
	Command string // replays the schedule
	// Holds says which locks a thread holds, "" for none.
	Holds func(s *S, thread int) string
	// Notes says what step i, from 0, of a thread has changed; by default the fields of the
	// state.
	Notes func(i, thread int, before, after *S) []string
}

// A Frame is what the parts of a page need, all but the steps.
type Frame struct {
	Tab     string // title of the browser's tab
	CSS     template.CSS
	Script  template.JS
	Threads []string // heads of the lanes
	Last    int      // number of the last step
	Copies  []Copy
}

// NewFrame has the stepper's script, and the look with a house's own below.
func NewFrame(tab, css string) Frame {
	return Frame{Tab: tab, CSS: template.CSS(CSS + css), Script: template.JS(script)}
}

// A Step is a row of the lanes. Step 0 is the initial state.
type Step struct {
	N            int
	Thread, What string
	Lanes        []Lane
	Changes      []string
}

// A Lane is one thread's cell in one row.
type Lane struct {
	Text  string // its step
	Holds string // locks, "" if none
	Goes  bool   // the same as in the row above: drawn, and not said again
	Waits string // for what, "" if it can go on
}

// A Copy is a text with a button that copies it.
type Copy struct{ Title, ID, Text, Button string }

// Template parses a house's own page beside the parts "head", "stepper", "lanes", "copy",
// "foot", and "say", of one step. They are executed with a value that has the fields of a
// [Frame], and Steps with the fields of a [Step] and Broke, a list of what has a Claim.
func Template(texts ...string) *template.Template {
	t := template.Must(parts.Clone()).New("page")
	for _, text := range texts {
		template.Must(t.Parse(text))
	}
	return t
}

type view struct {
	Frame
	Title, Note, Broken string
	Steps               []step
}

type step struct {
	Step
	Broke  []broke
	Next   []next
	Fields []field
}

type (
	broke struct{ Claim string }
	next  struct{ Thread, Moves string }
	field struct {
		Name, Value string
		Changed     bool
	}
)

// Save writes the page to a file, whole or not at all.
func Save[S any, M comparable](path string, l law.Law[S, M], from S, sch []M, o Options[S]) error {
	var b bytes.Buffer
	if err := Write(&b, l, from, sch, o); err != nil {
		return err
	}
	return atomicfile.Write(context.Background(), path, b.Bytes())
}

// Write writes the page of a schedule. A move that is not enabled is an error.
func Write[S any, M comparable](w io.Writer, l law.Law[S, M], from S, sch []M, o Options[S]) error {
	p := &pager[S, M]{law: l, o: o, names: map[int]string{}}
	v := view{Frame: NewFrame("", ""), Title: o.Title, Note: o.Note}
	if v.Title == "" {
		v.Title = "A schedule"
	}
	v.Last, v.Tab = len(sch), v.Title
	for _, mv := range sch {
		p.name(mv)
	}
	threads := p.threads()
	for _, t := range threads {
		v.Threads = append(v.Threads, p.names[t])
	}
	s, before := from, from
	v.Steps = append(v.Steps, p.step(threads, nil, &before, &s))
	for i, mv := range sch {
		if !law.Enabled(l, &s, mv) {
			return fmt.Errorf("move %d, %s, is not enabled", i+1, l.Format(mv))
		}
		l.Apply(&s, mv)
		now := p.step(threads, &mv, &before, &s)
		now.N = i + 1
		if o.Notes != nil {
			now.Changes = o.Notes(i, l.Thread(mv), &before, &s)
		}
		for k := range now.Lanes {
			now.Lanes[k].Goes = now.Lanes[k].Holds == v.Steps[i].Lanes[k].Holds
		}
		v.Steps = append(v.Steps, now)
		before = s
	}
	for _, now := range v.Steps { // the last that broke is what the schedule is about
		if claims := make([]string, len(now.Broke)); len(claims) > 0 {
			for i, b := range now.Broke {
				claims[i] = b.Claim
			}
			v.Broken = strings.Join(claims, ", ")
		}
	}
	if v.Broken != "" {
		v.Tab += ", " + v.Broken
	}
	if o.Command != "" {
		v.Copies = append(v.Copies, Copy{"The command", "command", o.Command, "Copy the command"})
	}
	v.Copies = append(v.Copies, Copy{"The schedule", "schedule", law.Text(l, sch), "Copy the schedule"})
	q := quote.NewWriter(w, false) // names are others'
	if err := parts.ExecuteTemplate(q, "law", &v); err != nil {
		return err
	}
	return q.Close()
}

// A pager makes the steps.
type pager[S any, M comparable] struct {
	law    law.Law[S, M]
	o      Options[S]
	names  map[int]string // of the threads that were seen
	broken map[string]bool
}

// name is the thread of a move, and what it takes.
func (p *pager[S, M]) name(mv M) (thread int, what string) {
	thread = p.law.Thread(mv)
	p.names[thread], what, _ = strings.Cut(p.law.Format(mv), ":")
	return thread, what
}

func (p *pager[S, M]) threads() (list []int) {
	for t := range p.names {
		list = append(list, t)
	}
	slices.Sort(list)
	return list
}

// step is the row of a move, and of the state after it; nil: of the initial state.
func (p *pager[S, M]) step(threads []int, mv *M, before, s *S) (now step) {
	moved := 0
	if mv != nil {
		moved, now.What = p.name(*mv)
		now.Thread, now.Changes = p.names[moved], lanes.Changes(before, s)
	}
	for _, t := range threads {
		l := Lane{}
		if p.o.Holds != nil {
			l.Holds = p.o.Holds(s, t)
		}
		if t == moved {
			l.Text = now.What
		}
		now.Lanes = append(now.Lanes, l)
	}
	may := map[int][]string{}
	for _, mv := range p.law.Moves(s, nil) {
		thread, what := p.name(mv)
		may[thread] = append(may[thread], what)
	}
	for _, t := range p.threads() {
		now.Next = append(now.Next, next{p.names[t], strings.Join(may[t], ", ")})
	}
	changed := lanes.Changes(before, s)
	for _, text := range lanes.Changes(new(S), s) {
		name, value, _ := strings.Cut(text, "=")
		now.Fields = append(now.Fields, field{name, value, slices.Contains(changed, text)})
	}
	claims := p.law.Check(s).Names(p.law.Claims())
	if len(may) == 0 && !p.law.Rest(s) {
		claims = append(claims, law.NoDeadlock)
	}
	was := p.broken
	p.broken = map[string]bool{}
	for _, name := range claims {
		if p.broken[name] = true; !was[name] {
			now.Broke = append(now.Broke, broke{name})
		}
	}
	return now
}
