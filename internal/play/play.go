package play

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/rootlock/rootlock/internal/picture"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

//go:embed view.html
var markup string

var view = template.Must(template.New("view").Parse(markup))

// A World is a model that one may choose: bounds with a name.
type World struct {
	Name, Purpose string
	Bounds        spec.Bounds
	Symmetric     bool // states that differ in names only count as one
}

// A Place is where somebody stands.
type Place struct {
	Protocol string `json:"protocol"`
	Model    string `json:"model"`
	Schedule string `json:"schedule"`
	Step     int    `json:"step"` // how many moves of the schedule were taken
}

// A View is what there is to see at a place.
type View struct {
	Place
	Last int               `json:"last"` // moves in the schedule
	Say  string            `json:"say"`  // what the last step did, for whoever listens
	HTML map[string]string `json:"html"` // by the id of the element that it fills
}

// standing is a place, looked up.
type standing struct {
	m        *spec.Model
	symmetry bool
	moves    spec.Schedule
	step     int
	states   []spec.State // the initial one first
	watch    *watch.Watch // of the moves that were taken
}

// stand looks a place up.
func stand(worlds []World, p Place) (*standing, error) {
	protocol, err := spec.ProtocolByName(p.Protocol)
	if err != nil {
		return nil, err
	}
	for _, w := range worlds {
		if w.Name != p.Model {
			continue
		}
		m, err := spec.NewModel(protocol, w.Name, w.Bounds)
		if err != nil {
			return nil, err
		}
		moves, err := m.ParseSchedule(p.Schedule)
		if err != nil {
			return nil, err
		}
		at := &standing{m: m, symmetry: w.Symmetric, moves: moves, step: min(max(p.Step, 0), len(moves)), states: []spec.State{m.Init()}}
		s := m.Init()
		if err := m.Run(&s, moves, func(_ int, s *spec.State) { at.states = append(at.states, *s) }); err != nil {
			return nil, err
		}
		at.watch, err = watch.Observe(m, moves[:at.step])
		return at, err
	}
	return nil, fmt.Errorf("rootlock: unknown model %q", p.Model)
}

// state is the state at the place, before the one of the step before.
func (at *standing) state() (before, s *spec.State) {
	return &at.states[max(at.step-1, 0)], &at.states[at.step]
}

// breaks is what the moves taken have broken.
func (at *standing) breaks() []watch.Break {
	list := at.watch.Breaks()
	if b := at.watch.Loop(explore.WeakThreads | explore.StrongLocks); b != nil {
		list = append(list, *b)
	}
	return list
}

// Show says what there is to see at a place.
func Show(worlds []World, p Place) (*View, error) {
	at, err := stand(worlds, p)
	if err != nil {
		return nil, err
	}
	before, s := at.state()
	breaks := at.breaks()
	v := &View{Place: Place{p.Protocol, p.Model, at.m.FormatSchedule(at.moves), at.step}, Last: len(at.moves), HTML: map[string]string{}}
	v.Say = "The initial state."
	if at.step > 0 {
		mv := at.moves[at.step-1]
		name := at.m.ThreadName(mv.Thread)
		v.Say = fmt.Sprintf("Step %d: %s takes %s", at.step, name, at.m.Format(mv)[len(name)+1:])
		if list := at.changes(at.step); len(list) > 0 {
			v.Say += " (" + strings.Join(list, "; ") + ")"
		}
		v.Say += "."
	}
	for _, b := range breaks {
		if b.Step == at.step {
			v.Say += fmt.Sprintf(" %s is violated.", b.Claim)
		}
	}
	for id, data := range map[string]any{
		"picture": template.HTML(picture.FrameOf(at.m, at.states).Draw(at.m, before, s)),
		"threads": at.threads(s),
		"claims":  at.claims(breaks),
		"lanes":   at.lanes(breaks),
		"world":   struct{ Bounds, Command string }{at.m.Bounds.String(), at.command()},
	} {
		var b strings.Builder
		if err := view.ExecuteTemplate(&b, id, data); err != nil {
			return nil, err
		}
		v.HTML[id] = b.String()
	}
	return v, nil
}

// changes is what a step changed, from 1.
func (at *standing) changes(step int) []string {
	return watch.Changes(at.m, at.moves[step-1].Thread, &at.states[step-1], &at.states[step])
}

// command is the line that replays the moves taken.
func (at *standing) command() string {
	if at.step == 0 {
		return ""
	}
	return fmt.Sprintf("replay --protocol %s --model %s '%s'", at.m.Protocol, at.m.Name, at.m.FormatSchedule(at.moves[:at.step]))
}

// claimsView is what is asked of the protocol.
type claimsView struct {
	Broken []brokenView
	Hold   []spec.Claim
}

type brokenView struct {
	watch.Break
	Meaning string
	Now     bool // by the last step
}

func (at *standing) claims(breaks []watch.Break) (v claimsView) {
	broken := map[string]bool{}
	for _, b := range breaks {
		broken[b.Claim] = true
		c, _ := spec.ClaimByName(b.Claim)
		v.Broken = append(v.Broken, brokenView{b, c.Meaning(), b.Step == at.step})
	}
	for _, c := range spec.Claims() {
		if at.m.Protocol.Asks(c) && !broken[c.String()] {
			v.Hold = append(v.Hold, c)
		}
	}
	return v
}

// lanesView is the schedule as a table.
type lanesView struct {
	Threads []string
	Rows    []rowView
}

type rowView struct {
	Step       int
	Now, Ahead bool
	Cells      []cellView
	Changes    string
	Broke      []string
}

type cellView struct {
	Text  string
	Holds bool
}

func (at *standing) lanes(breaks []watch.Break) (v lanesView) {
	for t := range at.m.Threads() {
		v.Threads = append(v.Threads, at.m.ThreadName(uint8(t+1)))
	}
	for step := range at.states {
		row := rowView{Step: step, Now: step == at.step, Ahead: step > at.step}
		for t := uint8(1); int(t) <= at.m.Threads(); t++ {
			cell := cellView{Holds: watch.Holds(at.m, &at.states[step], t)}
			if step > 0 && at.moves[step-1].Thread == t {
				_, cell.Text, _ = strings.Cut(at.m.Format(at.moves[step-1]), ":")
			}
			row.Cells = append(row.Cells, cell)
		}
		if step > 0 {
			row.Changes = strings.Join(at.changes(step), "; ")
		}
		for _, b := range breaks {
			if b.Step == step && step > 0 {
				row.Broke = append(row.Broke, b.Claim)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
