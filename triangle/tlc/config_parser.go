package tlc

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/quote"
)

// ConfigFileError says where a .cfg file is malformed.
type ConfigFileError struct {
	Line   int // from 1
	Reason string
}

func (e *ConfigFileError) Error() string {
	return fmt.Sprintf("rootlock: TLC configuration, line %d: %s", e.Line, e.Reason)
}

// configKeywords maps every spelling to one name. A keyword cannot be the name
// of anything else in the file.
var configKeywords = map[string]string{
	"CONSTANT": "CONSTANTS", "CONSTANTS": "CONSTANTS",
	"SPECIFICATION": "SPECIFICATION", "INIT": "INIT", "NEXT": "NEXT",
	"INVARIANT": "INVARIANTS", "INVARIANTS": "INVARIANTS",
	"PROPERTY": "PROPERTIES", "PROPERTIES": "PROPERTIES",
	"CONSTRAINT": "CONSTRAINTS", "CONSTRAINTS": "CONSTRAINTS",
	"ACTION_CONSTRAINT": "ACTION_CONSTRAINTS", "ACTION_CONSTRAINTS": "ACTION_CONSTRAINTS",
	"SYMMETRY": "SYMMETRY", "VIEW": "VIEW", "ALIAS": "ALIAS",
	"CHECK_DEADLOCK": "CHECK_DEADLOCK",
}

// ParseConfig reads a TLC .cfg file. It is as strict as TLC or stricter: a
// keyword that takes one name may stand once, and a list may not be empty.
func ParseConfig(text string) (*Config, error) {
	plain, err := blankComments(text)
	if err != nil {
		return nil, err
	}
	p := &configParser{valueParser: valueParser{text: plain}}
	for {
		p.space()
		if p.pos == len(plain) {
			return &p.config, nil
		}
		if err := p.section(); err != nil {
			return nil, err
		}
	}
}

// blankComments replaces comments by spaces, so that positions stay true.
func blankComments(text string) (string, error) {
	out := []byte(text)
	depth, opened, inString, inLine := 0, 0, false, false
	for i := 0; i < len(out); i++ {
		two := text[i:min(i+2, len(text))]
		switch {
		case text[i] == '\n':
			inLine, inString = false, false
			continue
		case inLine:
		case inString:
			if text[i] == '\\' {
				i++
			} else if text[i] == '"' {
				inString = false
			}
			continue
		case two == "(*":
			if depth == 0 {
				opened = i
			}
			depth++
			out[i] = ' '
			i++
		case two == "*)" && depth > 0:
			depth--
			out[i] = ' '
			i++
		case depth > 0:
		case two == `\*`:
			inLine = true
		default:
			inString = text[i] == '"'
			continue
		}
		out[i] = ' '
	}
	if depth > 0 {
		return "", &ConfigFileError{Line: lineOf(text, opened), Reason: "comment (* without an end"}
	}
	return string(out), nil
}

func lineOf(text string, offset int) int { return 1 + strings.Count(text[:offset], "\n") }

type configParser struct {
	valueParser
	config Config
}

func (p *configParser) failLine(format string, args ...any) error {
	return &ConfigFileError{Line: lineOf(p.text, min(p.pos, len(p.text))), Reason: fmt.Sprintf(format, quote.Each(args)...)}
}

// name reads one identifier that is not a keyword, or nothing. A "!" is part of
// it: PROPERTY Mutex!Spec. Where there is none the position stays before the
// white space, so that an error names the line of what lacks a name.
func (p *configParser) name() string {
	before := p.pos
	p.space()
	start := p.pos
	for {
		word := p.identifier()
		if word == "" {
			break
		}
		if p.pos == len(p.text) || p.text[p.pos] != '!' {
			if name := p.text[start:p.pos]; configKeywords[name] == "" {
				return name
			}
			break
		}
		p.pos++
	}
	p.pos = before
	return ""
}

