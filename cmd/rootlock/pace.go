package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/ledger"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/explore"
)

// A pace is how fast this machine explores: generated states in a second. Models that ask
// for termination are slower.
type pace struct{ states, live float64 }

// usual is the pace until something was measured: of two cores, on the low side.
func usual() *pace { return &pace{states: 2e6, live: 150_000} }

// How many generated states are worth measuring, of either kind of model.
const enough, enoughLive = 100_000, 20_000

// learn takes in a result.
func (p *pace) learn(m *models.Model, r *engine.Result) {
	rate := float64(r.Generated) / r.Seconds
	switch {
	case r.Seconds <= 0:
	case m.Live() && r.Generated >= enoughLive:
		p.live = rate
	case !m.Live() && r.Generated >= enough:
		p.states = rate
	}
}

// measured is the pace of this machine, as soon as it is known.
var measured atomic.Pointer[pace]

// measure explores two models that take a tenth of a second together, once.
func measure(ctx context.Context) (*pace, error) {
	if p := measured.Load(); p != nil {
		return p, nil
	}
	p := usual()
	for _, name := range []string{"Small", "LivePair"} {
		m, err := models.Find(spec.OwnLock, name)
		if err != nil {
			return nil, err
		}
		r, err := engine.Explore(ctx, m, explore.Options{})
		if err != nil {
			return nil, err
		}
		p.learn(m, r)
	}
	measured.Store(p)
	return p, nil
}

// time is how long a model of so many generated states takes.
func (p *pace) time(m *models.Model, generated uint64) time.Duration {
	rate := p.states
	if m.Live() {
		rate = p.live
	}
	return time.Duration(float64(generated) / rate * float64(time.Second))
}

// sizeOf is how many states the explorer generates in a model, by the ledger: by its entry
// or else by another protocol's of the same name; 0: nobody knows.
func sizeOf(l *ledger.Ledger, m *models.Model) (generated uint64) {
	if l == nil {
		return 0
	}
	if e := l.Find(m.Protocol.String(), m.Name, engine.Explorer); e != nil {
		return e.Generated
	}
	for i := range l.Entries {
		if e := &l.Entries[i]; e.Model == m.Name && e.Engine == engine.Explorer {
			generated = max(generated, e.Generated)
		}
	}
	return generated
}
