package linear

// A family of address spaces, and what many goroutines are answered that operate on it.

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/anishathalye/porcupine"

	"github.com/rootlock/rootlock/impl"
)

const (
	familyClients = 4
	clientCalls   = 25
)

// Bound is how large a history is.
var Bound = fmt.Sprintf("families of %d address spaces of %d slots; %d goroutines of %d operations each, 2 walkers; some allocations fail",
	familySpaces, familySlots, familyClients, clientCalls)

// A recording is one family in a System of its own, and the history of its operations.
// Times are ticks of a counter, so that no two are equal.
type recording struct {
	sys     *impl.System
	remaps  bool // clients use Protect and Move, which make walks miss entries: see doc.go
	clock   atomic.Int64
	forks   atomic.Int64
	spaces  [familySpaces]atomic.Pointer[impl.AddressSpace]
	targets [8]atomic.Pointer[impl.Page]
	done    atomic.Bool
	wrong   atomic.Pointer[error] // the first error of a walker that nothing excuses

	migrated, swapped, useAfterFree atomic.Int64
	history                         []porcupine.Operation
}

// record runs a family to its end. Some allocations fail, and some let other
// goroutines run in the middle of an operation.
func record(p impl.Protocol, remaps bool, seed uint64) *recording {
	var allocations atomic.Uint64
	f := &recording{remaps: remaps, sys: impl.New(impl.Options{Protocol: p, PageSize: 1, FailAlloc: func() bool {
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
			// Only upwards: what never comes home never strays (impl's TestMovedBackToNobody).
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
		var page *impl.Page
		if page, out.err = m.Page(c.start); page != nil {
			f.targets[r.IntN(len(f.targets))].Store(page)
		}
	case "Map":
		out.err = m.Map(c.start, c.n)
	case "Unmap":
		out.err = m.Unmap(c.start, c.n)
	case "Protect":
		out.err = m.Protect(c.start, c.n, impl.Prot(r.IntN(2)))
	case "Move":
		out.err = m.Move(c.start, c.n, c.to)
	case "Fork":
		var child *impl.AddressSpace
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
		err = f.sys.Walk(page, func(impl.Mapping) bool { runtime.Gosched(); return true })
	case 1, 2:
		var m *impl.PendingMigration
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
	case errors.Is(err, impl.ErrUseAfterFree):
		f.useAfterFree.Add(1)
	case err != nil && !errors.Is(err, impl.ErrNotMapped) && !errors.Is(err, impl.ErrNotMoved) && !errors.Is(err, impl.ErrNotCached):
		f.wrong.CompareAndSwap(nil, &err)
	}
}
