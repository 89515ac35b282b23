package impl

// Whether the public operations are linearizable: many goroutines operate on the same
// address spaces while walkers migrate and swap their pages, and what they were answered
// must be what one goroutine could have been answered, in an order that respects time.
// The order is looked for by porcupine, the specification is native_register_test.go.

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

const (
	familyClients = 4
	clientCalls   = 25
)

// A recording is one family in a System of its own, and the history of its operations.
// Times are ticks of a counter, so that no two are equal.
type recording struct {
	sys     *System
	remaps  bool // clients use Protect and Move, which make walks miss entries: see doc.go
	clock   atomic.Int64
	forks   atomic.Int64
	spaces  [familySpaces]atomic.Pointer[AddressSpace]
	targets [8]atomic.Pointer[Page]
	done    atomic.Bool
	wrong   atomic.Pointer[error] // the first error of a walker that nothing excuses

	migrated, swapped, useAfterFree atomic.Int64
	history                         []porcupine.Operation
}

// record runs a family to its end. Some allocations fail, and some let other
// goroutines run in the middle of an operation.
func record(p Protocol, remaps bool, seed uint64) *recording {
	var allocations atomic.Uint64
	f := &recording{remaps: remaps, sys: New(Options{Protocol: p, PageSize: 1, FailAlloc: func() bool {
		n := rand.NewPCG(seed, allocations.Add(1)).Uint64()
		if n%3 == 0 {
			runtime.Gosched()
		}
		return n%24 == 1
	}})}
	f.spaces[0].Store(f.sys.NewAddressSpace())
	var clients, walkers sync.WaitGroup
	histories := make([][]porcupine.Operation, familyClients)
	for i := range uint64(2) {
		walkers.Go(func() { f.walker(rand.New(rand.NewPCG(seed, i))) })
	}
	for i := range familyClients {
		clients.Go(func() { histories[i] = f.client(i, rand.New(rand.NewPCG(seed, uint64(10+i)))) })
	}
	clients.Wait()
	f.done.Store(true)
	walkers.Wait()
	f.history = slices.Concat(histories...)
	return f
}

// client makes some calls, each of one kind or another, on whatever address spaces there are.
func (f *recording) client(id int, r *rand.Rand) (history []porcupine.Operation) {
	kinds := []string{"Read", "Read", "Read", "Read", "Write", "Write", "Write", "Write", "Page", "Page", "Page", "Map", "Map", "Map", "Unmap", "Fork"}
	if f.remaps {
		kinds = append(kinds, "Protect", "Protect", "Move", "Move")
	}
	for i := range clientCalls {
		c := call{op: kinds[r.IntN(len(kinds))], start: min(r.Uint32N(familySlots), r.Uint32N(familySlots)), n: 1, value: byte(1 + id*clientCalls + i)}
		switch {
		case i == 0:
			c.op, c.start, c.n = "Map", uint32(id), 1
		case i > clientCalls/2 && r.IntN(30) == 0:
			c.op = "Exit"
		case c.op == "Map" || c.op == "Unmap" || c.op == "Protect":
			c.n = 1 + r.Uint32N(min(4, familySlots-c.start))
		case c.op == "Move":
			// Only upwards: what never comes home never strays (TestMovedBackToNobody).
			c.start = r.Uint32N(familySlots - 1)
			c.to = c.start + 1 + r.Uint32N(familySlots-1-c.start)
			c.n = 1 + r.Uint32N(min(2, familySlots-c.to))
		}
		for c.space = r.IntN(familySpaces); f.spaces[c.space].Load() == nil; {
			c.space = r.IntN(familySpaces)
		}
		var out reply
		if c.op == "Fork" {
			if out.child = int(f.forks.Add(1)); out.child >= familySpaces {
				c.op = "Page"
			}
		}
		o := porcupine.Operation{ClientId: id, Input: c, Call: f.clock.Add(1)}
		f.perform(c, &out, r)
		o.Return, o.Output = f.clock.Add(1), out
		history = append(history, o)
		if r.IntN(4) == 0 {
			f.disturb(r)
		}
	}
	return history
}

func (f *recording) perform(c call, out *reply, r *rand.Rand) {
	m := f.spaces[c.space].Load()
	switch c.op {
	case "Read":
		b := []byte{0}
		out.err = m.Read(c.start, 0, b)
		out.value = b[0]
	case "Write":
		out.err = m.Write(c.start, 0, []byte{c.value})
	case "Page":
		var page *Page
		if page, out.err = m.Page(c.start); page != nil {
			f.targets[r.IntN(len(f.targets))].Store(page)
		}
	case "Map":
		out.err = m.Map(c.start, c.n)
	case "Unmap":
		out.err = m.Unmap(c.start, c.n)
	case "Protect":
		out.err = m.Protect(c.start, c.n, Prot(r.IntN(2)))
	case "Move":
		out.err = m.Move(c.start, c.n, c.to)
	case "Fork":
		var child *AddressSpace
		if child, out.err = m.Fork(); child != nil {
			f.spaces[out.child].Store(child)
		}
	case "Exit":
		out.err = m.Exit()
	}
}

