package models

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// State translates a state as TLC prints it. Every field of tla/ must be there; in the
// wide world, which tla/ does not have, also those that Values adds.
func State(m *spec.Model, vars map[string]tlc.Value) (s spec.State, err error) {
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(badValue)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("rootlock: a state of %s: %s", m.Name, string(bad))
		}
	}()
	at := func(variable, name string) record {
		v, ok := vars[variable]
		if !ok {
			panic(badValue("no variable " + variable))
		}
		return record{fmt.Sprintf("%s[%s]", variable, name), apply(v, tlc.Model(name))}
	}
	wide := Wider(m.Bounds)
	for i := range m.VMAs {
		r := at("vma", name("v", i))
		a := &s.VMA[i]
		*a = spec.VMA{Life: spec.Life(r.name("life", lives...)), MM: r.id("mm", "mm"), Start: r.number("start"), End: r.number("end"),
			Pgoff: r.number("pgoff"), Anon: r.id("anon", "a")}
		if wide {
			a.Prot, a.Locked = r.number("prot"), r.flag("locked")
		}
		a.NChain = r.list("chain", "a", a.Chain[:])
	}
	for i := range m.Objects {
		r := at("anon", name("a", i))
		a := &s.Anon[i]
		*a = spec.AnonVMA{Live: r.flag("live"), Root: r.id("root", "a"), Refs: r.number("refs"), Lock: r.thread("lock", m)}
		a.NList = r.list("list", "v", a.List[:])
		if m.Protocol.Trees() {
			a.Readers, a.Parent, a.Children, a.Active = r.walkers("readers", m), r.id("parent", "a"), r.number("children"), r.number("active")
		}
	}
	for i := range m.Pages {
		r := at("page", name("p", i))
		s.Page[i] = spec.Page{Mapping: r.id("mapping", "a"), Index: r.number("index"), Lock: r.thread("lock", m)}
		if wide {
			s.Page[i].Cached = r.flag("cached")
		}
		stale := at("stale", name("p", i))
		var ok bool
		if s.Stale[i], ok = stale.value.AsBool(); !ok {
			panic(badValue(fmt.Sprintf("%s = %s", stale.path, stale.value)))
		}
	}
	for mm := range m.MMs {
		row := at("pte", name("mm", mm))
		for slot := range m.Slots {
			r := record{fmt.Sprintf("%s[%d]", row.path, slot), apply(row.value, tlc.Int(int64(slot)))}
			s.PTE[mm][slot] = spec.PTE{Kind: spec.Kind(r.name("kind", kinds...)), Page: r.id("page", "p"), Writable: r.flag("writable")}
		}
	}
	for t := range m.MMs {
		s.Thread[t] = process(at("thread", name("mm", t)), wide)
	}
	for f := range m.Faulters {
		s.Thread[m.MMs+m.Walkers+f] = process(at("thread", name("f", f)), wide)
		for slot, row := 0, at("pte", name("f", f)); slot < m.Slots; slot++ { // the process has the entries
			r := record{fmt.Sprintf("%s[%d]", row.path, slot), apply(row.value, tlc.Int(int64(slot)))}
			r.name("kind", kinds[:1]...)
		}
		if !wide {
			lock(m, &s, uint8(f+1))
		}
	}
	for i := range m.Walkers {
		t := m.MMs + i
		r := at("thread", name("w", i))
		s.Thread[t] = spec.Thread{
			PC: r.step("pc"), Op: r.step("op"), Phase: spec.Phase(r.name("phase", phases...)), Left: r.budget("left"),
			VMA: r.id("vma", "v"), Anon: r.id("anon", "a"), Root: r.id("root", "a"), Held: r.id("held", "a"), Also: r.id("also", "a"), Mutex: r.flag("mutex"),
			Page: r.id("page", "p"), Slot: r.number("slot"), Start: r.number("start"), End: r.number("end"), Empty: r.flag("empty"), Last: r.flag("last"), Pin: r.id("pin", "a"),
			Gone: spec.Gone(r.name("gone", gones...)), Oops: spec.OopsKind(r.name("oops", oopses...)),
		}
		h := at("history", name("w", i))
		s.History[t] = spec.History{Stale: h.flag("stale"), Steady: h.flag("steady"), Missed: h.flag("missed"), Failed: h.flag("failed")}
		for _, pair := range h.field("owed").Elems() {
			mm, slot := id(apply(pair, tlc.Int(1)), "mm"), apply(pair, tlc.Int(2))
			j, ok := slot.AsInt()
			if mm < 1 || mm > m.MMs || !ok || j < 0 || j >= spec.MaxSlots {
				panic(badValue(fmt.Sprintf("%s.owed has %s", h.path, pair)))
			}
			s.History[t].Owed.Add(uint8(mm), uint8(j))
		}
	}
	return s, nil
}

// process is the registers of a thread of a process.
func process(r record, wide bool) spec.Thread {
	th := spec.Thread{
		PC: r.step("pc"), Op: r.step("op"), Phase: spec.Phase(r.name("phase", phases...)), Left: r.budget("left"),
		VMA: r.id("vma", "v"), New: r.id("new", "v"), Anon: r.id("anon", "a"), Root: r.id("root", "a"), Held: r.id("held", "a"), Page: r.id("page", "p"),
		Pos: r.number("pos"), Child: r.id("child", "mm"), Need: r.number("need"), Births: r.number("births"),
		Empty: r.flag("empty"), Last: r.flag("last"),
	}
	if !wide && th.Op == spec.UffdMove {
		slots := r.field("slot").Elems()
		if len(slots) != 2 {
			panic(r.bad("slot"))
		}
		th.Low, th.To = r.whole("slot", slots[0]), r.whole("slot", slots[1])
		th.Slot = th.Low
	} else {
		th.Slot = r.number("slot")
	}
	switch {
	case wide:
		th.Start, th.End, th.Low, th.High, th.To = r.number("start"), r.number("end"), r.number("low"), r.number("high"), r.number("to")
		th.Prot, th.Error, th.Area = r.number("prot"), r.flag("error"), r.id("area", "v")
	case th.PC == spec.LockArea:
		if th.Area = th.VMA; th.Op == spec.Unmap {
			th.VMA = 0
		}
	}
	return th
}

