package play

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
	"github.com/rootlock/rootlock/triangle/law"
)

// Most is how many states a search looks at, at most.
const Most = 2_000_000

// Progress is what a search has done so far.
type Progress struct {
	States uint64  `json:"states"`
	Depth  int     `json:"depth"` // steps from where it began
	Secs   float64 `json:"seconds"`
}

// Found is what a search found.
type Found struct {
	Place             // with the way to the violation, "" if there is none
	Claim    string   `json:"claim"`
	Steps    int      `json:"steps"` // of the way
	Progress Progress `json:"progress"`
	Say      string   `json:"say"`
}

// from is a law that begins in another state. It is all that the law is: without its other
// interfaces a large model is slow.
type from struct {
	law.Law[spec.State, spec.Move]
	law.Packer[spec.State]
	law.Copier[spec.State]
	law.Symmetric[spec.State]
	start spec.State
}

func (l *from) Initial() []spec.State { return []spec.State{l.start} }

func beginIn(m *spec.Model, s spec.State) *from {
	l := m.Law()
	return &from{l, l.(law.Packer[spec.State]), l.(law.Copier[spec.State]), l.(law.Symmetric[spec.State]), s}
}

// Search looks for a shortest way from a place to a state that violates the claim; "" is any
// claim whose breach is harm. What is violated already is not looked for.
func Search(ctx context.Context, worlds []World, p Place, claim string, most uint64, progress func(Progress)) (*Found, error) {
	at, err := stand(worlds, p)
	if err != nil {
		return nil, err
	}
	var broken []string
	for _, b := range at.breaks() {
		broken = append(broken, b.Claim)
	}
	var ask []string
	for _, c := range spec.Claims() {
		wanted := c.String() == claim || claim == "" && c.Kind() == spec.Central
		if wanted && at.m.Protocol.Asks(c) && !c.Temporal() && !slices.Contains(broken, c.String()) {
			ask = append(ask, c.String())
		}
	}
	if len(ask) == 0 {
		return &Found{Say: "There is nothing to look for: the claim is violated already, or no single state shows it."}, nil
	}
	_, s := at.state()
	x, err := explore.Explore(ctx, beginIn(at.m, *s), explore.Options{Workers: 1, Symmetry: at.symmetry, MaxStates: most, StopOn: ask, Progress: func(now explore.Progress) {
		progress(Progress{now.Distinct, now.Level - 1, now.Elapsed.Seconds()})
	}})
	if err != nil {
		return nil, err
	}
	f := &Found{Progress: Progress{x.Distinct, x.Depth - 1, x.Duration.Round(time.Millisecond).Seconds()}}
	hits := slices.DeleteFunc(slices.Clone(x.Violations), func(v explore.Violation[spec.State, spec.Move]) bool { return !slices.Contains(ask, v.Claim) })
	if len(hits) > 0 {
		best := slices.MinFunc(hits, func(a, b explore.Violation[spec.State, spec.Move]) int {
			return cmp.Compare(len(a.Schedule), len(b.Schedule))
		})
		way := slices.Concat(at.moves[:at.step], spec.Schedule(best.Schedule))
		f.Place = Place{p.Protocol, p.Model, at.m.FormatSchedule(way), at.step}
		f.Claim, f.Steps = best.Claim, len(best.Schedule)
		f.Say = fmt.Sprintf("%s breaks in %d steps from here. Step on to see how. Nothing shorter breaks it: %d states looked at.", f.Claim, f.Steps, x.Distinct)
		return f, nil
	}
	switch {
	case x.Complete:
		f.Say = fmt.Sprintf("No such claim breaks from here, in this model: all %d states that can be reached were looked at.", x.Distinct)
	case errors.Is(x.Stopped, explore.ErrMaxStates):
		f.Say = fmt.Sprintf("Nothing found within %d steps: after %d states the search ends here. rootlock explore goes on.", x.Depth-1, x.Distinct)
	default:
		f.Say = fmt.Sprintf("Nothing found in %d states: %v.", x.Distinct, x.Stopped)
	}
	return f, nil
}
