// A cursor over valid JSON that refuses what encoding/json forgives: unknown,
// missing, repeated fields, names in another case, null for a number or an array.

package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A decoder stands somewhere in a line that is valid JSON.
type decoder struct {
	data []byte
	pos  int
	path []step

	visible bool // states have what can be seen from outside
}

// A step of the path is a field, or an element if name is empty.
type step struct {
	name  string
	index int
}

// A shape is the fields of an object; the first of them it must have.
type shape struct {
	fields []string
	must   int
}

// wrong is an error about the value at the path.
func (d *decoder) wrong(problem string) error {
	var b strings.Builder
	for i, s := range d.path {
		switch {
		case s.name == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case i > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	if b.Len() == 0 {
		b.WriteString("the line")
	}
	b.WriteString(" " + problem)
	return errors.New(b.String())
}

// peek skips blanks and returns the byte at which the next token begins.
func (d *decoder) peek() byte {
	for {
		switch c := d.data[d.pos]; c {
		case ' ', '\t', '\r', '\n', ',', ':': // valid JSON has the latter two only where they belong
			d.pos++
		default:
			return c
		}
	}
}

// object reads an object field by field; read has the cursor at the value. seen
// has a bit for each field that was there.
func (d *decoder) object(s shape, read func(field string) error) (seen uint32, err error) {
	if d.peek() != '{' {
		return 0, d.wrong("is not an object; expected " + d.fields(s))
	}
	for d.pos++; d.peek() != '}'; {
		name := d.unquote()
		i := slices.Index(s.fields, name)
		if i < 0 {
			return 0, d.wrong(fmt.Sprintf("has an unknown field %q; expected %s", name, d.fields(s)))
		}
		if seen>>i&1 != 0 {
			return 0, d.wrong(fmt.Sprintf("has the field %q twice", name))
		}
		seen |= 1 << i
		d.path = append(d.path, step{name: name})
		d.peek()
		if err := read(name); err != nil {
			return 0, err
		}
		d.path = d.path[:len(d.path)-1]
	}
	d.pos++
	for i, name := range s.fields[:s.must] {
		if seen>>i&1 == 0 {
			return 0, d.wrong(fmt.Sprintf("has no field %q; expected %s", name, d.fields(s)))
		}
	}
	return seen, nil
}

// fields lists the fields of a shape, for messages.
func (d *decoder) fields(s shape) string {
	list := strings.Join(s.fields[:s.must], ", ")
	if s.must < len(s.fields) {
		list += ", and perhaps " + strings.Join(s.fields[s.must:], ", ")
	}
	return list
}

// array reads an array; read has the cursor at element i.
func (d *decoder) array(read func(i int) error) error {
	if d.peek() != '[' {
		return d.wrong("is " + d.token() + "; expected an array")
	}
	d.pos++
	for i := 0; d.peek() != ']'; i++ {
		d.path = append(d.path, step{index: i})
		if err := read(i); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	d.pos++
	return nil
}

// number reads a whole number from low to high.
func (d *decoder) number(to *int, low, high int) error {
	d.peek()
	token := d.token()
	n, err := strconv.Atoi(token)
	if err != nil || n < low || n > high {
		return d.wrong(fmt.Sprintf("is %s; expected a number from %d to %d", token, low, high))
	}
	*to = n
	d.pos += len(token)
	return nil
}

// text reads a string.
func (d *decoder) text(to *string) error {
	if d.peek() != '"' {
		return d.wrong("is " + d.token() + "; expected a string")
	}
	*to = d.unquote()
	return nil
}

// null reports whether null is next, and skips it.
func (d *decoder) null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.pos += len("null")
	return true
}

// unquote reads the string at the cursor.
func (d *decoder) unquote() string {
	start := d.pos
	plain := true
	for d.pos++; d.data[d.pos] != '"'; d.pos++ {
		if d.data[d.pos] == '\\' {
			plain = false
			d.pos++
		}
	}
	d.pos++
	if plain {
		return string(d.data[start+1 : d.pos-1])
	}
	var s string
	_ = json.Unmarshal(d.data[start:d.pos], &s) // it is valid
	return s
}

// token is the number or word at the cursor; of another value, what it is.
func (d *decoder) token() string {
	switch d.data[d.pos] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	}
	end := d.pos
	for end < len(d.data) && !strings.ContainsRune(" \t\r\n,:]}", rune(d.data[end])) {
		end++
	}
	return string(d.data[d.pos:end])
}
