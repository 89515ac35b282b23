package proof

import "fmt"

// A Structure is a finite world in which terms have values: numbers from 0, which is none,
// address 0, false, or the first name of an enumeration. Addresses may be negative or
// large: there nothing is.
type Structure struct {
	mms    int           // threads 1 to mms are processes, the others walkers
	size   map[*Sort]int // of quantifiers' domains
	tables []table       // by symbol of the state
}

type table struct {
	dims   []int
	values []int16
}

func newTable(f *Symbol, size map[*Sort]int) table {
	t := table{}
	n := 1
	for _, s := range f.Args {
		t.dims = append(t.dims, size[s])
		n *= size[s]
	}
	t.values = make([]int16, n)
	return t
}

// at is where the value of the function at some arguments stands; -1 outside of the world.
func (t *table) at(args []int) int {
	i := 0
	for k, a := range args {
		if a < 0 || a >= t.dims[k] {
			return -1
		}
		i = i*t.dims[k] + a
	}
	return i
}

func (x *Structure) get(f *Symbol, args ...int) int {
	t := &x.tables[f.index]
	if i := t.at(args); i >= 0 {
		return int(t.values[i])
	}
	return 0
}

func (x *Structure) set(f *Symbol, value int, args ...int) {
	t := &x.tables[f.index]
	t.values[t.at(args)] = int16(value)
}

// An env is a structure and the values of variables.
type env struct {
	*Structure
	vars []int
}

// A code is a term made ready to be evaluated often.
type code func(*env) int

// A compiler gives each variable a place in env.vars.
type compiler struct {
	place map[F]int
	done  map[F]code
}

func newCompiler() *compiler { return &compiler{map[F]int{}, map[F]code{}} }

func (c *compiler) variable(v F) int {
	i, known := c.place[v]
	if !known {
		i = len(c.place)
		c.place[v] = i
	}
	return i
}

// env is what the compiled terms are evaluated in.
func (c *compiler) env(x *Structure) *env { return &env{x, make([]int, len(c.place))} }

func (c *compiler) compile(t F) code {
	if k := c.done[t]; k != nil {
		return k
	}
	k := c.build(t)
	c.done[t] = k
	return k
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *compiler) build(t F) code {
	if t.kind == triggered {
		return c.compile(t.args[0])
	}
	var args []code
	switch t.kind {
	case forAll, exists:
	default:
		for _, a := range t.args {
			args = append(args, c.compile(a))
		}
	}
	switch t.kind {
	case constant:
		for i, n := range t.sort.Names {
			if n == t.name {
				return func(*env) int { return i }
			}
		}
	case variable:
		i := c.variable(t)
		return func(e *env) int { return e.vars[i] }
	case apply:
		return c.application(t.sym, args)
	case not:
		return func(e *env) int { return 1 - args[0](e) }
	case and, or:
		stop := truth(t.kind == or)
		return func(e *env) int {
			for _, a := range args {
				if a(e) == stop {
					return stop
				}
			}
			return 1 - stop
		}
	case equal:
		return func(e *env) int { return truth(args[0](e) == args[1](e)) }
	case ifThenElse:
		return func(e *env) int {
			if args[0](e) != 0 {
				return args[1](e)
			}
			return args[2](e)
		}
	case forAll, exists:
		stop := truth(t.kind == exists)
		k := c.quantifiers(t.vars, c.compile(t.args[0]), stop)
		return k
	}
	panic(fmt.Sprintf("proof: no term: kind %d", t.kind))
}

// quantifiers goes over all values of the variables until the body is stop.
func (c *compiler) quantifiers(vars []F, body code, stop int) code {
	if len(vars) == 0 {
		return body
	}
	i, s, rest := c.variable(vars[0]), vars[0].sort, c.quantifiers(vars[1:], body, stop)
	return func(e *env) int {
		for e.vars[i] = 0; e.vars[i] < e.size[s]; e.vars[i]++ {
			if rest(e) == stop {
				return stop
			}
		}
		return 1 - stop
	}
}

func (c *compiler) application(f *Symbol, args []code) code {
	if f.compute != nil {
		return func(e *env) int {
			var v [4]int
			for i, a := range args {
				v[i] = a(e)
			}
			return f.compute(e.Structure, v[:len(args)])
		}
	}
	return func(e *env) int {
		t, i := &e.tables[f.index], 0
		for k, a := range args {
			v := a(e)
			if v < 0 || v >= t.dims[k] {
				return 0
			}
			i = i*t.dims[k] + v
		}
		return int(t.values[i])
	}
}
