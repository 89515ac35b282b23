package linear

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/rootlock/rootlock/impl"
)

// A Tally counts histories and what is in them.
type Tally struct {
	Histories    int            `json:"histories"`
	Operations   int            `json:"operations"`
	Overlapping  int            `json:"overlapping"` // operations that began before another one had ended
	Rejected     int            `json:"rejected"`    // histories that were tampered with, and rejected
	Done         map[string]int `json:"done"`        // operations that succeeded, by name; migrated, swapped, no memory
	UseAfterFree int            `json:"use_after_free"`
	Stranded     int            `json:"stranded"`

	Problem string `json:"problem,omitempty"` // the first that must not be; the histories end there
}

// patience is how long porcupine may look for an order. Histories are short: it takes
// milliseconds.
const patience = 10 * time.Second

// Gather records n histories under p, with or without operations that protect and move
// areas, and judges each. Seeds count from seed. One that is not linearizable is drawn
// for a browser, in a file of dir.
func (t *Tally) Gather(ctx context.Context, p impl.Protocol, remaps bool, n int, seed uint64, dir string) error {
	if t.Done == nil {
		t.Done = map[string]int{}
	}
	for range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := record(p, remaps, seed)
		problem, err := t.judge(f, dir)
		if err != nil {
			return err
		}
		if problem == "" && !remaps && keeps(p) && (f.useAfterFree.Load() > 0 || stranded(f.history) > 0) {
			problem = fmt.Sprintf("%d uses after free, %d stranded entries: %s has none", f.useAfterFree.Load(), stranded(f.history), p)
		}
		if problem != "" {
			t.Problem = fmt.Sprintf("%s, family of seed %d: %s", p, seed, problem)
			return nil
		}
		seed++
	}
	return nil
}

// keeps reports whether a protocol finds every entry as long as areas stay what they are.
func keeps(p impl.Protocol) bool {
	return p == impl.RootPointer || p == impl.RefcountedRoot || p == impl.RwsemRoot
}

// judge says what is wrong with a family and its history.
func (t *Tally) judge(f *recording, dir string) (problem string, _ error) {
	t.Histories++
	t.Operations += len(f.history)
	t.Overlapping += overlapping(f.history)
	t.UseAfterFree += int(f.useAfterFree.Load())
	t.Stranded += stranded(f.history)
	t.Done["migrated"] += int(f.migrated.Load())
	t.Done["swapped"] += int(f.swapped.Load())
	for _, o := range f.history {
		switch err := o.Output.(reply).err; {
		case err == nil:
			t.Done[o.Input.(call).op]++
		case errors.Is(err, impl.ErrNoMemory):
			t.Done["no memory"]++
		}
	}
	if err := f.wrong.Load(); err != nil {
		return fmt.Sprintf("a walker got: %v", *err), nil
	}
	result, file, err := check(f.history, dir)
	if err != nil {
		return "", err
	}
	if result != porcupine.Ok {
		return fmt.Sprintf("not linearizable (%s); the history: %s", result, file), nil
	}
	if tamper(f.history) {
		if result := porcupine.CheckOperationsTimeout(registerModel(), f.history, patience); result != porcupine.Illegal {
			return fmt.Sprintf("a history in which somebody reads what nobody wrote is not rejected (%s)", result), nil
		}
		t.Rejected++
	}
	return f.close(), nil
}

// close ends the address spaces that are left. Then every object is free, unless the
// protocol touched what it had freed.
func (f *recording) close() (problem string) {
	for i := range f.spaces {
		if m := f.spaces[i].Load(); m != nil {
			if err := m.Exit(); err != nil && !errors.Is(err, impl.ErrExited) {
				return fmt.Sprintf("an exit got: %v", err)
			}
		}
	}
	if f.useAfterFree.Load() > 0 {
		return ""
	}
	live := slices.DeleteFunc(f.sys.Snapshot().Anons, func(a impl.AnonState) bool { return !a.Live })
	if len(live) > 0 {
		return fmt.Sprintf("%d objects leaked", len(live))
	}
	return ""
}

// check looks for an order. A history that has none is drawn, in a file of dir.
func check(history []porcupine.Operation, dir string) (porcupine.CheckResult, string, error) {
	model := registerModel()
	if result := porcupine.CheckOperationsTimeout(model, history, patience); result == porcupine.Ok {
		return result, "", nil
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, patience)
	file, err := os.CreateTemp(dir, "rootlock-history-*.html")
	if err != nil {
		return result, "", err
	}
	return result, filepath.ToSlash(file.Name()), errors.Join(porcupine.Visualize(model, info, file), file.Close())
}

func stranded(history []porcupine.Operation) (n int) {
	for _, o := range history {
		if errors.Is(o.Output.(reply).err, impl.ErrStranded) {
			n++
		}
	}
	return n
}

// overlapping counts the operations that began before another one had ended.
func overlapping(history []porcupine.Operation) (n int) {
	latest := int64(0)
	for _, o := range slices.SortedFunc(slices.Values(history), func(a, b porcupine.Operation) int { return int(a.Call - b.Call) }) {
		if o.Call < latest {
			n++
		}
		latest = max(latest, o.Return)
	}
	return n
}

// tamper changes what the last successful Read returned to what nobody wrote. It
// reports whether there is one.
func tamper(history []porcupine.Operation) bool {
	for i, o := range slices.Backward(history) {
		if out := o.Output.(reply); o.Input.(call).op == "Read" && out.err == nil {
			out.value = 200
			history[i].Output = out
			return true
		}
	}
	return false
}
