package models

import (
	"fmt"

	"github.com/rootlock/rootlock/internal/tlc"
	"github.com/rootlock/rootlock/spec"
)

// State translates a state as TLC prints it. Every field of tla/ must be there.
func State(m *spec.Model, vars map[string]tlc.Value) (s spec.State, err error) {
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(badValue)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("rootlock: a TLC state of %s: %s", m.Name, string(bad))
		}
	}()
	at := func(variable string, index int) record {
		v, ok := vars[variable]
		if !ok {
			panic(badValue("no variable " + variable))
		}
		return record{fmt.Sprintf("%s[%d]", variable, index), apply(v, tlc.Int(int64(index)))}
	}
	for v := range m.VMAs {
		r := at("vma", v+1)
		a := &s.VMA[v]
		*a = spec.VMA{Life: spec.Life(r.name("life", "Unborn", "Detached", "Mapped")), MM: r.id("mm"), Start: r.id("start"), End: r.id("end"),
			Pgoff: r.id("pgoff"), Anon: r.id("anon")}
		a.NChain = r.list("chain", a.Chain[:])
	}
	for o := range m.Objects {
		r := at("anon", o+1)
		a := &s.Anon[o]
		*a = spec.AnonVMA{Live: r.flag("live"), Root: r.id("root"), Refs: r.id("refs"), Lock: r.id("lock")}
		a.NList = r.list("list", a.List[:])
	}
	for p := range m.Pages {
		r := at("page", p+1)
		s.Page[p] = spec.Page{Mapping: r.id("mapping"), Index: r.id("index"), Lock: r.id("lock"), Stale: r.flag("stale")}
	}
	for mm := range m.MMs {
		row := at("pte", mm+1)
		for slot := range m.Slots {
			r := record{fmt.Sprintf("%s[%d]", row.path, slot), apply(row.value, tlc.Int(int64(slot)))}
			s.PTE[mm][slot] = spec.PTE{Kind: spec.Kind(r.name("kind", "Empty", "Present", "Migration")), Page: r.id("page"), Writable: r.flag("writable")}
		}
	}
	for t := range m.Threads() {
		r := at("thread", t+1)
		s.Thread[t] = spec.Thread{
			PC: r.step("pc"), Op: r.step("op"), Phase: spec.Phase(r.name("phase", "None", "New", "Cow", "Plain", "Get", "One", "Two", "Put", "Out", "Pinned")),
			Left: r.id("left"), VMA: r.id("vma"), New: r.id("new"), Anon: r.id("anon"), Root: r.id("root"), Held: r.id("held"), Also: r.id("also"), Mutex: r.flag("mutex"), Page: r.id("page"),
			Slot: r.id("slot"), Pos: r.id("pos"), Child: r.id("child"), Need: r.id("need"), Births: r.id("births"), Start: r.id("start"), End: r.id("end"),
			Empty: r.flag("empty"), Last: r.flag("last"), Pin: r.id("pin"), Stale: r.flag("stale"), Steady: r.flag("steady"), Missed: r.flag("missed"), Failed: r.flag("failed"),
			Oops: spec.OopsKind(r.name("oops", "None", "FreedVMA", "EmptyChain", "UnlinkedEntry")), Gone: spec.Gone(r.name("gone", "None", "Entry", "Area")),
		}
		for _, pair := range r.field("owed").Elems() {
			mm, slot := apply(pair, tlc.Int(1)), apply(pair, tlc.Int(2))
			i, ok1 := mm.AsInt()
			j, ok2 := slot.AsInt()
			if !ok1 || !ok2 || i < 1 || i > spec.MaxMMs || j < 0 || j >= spec.MaxSlots {
				panic(badValue(fmt.Sprintf("thread[%d].owed has %s", t+1, pair)))
			}
			s.Thread[t].Owed.Add(uint8(i), uint8(j))
		}
	}
	return s, nil
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

func (r record) id(name string) uint8 {
	n, ok := r.field(name).AsInt()
	if !ok || n < 0 || n > 255 {
		panic(r.bad(name))
	}
	return uint8(n)
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

func (r record) list(name string, to []uint8) uint8 {
	list := r.field(name).Elems()
	if len(list) > len(to) {
		panic(r.bad(name))
	}
	for i, e := range list {
		n, ok := e.AsInt()
		if !ok || n < 1 || n > 255 {
			panic(r.bad(name))
		}
		to[i] = uint8(n)
	}
	return uint8(len(list))
}
