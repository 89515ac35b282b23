package engine

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/lockstep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// roundSchedules is how many schedules of one model are drawn before it is the next
// model's turn.
const roundSchedules = 100

// shrinkTime is for rapid, and as much again for the searches after it: in a large world
// they would go on for a minute, and find what is not much shorter.
const shrinkTime = 1500 * time.Millisecond

// Hunts is where a protocol is hunted if nobody names a model: from each initial state of
// tla/'s world, in the wide world, and where RwsemRoot's own operations are.
func Hunts(p spec.Protocol) []string {
	list := []string{"Wide", "WideMapped", "WideNeighbours", "WideWorld"}
	if p.Trees() {
		list = append(list, "Today", "Moves")
	}
	return list
}

// A Hunter draws random schedules of models of one protocol, on model and implementation
// in lockstep, until its time is over or every claim is broken. It also takes each step
// that has to wait to the implementation, which must refuse it.
type Hunter struct {
	Claims spec.ClaimSet // asked; a claim that breaks is not asked again
	Time   time.Duration
	Seed   uint64 // of the first round; the next one has the next seed
	Found  func(m *models.Model, v *Violation)
	Parted func(m *models.Model, sch spec.Schedule, err error) // the model and the implementation part: the hunt is over
	Drawn  func(schedules, steps uint64)                       // called now and then
}

// Hunt returns a result for each model, in their order: also if the context ends, beside
// the error.
func (h *Hunter) Hunt(ctx context.Context, list []*models.Model) (results []*Result, err error) {
	end := time.Now().Add(h.Time)
	var places []*place
	for i, m := range list {
		run, err := lockstep.New(m.Model)
		if err != nil {
			return nil, err
		}
		p := &place{m: m, r: newResult(m, Lockstep), taken: map[spec.Step]uint64{}, refused: map[spec.Step]uint64{}}
		p.Strict = lockstep.Strict{Run: run, Refused: func(s spec.Step) {
			if p.counts {
				p.refused[s]++
			}
		}}
		defer func() { err = errors.Join(err, run.Close()) }()
		p.r.Seed = h.Seed + uint64(i)
		places, results = append(places, p), append(results, p.r)
	}
	left := h.Claims
	var steps, schedules uint64
	for round := uint64(0); left != 0 && (time.Now().Before(end) || round < uint64(len(places))); round++ {
		p := places[round%uint64(len(places))]
		found, err := hunt.Find(ctx, p.m.Model, p, left, hunt.Options{Schedules: roundSchedules, Seed: h.Seed + round, ShrinkTime: shrinkTime,
			Stop: func() bool {
				p.draws = true
				return p.r.Schedules > 0 && time.Now().After(end)
			}})
		if found != nil {
			p.r.Schedules += found.Tried[0]
			p.r.Generated += found.Tried[1]
			p.r.Seconds += cmp.Or(found.FirstAfter, found.Duration).Seconds()
			schedules, steps = schedules+found.Tried[0], steps+found.Tried[1]
			h.Drawn(schedules, steps)
			if f := found.Failure; f != nil && f.Divergence != nil {
				h.Parted(p.m, f.Schedule, f.Divergence)
				p.r.Differences = append(p.r.Differences, parted(p.m.Model, f).Error())
				left = 0
			} else if f != nil {
				left &^= f.Claim.Set()
				p.r.add(Violation{Claim: f.Claim.String(), Conjunct: f.Conjunct, Values: f.Values, Length: len(f.Schedule), Schedule: p.m.FormatSchedule(f.Schedule)})
				h.Found(p.m, p.r.Violation(f.Claim.String()))
			}
		}
		if err != nil {
			finish(places, left)
			return results, err
		}
	}
	finish(places, left)
	return results, nil
}

// finish says what was covered, and that what was asked to the end holds in what was drawn.
func finish(places []*place, left spec.ClaimSet) {
	for _, p := range places {
		p.r.Steps, p.r.Refused = map[string]uint64{}, map[string]uint64{}
		for s, n := range p.taken {
			p.r.Steps[s.String()] = n
		}
		for s, n := range p.refused {
			p.r.Refused[s.String()] = n
		}
		for _, c := range spec.Claims() {
			if left.Has(c) && p.r.Schedules > 0 {
				p.r.Claims[c.String()] = Holds
			}
		}
	}
}

// A place is a model that is hunted: its lockstep, which counts, and the result.
type place struct {
	lockstep.Strict
	m              *models.Model
	r              *Result
	taken, refused map[spec.Step]uint64

	draws  bool // the next schedule is drawn; what only shrinks one takes as long as it may
	counts bool // this one was
}

// Reset implements hunt.Runner.
func (p *place) Reset() error {
	p.counts, p.draws = p.draws, false
	return p.Strict.Reset()
}

// Do implements hunt.Runner.
func (p *place) Do(mv spec.Move) error {
	err := p.Strict.Do(mv)
	if err == nil && p.counts {
		p.taken[mv.Step]++
	}
	return err
}