// walker works on pages until the clients are gone.
func (f *recording) walker(r *rand.Rand) {
	for !f.done.Load() {
		f.disturb(r)
		runtime.Gosched()
	}
}

// disturb walks, migrates or swaps whatever page there is. It lets others run while it
// holds a family, and between the two walks of a migration.
func (f *recording) disturb(r *rand.Rand) {
	page := f.targets[r.IntN(len(f.targets))].Load()
	if page == nil {
		return
	}
	var err error
	switch r.IntN(5) {
	case 0:
		err = f.sys.Walk(page, func(Mapping) bool { runtime.Gosched(); return true })
	case 1, 2:
		var m *PendingMigration
		if m, err = f.sys.BeginMigrate(page); err == nil {
			runtime.Gosched()
			if err = m.Finish(); err == nil {
				f.migrated.Add(1)
			}
		}
	case 3:
		if err = f.sys.SwapOut(page); err == nil {
			f.swapped.Add(1)
		}
	case 4:
		err = f.sys.SwapDrop(page)
	}
	switch {
	case errors.Is(err, ErrUseAfterFree):
		f.useAfterFree.Add(1)
	case err != nil && !errors.Is(err, ErrNotMapped) && !errors.Is(err, ErrNotMoved) && !errors.Is(err, ErrNotCached):
		f.wrong.CompareAndSwap(nil, &err)
	}
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

// requireLinearizable draws the history that is not, for a browser.
func requireLinearizable(t *testing.T, history []porcupine.Operation, seed uint64) {
	t.Helper()
	dir := os.TempDir() // remains
	if f := flag.Lookup("test.artifacts"); f != nil && f.Value.String() == "true" {
		dir = t.ArtifactDir()
	}
	result, file, err := judge(history, dir)
	require.NoError(t, err)
	if result != porcupine.Ok {
		require.FailNow(t, "not linearizable", "%s; family of seed %d; the history: %s", result, seed, file)
	}
}

// judge checks a history. One that is not linearizable is drawn, in a file of dir.
func judge(history []porcupine.Operation, dir string) (porcupine.CheckResult, string, error) {
	model := registerModel()
	if result := porcupine.CheckOperationsTimeout(model, history, 10*time.Second); result == porcupine.Ok {
		return result, "", nil
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, 10*time.Second)
	file, err := os.CreateTemp(dir, "rootlock-history-*.html")
	if err != nil {
		return result, "", err
	}
	return result, filepath.ToSlash(file.Name()), errors.Join(porcupine.Visualize(model, info, file), file.Close())
}

// TestLinearizable: under every protocol, for what a broken one loses is where
// entries are, not bytes. A stranded entry is an answer like another, but RootPointer
// gives it only if there are remaps. After each family: nothing is held, nothing leaked.
func TestLinearizable(t *testing.T) {
	defer goleak.VerifyNone(t)
	eachProtocol(t, func(t *testing.T, p Protocol) {
		t.Run("remaps", func(t *testing.T) { testLinearizable(t, p, true) })
		t.Run("does not", func(t *testing.T) { testLinearizable(t, p, false) })
	})
}

func testLinearizable(t *testing.T, p Protocol, remaps bool) {
	families := 400
	if testing.Short() { // under the race detector
		families = 100
	}
	first := rand.Uint64()
	var useAfterFree, stranded, overlaps, operations, rejected int
	done := map[string]int{}
	for seed := first; seed < first+uint64(families); seed++ {
		f := record(p, remaps, seed)
		if err := f.wrong.Load(); err != nil {
			t.Fatalf("seed %d: %v", seed, *err)
		}
		requireLinearizable(t, f.history, seed)
		overlaps += overlapping(f.history)
		operations += len(f.history)
		useAfterFree += int(f.useAfterFree.Load())
		done["migrated"] += int(f.migrated.Load())
		done["swapped"] += int(f.swapped.Load())
		for _, o := range f.history {
			switch err := o.Output.(reply).err; {
			case err == nil:
				done[o.Input.(call).op]++
			case errors.Is(err, ErrStranded):
				stranded++
			case errors.Is(err, ErrNoMemory):
				done["no memory"]++
			}
		}
		if tamper(f.history) {
			rejected++
			require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(registerModel(), f.history, 10*time.Second),
				"seed %d: a value that nobody wrote was read", seed)
		}
		for i := range f.spaces {
			if m := f.spaces[i].Load(); m != nil {
				if err := m.Exit(); err != nil {
					require.ErrorIs(t, err, ErrExited)
				}
			}
		}
		requireAtRest(t, f.sys)
		if f.useAfterFree.Load() == 0 {
			require.Zero(t, live(f.sys), "objects leaked, seed %d", seed)
		}
	}
	t.Logf("%d families from seed %d: %d operations, %d overlapping; %v; use after free %d, stranded %d; tampered with %d",
		families, first, operations, overlaps, done, useAfterFree, stranded, rejected)
	if p == RootPointer {
		require.Zero(t, useAfterFree, "uses after free")
		if !remaps {
			require.Zero(t, stranded, "migration entries left behind")
		}
	}
	require.Equal(t, families*familyClients*clientCalls, operations)
	require.GreaterOrEqual(t, overlaps, operations/20, "overlapping operations")
	require.GreaterOrEqual(t, rejected, families/2, "histories tampered with")
	floors := map[string]int{
		"Read": 1000, "Write": 1000, "Page": 300, "Map": 300, "Unmap": 300, "Fork": 300, "Exit": 100,
		"no memory": 100, "migrated": 100, "swapped": 100,
	}
	if remaps {
		floors["Protect"], floors["Move"] = 300, 100
	}
	for what, low := range floors {
		assert.GreaterOrEqual(t, done[what], low*families/400, what)
	}
}

