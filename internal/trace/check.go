// What the fields of a state must be to each other: references lead somewhere.

package trace

import "fmt"

// check refuses areas that are empty or overlap, and references to what the
// State does not have.
func (st *State) check(path string) error {
	areas := map[AreaName]bool{}
	for mm := range st.MMs {
		low := 0
		for i := range st.MMs[mm] {
			a := &st.MMs[mm][i]
			where := fmt.Sprintf("%s.mms[%d][%d]", path, mm, i)
			if a.Start >= a.End || a.Start < low {
				return fmt.Errorf("%s is [%d,%d); expected areas that are not empty, in address order, without overlap", where, a.Start, a.End)
			}
			low = a.End
			areas[AreaName{mm, a.Start}] = true
			if err := st.anon(where+".anon_vma", a.AnonVMA); err != nil {
				return err
			}
			for k, r := range a.Chain {
				if err := st.anon(fmt.Sprintf("%s.chain[%d]", where, k), r); err != nil {
					return err
				}
			}
		}
	}
	for i, a := range st.AnonVMAs {
		where := fmt.Sprintf("%s.anon_vmas[%d]", path, i)
		if err := st.anon(where+".root", a.Root); err != nil {
			return err
		}
		for k, name := range a.List {
			if !areas[name] {
				return fmt.Errorf(`%s.list[%d] is "%d:%d"; no area of mm %d starts there`, where, k, name.MM, name.Start, name.MM)
			}
		}
	}
	for i, p := range st.Pages {
		if err := st.anon(fmt.Sprintf("%s.pages[%d].mapping", path, i), p.Mapping); err != nil {
			return err
		}
	}
	for i, e := range st.Swap {
		if err := st.page(fmt.Sprintf("%s.swap[%d].cache", path, i), e.Cache); err != nil {
			return err
		}
	}
	for i, r := range st.Pins {
		if err := st.anon(fmt.Sprintf("%s.pins[%d]", path, i), r); err != nil {
			return err
		}
	}
	for i, g := range st.Migrations {
		where := fmt.Sprintf("%s.migrations[%d]", path, i)
		if err := st.page(where+".page", g.Page); err != nil {
			return err
		}
		if err := st.anon(where+".anon_vma", g.AnonVMA); err != nil {
			return err
		}
	}
	return nil
}

func (st *State) anon(where string, r Ref) error {
	return inRange(where, r, len(st.AnonVMAs), "anon_vmas")
}
func (st *State) page(where string, r Ref) error {
	return inRange(where, r, len(st.Pages), "pages")
}

func inRange(where string, r Ref, n int, what string) error {
	if int(r) < n {
		return nil
	}
	return fmt.Errorf("%s is %d; the state has %d %s", where, r, n, what)
}

// checkHandles: a handle names a pin or a migration that the state before has.
func (q *Sequence) checkHandles() error {
	var before State
	for i, op := range q.Ops {
		n, what := 0, ""
		switch op.Name {
		case "unpin":
			n, what = len(before.Pins), "pins"
		case "mig2":
			n, what = len(before.Migrations), "migrations"
		}
		if what != "" && op.Handle >= n {
			return fmt.Errorf("ops[%d].handle is %d; the state before has %d %s", i, op.Handle, n, what)
		}
		before = q.States[i]
	}
	return nil
}