func (p *configParser) section() error {
	word := p.identifier()
	keyword := configKeywords[word]
	c := &p.config
	switch keyword {
	case "CONSTANTS":
		return p.constants()
	case "SPECIFICATION":
		return p.one(word, &c.Specification)
	case "INIT":
		return p.one(word, &c.Init)
	case "NEXT":
		return p.one(word, &c.Next)
	case "VIEW":
		return p.one(word, &c.View)
	case "ALIAS":
		return p.one(word, &c.Alias)
	case "INVARIANTS":
		return p.list(word, &c.Invariants)
	case "PROPERTIES":
		return p.list(word, &c.Properties)
	case "CONSTRAINTS":
		return p.list(word, &c.Constraints)
	case "ACTION_CONSTRAINTS":
		return p.list(word, &c.ActionConstraints)
	case "SYMMETRY":
		return p.list(word, &c.Symmetry)
	case "CHECK_DEADLOCK":
		return p.checkDeadlock()
	}
	if word == "" {
		return p.failLine("a keyword expected, found %q", p.text[p.pos:min(p.pos+10, len(p.text))])
	}
	return p.failLine("%q is not a keyword of TLC", quote.Clip(word))
}

func (p *configParser) one(keyword string, to *string) error {
	if *to != "" {
		return p.failLine("%s twice", keyword)
	}
	if *to = p.name(); *to == "" {
		return p.failLine("%s without a name", keyword)
	}
	return nil
}

func (p *configParser) list(keyword string, to *[]string) error {
	n := len(*to)
	for name := p.name(); name != ""; name = p.name() {
		*to = append(*to, name)
	}
	if len(*to) == n {
		return p.failLine("%s without a name", keyword)
	}
	return nil
}

func (p *configParser) checkDeadlock() error {
	if p.config.CheckDeadlock != nil {
		return p.failLine("CHECK_DEADLOCK twice")
	}
	word := p.name()
	if word != "TRUE" && word != "FALSE" {
		return p.failLine("CHECK_DEADLOCK wants TRUE or FALSE")
	}
	check := word == "TRUE"
	p.config.CheckDeadlock = &check
	return nil
}

func (p *configParser) constants() error {
	n := len(p.config.Constants)
	for {
		k := Constant{Name: p.name()}
		if k.Name == "" {
			if len(p.config.Constants) == n {
				return p.failLine("CONSTANTS without a constant")
			}
			return nil
		}
		if p.accept("(") {
			args, err := p.valueParser.list(")")
			if err != nil {
				return p.valueFailed(k.Name, err)
			}
			k.Args = args
		}
		switch {
		case p.accept("="):
			v, err := p.value()
			if err != nil {
				return p.valueFailed(k.Name, err)
			}
			if word, ok := v.AsModel(); ok && configKeywords[word] != "" {
				return p.failLine("constant %s: a value expected, found the keyword %s", k.Name, word)
			}
			if negative(v) {
				return p.failLine("constant %s: a negative number, which TLC 1.7 does not read in a configuration; define it in the module and write %s <- Definition", k.Name, k.Name)
			}
			k.Value = v
		case p.accept("<-"):
			if p.accept("[") {
				k.Module = p.name()
				if k.Module == "" || !p.accept("]") {
					return p.failLine("constant %s: \"[Module]\" expected after \"<-\"", k.Name)
				}
			}
			if k.Replacement = p.name(); k.Replacement == "" {
				return p.failLine("constant %s: an operator expected after \"<-\"", k.Name)
			}
		default:
			return p.failLine("constant %s: \"=\" or \"<-\" expected", k.Name)
		}
		p.config.Constants = append(p.config.Constants, k)
	}
}

// negative reports whether a number in a value is below zero.
func negative(v Value) bool {
	if n, ok := v.AsInt(); ok {
		return n < 0
	}
	return slices.ContainsFunc(v.Elems(), negative)
}

func (p *configParser) valueFailed(name string, err error) error {
	reason := err.Error()
	var bad *ValueError
	if errors.As(err, &bad) {
		p.pos, reason = bad.Offset, bad.Reason
	}
	return p.failLine("constant %s: %s", name, reason)
}