// lock says which areas a process has locked that has a second thread.
func lock(m *spec.Model, s *spec.State, mm uint8) {
	th := &s.Thread[mm-1]
	set := func(v uint8) {
		if v > 0 && int(v) <= m.VMAs {
			s.VMA[v-1].Locked = true
		}
	}
	switch th.Op {
	case spec.Fork:
		for v := range m.VMAs { // by address
			if a := &s.VMA[v]; a.Life == spec.Mapped && a.MM == mm && th.VMA > 0 && a.Start < s.VMA[th.VMA-1].Start {
				a.Locked = true
			}
		}
	case spec.SplitBelow, spec.SplitAbove:
		set(th.New)
	case spec.Unmap:
	default:
		return
	}
	if th.PC != spec.LockArea {
		set(th.VMA)
	}
}

// The words of tla/ for what spec numbers, in its order.
var (
	lives  = []string{"Unborn", "Detached", "Mapped"}
	kinds  = []string{"Empty", "Present", "Migration", "Swapped"}
	phases = []string{"None", "New", "Cow", "Plain", "Get", "One", "Two", "Put", "Out", "Pinned", "Together", "Apart"}
	gones  = []string{"None", "Entry", "Area"}
	oopses = []string{"None", "FreedVMA", "EmptyChain", "UnlinkedEntry"}
)

// name is the model value that stands for an index: v1 for 0.
func name(prefix string, index int) string { return prefix + strconv.Itoa(index+1) }

// id is the number of a model value, 0 of None; -1: it is neither.
func id(v tlc.Value, prefix string) int {
	if v.Kind() != tlc.KindModel {
		return -1
	}
	text := v.String()
	if text == "None" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(text, prefix))
	if err != nil || n < 1 || n > 255 || text != prefix+strconv.Itoa(n) {
		return -1
	}
	return n
}

// badValue unwinds the translation.
type badValue string

func apply(v, arg tlc.Value) tlc.Value {
	r, ok := v.Apply(arg)
	if !ok {
		panic(badValue(fmt.Sprintf("no %s in %s", arg, v)))
	}
	return r
}

// A record is a TLA+ record and where it stands, for messages.
type record struct {
	path  string
	value tlc.Value
}

func (r record) field(name string) tlc.Value {
	v, ok := r.value.Field(name)
	if !ok {
		panic(badValue(fmt.Sprintf("%s has no field %s", r.path, name)))
	}
	return v
}

func (r record) bad(name string) badValue {
	return badValue(fmt.Sprintf("%s.%s = %s", r.path, name, r.field(name)))
}

// id is the number of the model value in a field.
func (r record) id(field, prefix string) uint8 {
	n := id(r.field(field), prefix)
	if n < 0 {
		panic(r.bad(field))
	}
	return uint8(n)
}

// thread is the number of a thread: of a process, a walker, or a faulter.
func (r record) thread(field string, m *spec.Model) uint8 {
	if n := id(r.field(field), "mm"); n >= 0 {
		return uint8(n)
	}
	if n := id(r.field(field), "f"); n > 0 {
		return uint8(m.MMs + m.Walkers + n)
	}
	return uint8(m.MMs) + r.id(field, "w")
}

// walkers is a set of walkers, a bit for each.
func (r record) walkers(field string, m *spec.Model) (set uint8) {
	for _, e := range r.field(field).Elems() {
		n := id(e, "w")
		if n < 1 || n > m.Walkers {
			panic(r.bad(field))
		}
		set |= 1 << (n - 1)
	}
	return set
}

func (r record) number(field string) uint8 { return r.whole(field, r.field(field)) }

// whole is a number in a field.
func (r record) whole(field string, v tlc.Value) uint8 {
	n, ok := v.AsInt()
	if !ok || n < 0 || n > 255 {
		panic(r.bad(field))
	}
	return uint8(n)
}

// budget is a number of operations, or Unlimited.
func (r record) budget(field string) uint8 {
	if r.field(field).Equal(tlc.Model("Unlimited")) {
		return spec.Unlimited
	}
	return r.number(field)
}

func (r record) flag(name string) bool {
	b, ok := r.field(name).AsBool()
	if !ok {
		panic(r.bad(name))
	}
	return b
}

// name is the position of a string among names.
func (r record) name(field string, names ...string) uint8 {
	text, _ := r.field(field).AsString()
	for i, n := range names {
		if n == text {
			return uint8(i)
		}
	}
	panic(r.bad(field))
}

func (r record) step(field string) spec.Step {
	text, _ := r.field(field).AsString()
	switch text {
	case "Idle", "None":
		return spec.Idle
	case "Oopsed":
		return spec.Oopsed
	}
	s, ok := spec.StepByName(text)
	if !ok {
		panic(r.bad(field))
	}
	return s
}

func (r record) list(field, prefix string, to []uint8) uint8 {
	list := r.field(field).Elems()
	if len(list) > len(to) {
		panic(r.bad(field))
	}
	for i, e := range list {
		n := id(e, prefix)
		if n < 1 {
			panic(r.bad(field))
		}
		to[i] = uint8(n)
	}
	return uint8(len(list))
}
