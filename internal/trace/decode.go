// One line of a file: JSON that must be exactly of the format.

package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The kernels that traces are of.
const (
	Version = "2.6.36" // its functions were run apart, and show all
	Running = "6.18"   // it ran, and shows what can be seen from outside: see Raw.visible
)

// maxNumber bounds numbers whose range the format does not say.
const maxNumber = 1<<31 - 1

// A Sequence is one line of a trace file. States[i] is the state after Ops[i].
type Sequence struct {
	Line        int
	Version     string
	Name, Story string // of named cases
	Ops         []Op
	States      []State
}

// shapes of the format's objects: the fields, those that may be missing last.
var (
	sequenceShape  = shape{[]string{"version", "ops", "states", "name", "story"}, 3}
	opShape        = shape{opFields, 1} // the others by operation
	stateShape     = shape{[]string{"mms", "anon_vmas", "pages", "swap", "pins", "migrations"}, 3}
	areaShape      = shape{[]string{"start", "end", "pgoff", "prot", "anon_vma", "chain"}, 6}
	anonVMAShape   = shape{[]string{"root", "list", "refs", "slot"}, 4}
	pageShape      = shape{[]string{"mapping", "index", "at", "walk", "migrating"}, 4}
	swapShape      = shape{[]string{"cache", "at"}, 2}
	migrationShape = shape{[]string{"page", "anon_vma"}, 2}

	visibleStateShape = shape{[]string{"mms", "pages"}, 2}
	visibleAreaShape  = shape{[]string{"start", "end", "prot"}, 3}
	visiblePageShape  = shape{[]string{"at"}, 1}
)

// decode reads one line. The error says what is wrong in it and what is expected.
func decode(line []byte) (*Sequence, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, errors.New("the line is empty; expected one sequence per line")
	}
	if !json.Valid(line) {
		var raw json.RawMessage
		return nil, fmt.Errorf(`not JSON (%w); expected a sequence {"version":"%s","ops":[...],"states":[...]}`, json.Unmarshal(line, &raw), Version)
	}
	d := &decoder{data: line}
	q := &Sequence{}
	if err := d.sequence(q); err != nil {
		return nil, err
	}
	if len(q.Ops) == 0 {
		return nil, errors.New("ops is empty; expected at least one operation")
	}
	if len(q.States) != len(q.Ops) {
		return nil, fmt.Errorf("%d states for %d ops; expected one state after each operation", len(q.States), len(q.Ops))
	}
	for i := range q.States {
		if err := q.States[i].check("states[" + strconv.Itoa(i) + "]"); err != nil {
			return nil, err
		}
	}
	return q, q.checkHandles()
}

func (d *decoder) sequence(q *Sequence) error {
	_, err := d.object(sequenceShape, func(name string) error {
		switch name {
		case "version":
			if err := d.text(&q.Version); err != nil {
				return err
			}
			if d.visible = q.Version == Running; !d.visible && q.Version != Version {
				return d.wrong(fmt.Sprintf("is %q; expected %q or %q", q.Version, Version, Running))
			}
			return nil
		case "name":
			return d.text(&q.Name)
		case "story":
			return d.text(&q.Story)
		case "ops":
			return elements(d, &q.Ops, d.op)
		}
		return elements(d, &q.States, d.state)
	})
	return err
}

// op reads an operation; which fields it has depends on its name.
func (d *decoder) op(o *Op) error {
	seen, err := d.object(opShape, func(name string) error {
		switch name {
		case "op":
			if err := d.text(&o.Name); err != nil {
				return err
			}
			if _, known := opRules[o.Name]; !known {
				return d.wrong(fmt.Sprintf("is %q; the operations are %s", o.Name, strings.Join(opNames, ", ")))
			}
			return nil
		case "res":
			return d.text(&o.Res)
		}
		at, low, high := o.arg(name)
		return d.number(at, low, high)
	})
	if err != nil {
		return err
	}
	rule := opRules[o.Name]
	for i, name := range opFields {
		has, may := seen>>i&1 != 0, name == "op" || name == "res" || name == "fail" && rule.fails || slices.Contains(rule.args, name)
		switch {
		case has && !may:
			return d.wrong(fmt.Sprintf("has a field %q; %s has %s", name, o.Name, rule.fields()))
		case !has && may && name != "fail":
			return d.wrong(fmt.Sprintf("has no field %q; %s has %s", name, o.Name, rule.fields()))
		}
	}
	if !slices.Contains(rule.results, o.Res) {
		return d.wrong(fmt.Sprintf("has res %q; the results of %s are %s", o.Res, o.Name, strings.Join(rule.results, ", ")))
	}
	if o.Start+o.Len > Slots {
		return d.wrong(fmt.Sprintf("ends at slot %d; expected at most %d", o.Start+o.Len, Slots))
	}
	if o.To+o.Len > Slots {
		return d.wrong(fmt.Sprintf("moves to slots up to %d; expected at most %d", o.To+o.Len, Slots))
	}
	return nil
}

// fields lists what an operation must have and may have.
func (r opRule) fields() string {
	list := strings.Join(append(slices.Concat([]string{"op"}, r.args), "res"), ", ")
	if r.fails {
		list += ", and perhaps fail"
	}
	return list
}

