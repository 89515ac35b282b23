package lockstep

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/sched"
)

// Oops lets the thread of the last move go on in the code, if it has touched what was freed,
// where the model stops: its operation must return ErrUseAfterFree, hold nothing any more, and
// have given back the reference that it had. The Run can only be reset then.
func (r *Run) Oops(mv spec.Move) error {
	t := mv.Thread
	th := &r.State().Thread[t-1]
	if th.PC != spec.Oopsed {
		return nil
	}
	part := func(field, model, code string) error {
		return &Divergence{Step: r.code.sched.Steps(), Move: "after the oops of " + r.model.Format(mv), Field: field, Model: model, Code: code}
	}
	outcome := sched.Parked
	for n := 0; n < 10 && outcome == sched.Parked; n++ { // what it frees on the way are steps
		_, outcome = r.code.sched.Grant(int(t), 0)
	}
	if err := r.code.calls[t-1].err; outcome != sched.Finished || !errors.Is(err, impl.ErrUseAfterFree) {
		return part("error", said(impl.ErrUseAfterFree), fmt.Sprintf("%s (%s)", said(err), outcome))
	}
	snap := r.code.control.System().Snapshot()
	refs := 0
	for _, a := range snap.Anons {
		refs += a.Refs
		if a.Lock == int(t) || a.Readers&(1<<t) != 0 {
			return part("holds", "nothing", fmt.Sprintf("the lock of a%d", a.ID))
		}
	}
	for _, p := range snap.Pages {
		if p.Lock == int(t) {
			return part("holds", "nothing", fmt.Sprintf("the lock of p%d", p.ID))
		}
	}
	if snap.Walks == int(t) {
		return part("holds", "nothing", "the lock of all walks")
	}
	want := 0
	for i := range r.model.Objects {
		want += int(r.State().Anon[i].Refs)
	}
	switch th.Phase {
	case spec.One, spec.Two, spec.Put:
		want--
	}
	if refs != want {
		return part("references", fmt.Sprint(want), fmt.Sprint(refs))
	}
	return nil
}
