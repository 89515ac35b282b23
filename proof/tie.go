package proof

// A Machine takes branches in structures.
type Machine struct {
	c        *compiler
	branches map[string][]*ready // by step
}

// ready is a branch made ready to be taken.
type ready struct {
	*Branch
	actor int
	picks []int
	first []code // the part of the guard that asks for no choice
	then  []code // the rest
	after []code // by symbol; nil: unchanged
}

// NewMachine makes branches ready.
func NewMachine(branches []*Branch) *Machine {
	k := &Machine{c: newCompiler(), branches: map[string][]*ready{}}
	for _, at := range place {
		for _, v := range at {
			k.c.variable(v)
		}
	}
	for _, b := range branches {
		r := &ready{Branch: b, actor: k.c.variable(b.Actor)}
		for _, p := range b.Picks {
			r.picks = append(r.picks, k.c.variable(p))
		}
		for _, g := range b.Guard {
			if mentions(g, b.Picks) {
				r.then = append(r.then, k.c.compile(g))
			} else {
				r.first = append(r.first, k.c.compile(g))
			}
		}
		for _, t := range b.After() {
			var a code
			if t != nil {
				a = k.c.compile(t)
			}
			r.after = append(r.after, a)
		}
		k.branches[b.Step()] = append(k.branches[b.Step()], r)
	}
	return k
}

// mentions reports whether a term has one of the variables.
func mentions(t F, vars []F) bool {
	for _, v := range vars {
		if t == v {
			return true
		}
	}
	for _, a := range t.args {
		if mentions(a, vars) {
			return true
		}
	}
	return false
}

func all(list []code, e *env) bool {
	for _, c := range list {
		if c(e) == 0 {
			return false
		}
	}
	return true
}

// Successors calls found with each branch of a step that a thread can take, what it
// chooses, and the structure after it.
func (k *Machine) Successors(x *Structure, step string, thread int, found func(b *Branch, picks []int, after *Structure)) {
	e := k.c.env(x)
	for _, r := range k.branches[step] {
		e.vars[r.actor] = thread
		if !all(r.first, e) {
			continue
		}
		var choose func(i int)
		choose = func(i int) {
			if i < len(r.picks) {
				for n := range x.size[r.Picks[i].sort] {
					e.vars[r.picks[i]] = n
					choose(i + 1)
				}
				return
			}
			if !all(r.then, e) {
				return
			}
			picks := make([]int, len(r.picks))
			for i, p := range r.picks {
				picks[i] = e.vars[p]
			}
			found(r.Branch, picks, k.take(r, e))
		}
		choose(0)
	}
}

// take is the structure after a branch.
func (k *Machine) take(r *ready, e *env) *Structure {
	next := &Structure{mms: e.mms, size: e.size, tables: append([]table(nil), e.tables...)}
	for i, after := range r.after {
		if after == nil {
			continue
		}
		t := &next.tables[i]
		t.values = make([]int16, len(t.values))
		var fill func(arg, at int)
		fill = func(arg, at int) {
			if arg == len(t.dims) {
				t.values[at] = int16(after(e))
				return
			}
			v := k.c.place[place[i][arg]]
			for n := range t.dims[arg] {
				e.vars[v] = n
				fill(arg+1, at*t.dims[arg]+n)
			}
		}
		fill(0, 0)
	}
	return next
}

// Key is all that a structure says, as a comparable value.
func (x *Structure) Key() string {
	var b []byte
	for _, t := range x.tables {
		for _, v := range t.values {
			b = append(b, byte(v), byte(v>>8))
		}
	}
	return string(b)
}