func (d *decoder) state(st *State) error {
	_, err := d.object(d.either(visibleStateShape, stateShape), func(name string) error {
		switch name {
		case "mms":
			var mms [][]Area
			if err := elements(d, &mms, func(m *[]Area) error { return elements(d, m, d.area) }); err != nil {
				return err
			}
			if len(mms) != MMs {
				return d.wrong(fmt.Sprintf("has %d elements; expected %d", len(mms), MMs))
			}
			copy(st.MMs[:], mms)
			return nil
		case "anon_vmas":
			return elements(d, &st.AnonVMAs, d.anonVMA)
		case "pages":
			return elements(d, &st.Pages, d.page)
		case "swap":
			return elements(d, &st.Swap, d.swap)
		case "pins":
			return elements(d, &st.Pins, d.ref)
		}
		return elements(d, &st.Migrations, d.migration)
	})
	return err
}

// either is the shape of what is read: see [Running].
func (d *decoder) either(visible, whole shape) shape {
	if d.visible {
		return visible
	}
	return whole
}

func (d *decoder) area(a *Area) error {
	a.AnonVMA = None
	_, err := d.object(d.either(visibleAreaShape, areaShape), func(name string) error {
		switch name {
		case "start":
			return d.number(&a.Start, 0, Slots-1)
		case "end":
			return d.number(&a.End, 1, Slots)
		case "pgoff":
			return d.number(&a.Pgoff, 0, maxNumber)
		case "prot":
			return d.number(&a.Prot, 0, Prots-1)
		case "anon_vma":
			return d.refOrNull(&a.AnonVMA)
		}
		return elements(d, &a.Chain, d.ref)
	})
	return err
}

func (d *decoder) anonVMA(a *AnonVMA) error {
	_, err := d.object(anonVMAShape, func(name string) error {
		switch name {
		case "root":
			return d.ref(&a.Root)
		case "list":
			return elements(d, &a.List, d.areaName)
		case "refs":
			return d.number(&a.Refs, 0, maxNumber)
		}
		return d.number(&a.Slot, 0, maxNumber)
	})
	return err
}

func (d *decoder) page(p *Page) error {
	p.Mapping = None
	_, err := d.object(d.either(visiblePageShape, pageShape), func(name string) error {
		switch name {
		case "mapping":
			return d.ref(&p.Mapping)
		case "index":
			return d.number(&p.Index, 0, maxNumber)
		case "at":
			return elements(d, &p.At, d.place)
		case "migrating":
			return elements(d, &p.Migrating, d.place)
		}
		return elements(d, &p.Walk, d.visit)
	})
	return err
}

func (d *decoder) swap(e *SwapEntry) error {
	_, err := d.object(swapShape, func(name string) error {
		if name == "cache" {
			return d.refOrNull(&e.Cache)
		}
		return elements(d, &e.At, d.place)
	})
	return err
}

func (d *decoder) migration(g *Migration) error {
	_, err := d.object(migrationShape, func(name string) error {
		if name == "page" {
			return d.ref(&g.Page)
		}
		return d.ref(&g.AnonVMA)
	})
	return err
}

func (d *decoder) ref(r *Ref) error {
	var n int
	err := d.number(&n, 0, maxNumber)
	*r = Ref(n)
	return err
}

func (d *decoder) refOrNull(r *Ref) error {
	if d.null() {
		*r = None
		return nil
	}
	return d.ref(r)
}

func (d *decoder) areaName(n *AreaName) error {
	var s string
	if err := d.text(&s); err != nil {
		return err
	}
	mm, start, _ := strings.Cut(s, ":")
	var err, err2 error
	n.MM, err = strconv.Atoi(mm)
	n.Start, err2 = strconv.Atoi(start)
	if err != nil || err2 != nil || s != strconv.Itoa(n.MM)+":"+strconv.Itoa(n.Start) {
		return d.wrong(fmt.Sprintf(`is %q; expected "mm:start"`, s))
	}
	return nil
}

func (d *decoder) place(p *Place) error {
	return d.tuple([]*int{&p.MM, &p.Slot}, []int{MMs - 1, Slots - 1})
}

func (d *decoder) visit(v *Visit) error {
	return d.tuple([]*int{&v.MM, &v.Slot, (*int)(&v.Found)}, []int{MMs - 1, Slots - 1, int(MigrationEntry)})
}

// tuple reads an array of numbers from 0 to high[i].
func (d *decoder) tuple(to []*int, high []int) error {
	n := 0
	err := d.array(func(i int) error {
		n++
		if i >= len(to) {
			return d.wrong(fmt.Sprintf("is one too many; expected %d numbers", len(to)))
		}
		return d.number(to[i], 0, high[i])
	})
	if err == nil && n < len(to) {
		return d.wrong(fmt.Sprintf("has %d elements; expected %d", n, len(to)))
	}
	return err
}

// elements reads an array into a slice, which is not nil then.
func elements[T any](d *decoder, to *[]T, read func(*T) error) error {
	*to = []T{}
	return d.array(func(int) error {
		var v T
		err := read(&v)
		*to = append(*to, v)
		return err
	})
}
