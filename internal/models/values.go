package models

import (
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// Variables are the variables of tla/, in its order.
func Variables() []string {
	return []string{"vma", "anon", "page", "pte", "thread", "history", "stale"}
}

// Wider reports whether bounds are those of the wide world, which tla/ does not have.
func Wider(b spec.Bounds) bool {
	return b.Prots > 0 || b.Failures || b.Ops&^(spec.AllOps()|more) != 0
}

// more are the operations that tla/ has for one protocol, in a page of their own.
var more = spec.OpsOf(spec.UffdMove)

// beside reports whether bounds are those of that page, or wider.
func beside(b spec.Bounds) bool { return b.Faulters > 0 || b.Ops&more != 0 }

// Values are the variables of tla/ in a state: the reverse of [State]. In the wide world,
// which tla/ does not have, areas, pages and threads of processes have more fields, named
// as in spec. Which areas are locked is there, and not in tla/, where it follows from the
// registers.
func Values(m *spec.Model, s *spec.State) map[string]tlc.Value {
	wide := Wider(m.Bounds)
	function := func(prefix string, n int, of func(i int) tlc.Value) []tlc.Pair {
		var pairs []tlc.Pair
		for i := range n {
			pairs = append(pairs, tlc.Pair{Key: tlc.Model(name(prefix, i)), Value: of(i)})
		}
		return pairs
	}
	vars := map[string]tlc.Value{}
	set := func(variable string, parts ...[]tlc.Pair) {
		var pairs []tlc.Pair
		for _, p := range parts {
			pairs = append(pairs, p...)
		}
		vars[variable] = tlc.Function(pairs...)
	}
	set("vma", function("v", m.VMAs, func(i int) tlc.Value {
		a := &s.VMA[i]
		r := fields{"life": tlc.Str(lives[a.Life]), "mm": model("mm", a.MM), "start": whole(a.Start), "end": whole(a.End), "pgoff": whole(a.Pgoff),
			"anon": model("a", a.Anon), "chain": sequence("a", a.Chain[:a.NChain])}
		if wide {
			r["prot"], r["locked"] = whole(a.Prot), tlc.Bool(a.Locked)
		}
		return tlc.Record(r)
	}))
	set("anon", function("a", m.Objects, func(i int) tlc.Value {
		a := &s.Anon[i]
		r := fields{"live": tlc.Bool(a.Live), "root": model("a", a.Root), "refs": whole(a.Refs), "lock": thread(m, a.Lock), "list": sequence("v", a.List[:a.NList])}
		if m.Protocol.Trees() {
			var readers []tlc.Value
			for w := range m.Walkers {
				if a.Readers>>w&1 != 0 {
					readers = append(readers, tlc.Model(name("w", w)))
				}
			}
			r["readers"], r["parent"], r["children"], r["active"] = tlc.Set(readers...), model("a", a.Parent), whole(a.Children), whole(a.Active)
		}
		return tlc.Record(r)
	}))
	set("page", function("p", m.Pages, func(i int) tlc.Value {
		p := &s.Page[i]
		r := fields{"mapping": model("a", p.Mapping), "index": whole(p.Index), "lock": thread(m, p.Lock)}
		if wide {
			r["cached"] = tlc.Bool(p.Cached)
		}
		return tlc.Record(r)
	}))
	table := func(entries []spec.PTE) tlc.Value {
		var row []tlc.Pair
		for slot, e := range entries {
			row = append(row, tlc.Pair{Key: tlc.Int(int64(slot)), Value: tlc.Record(fields{"kind": tlc.Str(kinds[e.Kind]), "page": model("p", e.Page), "writable": tlc.Bool(e.Writable)})})
		}
		return tlc.Function(row...)
	}
	set("pte", function("mm", m.MMs, func(mm int) tlc.Value { return table(s.PTE[mm][:m.Slots]) }),
		function("f", m.Faulters, func(int) tlc.Value { return table(make([]spec.PTE, m.Slots)) }))
	process := func(th *spec.Thread) tlc.Value {
		r := registers(th)
		r["new"], r["pos"], r["child"], r["need"], r["births"] = model("v", th.New), whole(th.Pos), model("mm", th.Child), whole(th.Need), whole(th.Births)
		switch {
		case wide:
			r["start"], r["end"], r["low"], r["high"], r["to"] = whole(th.Start), whole(th.End), whole(th.Low), whole(th.High), whole(th.To)
			r["prot"], r["error"], r["area"] = whole(th.Prot), tlc.Bool(th.Error), model("v", th.Area)
		case th.Op == spec.UffdMove: // from and to
			r["slot"] = tlc.Tuple(whole(th.Low), whole(th.To))
		case th.PC == spec.LockArea:
			r["vma"] = model("v", th.Area)
		}
		return tlc.Record(r)
	}
	set("thread", function("mm", m.MMs, func(t int) tlc.Value { return process(&s.Thread[t]) }),
		function("f", m.Faulters, func(f int) tlc.Value { return process(&s.Thread[m.MMs+m.Walkers+f]) }), function("w", m.Walkers, func(w int) tlc.Value {
			th := &s.Thread[m.MMs+w]
			r := registers(th)
			r["also"], r["mutex"], r["start"], r["end"], r["pin"] = model("a", th.Also), tlc.Bool(th.Mutex), whole(th.Start), whole(th.End), model("a", th.Pin)
			r["gone"], r["oops"] = tlc.Str(gones[th.Gone]), tlc.Str(oopses[th.Oops])
			return tlc.Record(r)
		}))
	set("history", function("w", m.Walkers, func(w int) tlc.Value {
		h := &s.History[m.MMs+w]
		var owed []tlc.Value
		for mm := range m.MMs {
			for slot := range m.Slots {
				if h.Owed.Has(uint8(mm+1), uint8(slot)) {
					owed = append(owed, tlc.Tuple(tlc.Model(name("mm", mm)), tlc.Int(int64(slot))))
				}
			}
		}
		return tlc.Record(fields{"stale": tlc.Bool(h.Stale), "steady": tlc.Bool(h.Steady), "missed": tlc.Bool(h.Missed), "failed": tlc.Bool(h.Failed), "owed": tlc.Set(owed...)})
	}))
	set("stale", function("p", m.Pages, func(i int) tlc.Value { return tlc.Bool(s.Stale[i]) }))
	return vars
}

type fields = map[string]tlc.Value

// registers are those that the threads of processes and walkers have in common.
func registers(th *spec.Thread) fields {
	op := th.Op.String()
	if th.Op == spec.Idle {
		op = "None"
	}
	left := whole(th.Left)
	if th.Left == spec.Unlimited {
		left = tlc.Model("Unlimited")
	}
	return fields{"pc": tlc.Str(th.PC.String()), "op": tlc.Str(op), "phase": tlc.Str(phases[th.Phase]), "left": left,
		"vma": model("v", th.VMA), "anon": model("a", th.Anon), "root": model("a", th.Root), "held": model("a", th.Held), "page": model("p", th.Page),
		"slot": whole(th.Slot), "empty": tlc.Bool(th.Empty), "last": tlc.Bool(th.Last)}
}

func whole(n uint8) tlc.Value { return tlc.Int(int64(n)) }

// model is the model value of an id: v1 of 1, None of 0.
func model(prefix string, id uint8) tlc.Value {
	if id == 0 {
		return tlc.Model("None")
	}
	return tlc.Model(name(prefix, int(id)-1))
}

// thread is the model value of a thread.
func thread(m *spec.Model, t uint8) tlc.Value {
	if t == 0 {
		return tlc.Model("None")
	}
	return tlc.Model(m.ThreadName(t))
}

func sequence(prefix string, ids []uint8) tlc.Value {
	var list []tlc.Value
	for _, id := range ids {
		list = append(list, model(prefix, id))
	}
	return tlc.Tuple(list...)
}
