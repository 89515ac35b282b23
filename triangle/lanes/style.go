package lanes

import (
	"io"
	"os"

	"golang.org/x/term"
)

// A Style colours text, or does not.
type Style struct {
	colour bool
	seal   string
}

// Plain has no colour. Coloured has colour even where the output is no terminal.
var Plain, Coloured = Style{}, Style{colour: true}

// StyleFor is coloured on a terminal, unless NO_COLOR is set (https://no-color.org).
func StyleFor(w io.Writer) Style { return Style{colour: Terminal(w) && os.Getenv("NO_COLOR") == ""} }

// Sealed is the style with a mark before each of its sequences, for a writer that lets no
// others through.
func (s Style) Sealed(seal string) Style {
	s.seal = seal
	return s
}

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
	return s.seal + "\x1b[" + code + "m" + text + s.seal + "\x1b[0m"
}
