package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"

	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/picture"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	triangle "github.com/rootlock/rootlock/triangle/page"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	ownCSS string
	// CSS is the look of every page.
	CSS = triangle.CSS + ownCSS
	// Legend is the template "legend": how a picture is read.
	//
	//go:embed legend.html
	Legend string

	page = triangle.Template(markup, Legend)
)

// A Page is what is shown beside the schedule.
type Page struct {
	export.Schedule
	Story   string        // may be empty
	Breaks  []watch.Break // all that the schedule breaks
	Compare []Other       // counterexamples of other engines to the same claim
	Home    string        // the page that leads to this one; may be empty
	Told    string        // the name of a page beside this one that tells a story of the same claim; may be empty
	Kernel  string        // where docs/kernel.md is from here, if it is: what a story cites of it is a link
}

// Other is a counterexample that another engine found.
type Other struct{ Engine, Schedule string }

type view struct {
	triangle.Frame
	Title, Bounds string
	Story         []template.HTML // paragraphs
	Home, Told    string
	Chief         *watch.Break
	Breaks        []watch.Break
	Steps         []stepView
	Claim         string
	Meaning       string // of the claim
}

type stepView struct {
	triangle.Step
	Kernel  string
	Does    string
	Broke   []watch.Break
	Picture template.HTML
	Threads []threadView
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	m := p.Model.Model
	title := m.Protocol.String() + "/" + m.Name
	v := view{Frame: triangle.NewFrame("rootlock: "+title, picture.CSS), Title: title, Bounds: m.Bounds.String(), Story: paragraphs(p.Story, p.Kernel),
		Home: p.Home, Told: p.Told, Chief: p.Break, Breaks: p.Breaks}
	v.Last = len(p.Moves)
	if p.Break != nil {
		v.Claim = p.Break.Claim
		v.Tab += ", " + v.Claim
		if c, err := spec.ClaimByName(v.Claim); err == nil {
			v.Meaning = c.Meaning()
		}
	}
	v.Copies = []triangle.Copy{{Title: "The command", ID: "command", Text: p.Command(), Button: "Copy the command"}, {Title: "The schedule", ID: "schedule", Text: m.FormatSchedule(p.Moves), Button: "Copy the schedule"}}
	if test, err := p.Go(); err == nil { // not of what no finite schedule breaks
		v.Copies = append(v.Copies, triangle.Copy{Title: "As a Go test", ID: "gotest", Text: string(test), Button: "Copy the test"})
	}
	for i, o := range p.Compare {
		v.Copies = append(v.Copies, triangle.Copy{Title: "Found by " + o.Engine, ID: fmt.Sprint("other-", i), Text: o.Schedule, Button: "Copy it"})
	}
	threads := p.threads()
	for _, t := range threads {
		v.Threads = append(v.Threads, m.ThreadName(t))
	}
	s := m.Init()
	states := []spec.State{s}
	_ = m.Run(&s, p.Moves, func(_ int, s *spec.State) { states = append(states, *s) }) // what is wrong with the moves is said below
	pictures := picture.Series(m, states)
	s = m.Init()
	v.Steps = append(v.Steps, stepView{Step: triangle.Step{What: "the initial state", Lanes: lanes(m, threads, &s, 0, "")}, Picture: template.HTML(pictures[0]), Threads: threadsOf(m, &s, &s)})
	before := s
	err := m.Run(&s, p.Moves, func(i int, after *spec.State) {
		mv := p.Moves[i]
		name := m.ThreadName(mv.Thread)
		what := m.Format(mv)[len(name)+1:]
		step := stepView{Step: triangle.Step{N: i + 1, Thread: name, What: what, Lanes: lanes(m, threads, after, mv.Thread, what), Changes: watch.Changes(m, mv.Thread, &before, after)},
			Kernel: mv.Step.Kernel(), Does: mv.Step.Does(), Picture: template.HTML(pictures[i+1]), Threads: threadsOf(m, &before, after)}
		for _, b := range p.Breaks {
			if b.Step == i+1 {
				step.Broke = append(step.Broke, b)
			}
		}
		for k := range step.Lanes {
			step.Lanes[k].Goes = step.Lanes[k].Holds == v.Steps[i].Lanes[k].Holds
		}
		v.Steps = append(v.Steps, step)
		before = *after
	})
	if err != nil {
		return err
	}
	q := quote.NewWriter(w, false) // names and stories are others'
	if err := page.Execute(q, &v); err != nil {
		return err
	}
	return q.Close()
}

// cited is an objection or a bug of docs/kernel.md, which has an anchor for each.
var cited = regexp.MustCompile(`docs/kernel\.md ([FM]\d+[a-z]?)\b`)

// paragraphs takes a story out of its lines.
func paragraphs(story, kernel string) (list []template.HTML) {
	for part := range strings.SplitSeq(strings.ReplaceAll(story, "\r", ""), "\n\n") {
		part = template.HTMLEscapeString(strings.Join(strings.Fields(part), " "))
		if kernel != "" {
			part = cited.ReplaceAllStringFunc(part, func(text string) string {
				name := cited.FindStringSubmatch(text)[1]
				return fmt.Sprintf(`<a href="%s#%s">%s</a>`, template.HTMLEscapeString(kernel), strings.ToLower(name), text)
			})
		}
		if part != "" {
			list = append(list, template.HTML(part))
		}
	}
	return list
}

// threads are those that take a step, in their order.
func (p *Page) threads() (list []uint8) {
	for t := uint8(1); int(t) <= p.Model.Threads(); t++ {
		for _, mv := range p.Moves {
			if mv.Thread == t {
				list = append(list, t)
				break
			}
		}
	}
	return list
}

// lanes is a row: what each thread does, holds and waits for after a step.
func lanes(m *spec.Model, threads []uint8, s *spec.State, moved uint8, what string) (row []triangle.Lane) {
	for _, t := range threads {
		l := triangle.Lane{Holds: watch.Locks(m, s, t), Waits: waits(m, s, t)}
		if t == moved {
			l.Text = what
		}
		row = append(row, l)
	}
	return row
}
