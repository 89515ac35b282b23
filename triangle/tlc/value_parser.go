package tlc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/quote"
)

// ValueError says where and why a text is not a TLA+ value.
type ValueError struct {
	Offset int // byte offset into the text
	Reason string
	Near   string // the text from Offset on, shortened
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("rootlock: TLA+ value, offset %d (%q): %s", e.Offset, e.Near, e.Reason)
}

// Limits that keep a hostile or damaged text from exhausting memory or stack.
const (
	maxNesting  = 500
	maxInterval = 1 << 16
)

// ParseValue reads one value as TLC prints it, line breaks included, and
// nothing after it. An interval 1..4 becomes the set of its members.
func ParseValue(text string) (Value, error) {
	p := &valueParser{text: text}
	v, err := p.value()
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.pos < len(text) {
		return Value{}, p.fail("text after the value")
	}
	return v, nil
}

type valueParser struct {
	text  string
	pos   int
	depth int
}

func (p *valueParser) fail(format string, args ...any) error {
	near := p.text[min(p.pos, len(p.text)):]
	if len(near) > 40 {
		near = near[:40]
	}
	return &ValueError{Offset: p.pos, Reason: fmt.Sprintf(format, quote.Each(args)...), Near: near}
}

func (p *valueParser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// accept skips white space and then token, if it comes next.
func (p *valueParser) accept(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.pos:], token) {
		return false
	}
	p.pos += len(token)
	return true
}

func (p *valueParser) value() (Value, error) {
	if p.depth++; p.depth > maxNesting {
		return Value{}, p.fail("nested more than %d deep", maxNesting)
	}
	defer func() { p.depth-- }()
	p.space()
	if p.pos == len(p.text) {
		return Value{}, p.fail("a value expected")
	}
	switch c := p.text[p.pos]; {
	case c == '"':
		s, err := p.quoted()
		return Str(s), err
	case c == '-' || isDigit(c):
		return p.number()
	case p.accept("<<"):
		elems, err := p.list(">>")
		return Tuple(elems...), err
	case c == '{':
		p.pos++
		elems, err := p.list("}")
		return Set(elems...), err
	case c == '[':
		p.pos++
		return p.record()
	case c == '(':
		p.pos++
		return p.function()
	}
	name := p.identifier()
	switch name {
	case "":
		return Value{}, p.fail("a value expected")
	case "TRUE":
		return Bool(true), nil
	case "FALSE":
		return Bool(false), nil
	}
	return Model(name), nil
}

func (p *valueParser) list(end string) ([]Value, error) {
	if p.accept(end) {
		return nil, nil
	}
	var elems []Value
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		elems = append(elems, v)
		if p.accept(end) {
			return elems, nil
		}
		if !p.accept(",") {
			return nil, p.fail("%q or %q expected", ",", end)
		}
	}
}

func (p *valueParser) record() (Value, error) {
	fields := map[string]Value{}
	for {
		p.space()
		name := p.identifier()
		if name == "" {
			return Value{}, p.fail("a field name expected")
		}
		if _, twice := fields[name]; twice {
			return Value{}, p.fail("field %s twice", name)
		}
		if !p.accept("|->") {
			return Value{}, p.fail("%q expected", "|->")
		}
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		fields[name] = v
		if p.accept("]") {
			return Record(fields), nil
		}
		if !p.accept(",") {
			return Value{}, p.fail("%q or %q expected", ",", "]")
		}
	}
}

func (p *valueParser) function() (Value, error) {
	var pairs []Pair
	for {
		key, err := p.value()
		if err != nil {
			return Value{}, err
		}
		if !p.accept(":>") {
			return Value{}, p.fail("%q expected", ":>")
		}
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		pairs = append(pairs, Pair{key, v})
		if p.accept(")") {
			break
		}
		if !p.accept("@@") {
			return Value{}, p.fail("%q or %q expected", "@@", ")")
		}
	}
	f := Function(pairs...)
	if f.Len() != len(pairs) {
		return Value{}, p.fail("one argument twice")
	}
	return f, nil
}

func (p *valueParser) number() (Value, error) {
	low, err := p.integer()
	if err != nil || !p.accept("..") {
		return Int(low), err
	}
	p.space()
	high, err := p.integer()
	if err != nil {
		return Value{}, err
	}
	if high >= low && uint64(high)-uint64(low) >= maxInterval {
		return Value{}, p.fail("interval of more than %d values", maxInterval)
	}
	var elems []Value
	for n := low; n <= high; n++ {
		elems = append(elems, Int(n))
		if n == high { // n++ may overflow
			break
		}
	}
	return Set(elems...), nil
}

func (p *valueParser) integer() (int64, error) {
	start := p.pos
	if p.pos < len(p.text) && p.text[p.pos] == '-' {
		p.pos++
	}
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		p.pos++
	}
	n, err := strconv.ParseInt(p.text[start:p.pos], 10, 64)
	if err != nil {
		p.pos = start
		return 0, p.fail("not a 64-bit integer")
	}
	return n, nil
}

func (p *valueParser) quoted() (string, error) {
	start := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case '"':
			p.pos++
			return b.String(), nil
		case '\\':
			if p.pos++; p.pos == len(p.text) {
				break
			}
			i := strings.IndexByte(`\"ntrf`, p.text[p.pos])
			if i < 0 {
				return "", p.fail("unknown escape in a string")
			}
			b.WriteByte("\\\"\n\t\r\f"[i])
		default:
			b.WriteByte(c)
		}
	}
	p.pos = start
	return "", p.fail("string without an end")
}

// identifier reads an identifier at the position, or nothing. TLA+ lets one
// begin with a digit; here that would make numbers ambiguous.
func (p *valueParser) identifier() string {
	start := p.pos
	for p.pos < len(p.text) && isWord(p.text[p.pos]) {
		p.pos++
	}
	if name := p.text[start:p.pos]; isIdentifier(name) {
		return name
	}
	p.pos = start
	return ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isWord(c byte) bool { return isDigit(c) || isLetter(c) || c == '_' }

func isIdentifier(s string) bool {
	letter := false
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
		letter = letter || isLetter(s[i])
	}
	return letter && !isDigit(s[0])
}
