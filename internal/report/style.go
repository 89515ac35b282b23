package report

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A Style colours text, or does not.
type Style struct{ colour bool }

// Plain has no colour.
var Plain = Style{}

// StyleFor is coloured on a terminal, unless NO_COLOR is set (https://no-color.org).
func StyleFor(w io.Writer) Style { return Style{colour: Terminal(w) && os.Getenv("NO_COLOR") == ""} }

// Terminal reports whether w is a terminal that understands control sequences.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// Bold text.
func (s Style) Bold(text string) string { return s.wrap("1", text) }

// Red text.
func (s Style) Red(text string) string { return s.wrap("31;1", text) }

// Green text.
func (s Style) Green(text string) string { return s.wrap("32", text) }

func (s Style) wrap(code, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