// TestLinearizableDraws: a wrong history is drawn, and a right one is not.
func TestLinearizableDraws(t *testing.T) {
	f := record(RootPointer, false, 1)
	dir := t.TempDir()
	result, file, err := judge(f.history, dir)
	require.NoError(t, err)
	require.Equal(t, porcupine.Ok, result)
	require.Empty(t, file)
	for seed := uint64(2); !tamper(f.history); seed++ {
		f = record(RootPointer, false, seed)
	}
	result, file, err = judge(f.history, dir)
	require.NoError(t, err)
	require.Equal(t, porcupine.Illegal, result)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "<html")
	require.Contains(t, string(text), "Read")
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

// TestLinearizableRejects: histories that no order explains, and what they would be
// with the operations at the same time.
func TestLinearizableRejects(t *testing.T) {
	type answer struct {
		in  call
		out reply
	}
	mapIt := answer{in: call{op: "Map", n: 2}}
	fork := answer{call{op: "Fork"}, reply{child: 1}}
	write := func(space int, value byte) answer {
		return answer{in: call{op: "Write", space: space, n: 1, value: value}}
	}
	read := func(space int, start uint32, value byte) answer {
		return answer{call{op: "Read", space: space, start: start, n: 1}, reply{value: value}}
	}
	for _, test := range []struct {
		reason  string
		answers []answer
		atOnce  bool // the same answers are right if the last two operations overlap
	}{
		{"a write is lost", []answer{mapIt, write(0, 1), write(0, 2), read(0, 0, 1)}, true},
		{"a write is not seen", []answer{mapIt, write(0, 1), read(0, 0, 0)}, true},
		{"a child sees what was written after the fork", []answer{mapIt, fork, write(0, 1), read(1, 0, 1)}, false},
		{"a child does not see what was written before the fork", []answer{mapIt, write(0, 1), fork, read(1, 0, 0)}, false},
		{"a parent sees its child's write", []answer{mapIt, fork, write(1, 1), read(0, 0, 1)}, false},
		{"a child is born twice", []answer{mapIt, fork, fork}, false},
		{"bytes stay where they were moved from", []answer{mapIt, write(0, 1), {in: call{op: "Move", n: 1, to: 4}}, read(0, 0, 1)}, true},
		{"moved bytes do not arrive", []answer{mapIt, write(0, 1), {in: call{op: "Move", n: 1, to: 4}}, read(0, 4, 0)}, false},
		{"an area is mapped twice", []answer{mapIt, mapIt}, false},
		{"an exited address space answers", []answer{mapIt, {in: call{op: "Exit"}}, read(0, 0, 0)}, true},
		{"a page outlives its area", []answer{mapIt, write(0, 1), {in: call{op: "Unmap", n: 1}}, {in: call{op: "Page", n: 1}}}, true},
		{"memory runs out in a write that needs none", []answer{mapIt, write(0, 1), {call{op: "Write", n: 1, value: 2}, reply{err: ErrNoMemory}}}, true},
	} {
		t.Run(test.reason, func(t *testing.T) {
			history := make([]porcupine.Operation, len(test.answers))
			for i, a := range test.answers {
				history[i] = porcupine.Operation{ClientId: i, Input: a.in, Output: a.out, Call: int64(2 * i), Return: int64(2*i + 1)}
			}
			require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(registerModel(), history, 0))
			history[len(history)-1].Call = history[len(history)-2].Call
			require.Equal(t, test.atOnce, porcupine.CheckOperations(registerModel(), history))
		})
	}
}
