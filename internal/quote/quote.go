// Package quote shows text that others wrote (names, stories, files, what Java says): in
// a message, on a terminal, in a page, to a shell. None of it is long, and none of it
// commands the terminal.
package quote

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most is how many bytes of a text a message quotes.
const Most = 200

// Clip is the beginning of a text that is longer than a message needs, and how long it is.
func Clip(text string) string { return clip(text, Most) }

// Long is Clip for what is long by nature, like the bounds of a world.
func Long(text string) string { return clip(text, 3*Most) }

func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes in all)", text[:end], len(text))
}

// Line is a text in one line of a message: clipped, and what would command a terminal, a
// line feed too, is written as Go writes it in a string.
func Line(text string) string { return visible(Clip(text), "", hexadecimal) }

// Visible is a text whose control characters are written as Go writes them in a string.
// Tabs and the ends of lines stay.
func Visible(text string) string { return visible(text, "\t\n", hexadecimal) }

// Arguments is a message about a command line, in which the arguments are clipped and
// keep to their line.
func Arguments(message string, arguments []string) string {
	for _, arg := range arguments {
		_, value, _ := strings.Cut(arg, "=")
		for _, text := range []string{arg, value} {
			if short := Line(text); short != text {
				message = strings.ReplaceAll(message, strconv.Quote(text), strconv.Quote(Clip(text)))
				message = strings.ReplaceAll(message, text, short)
			}
		}
	}
	return message
}

// Shell is a word as a shell of Unix reads it back.
func Shell(word string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=,+@%", r))
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// commands reports whether a rune is a control character, or one that changes the order
// or the lines of the text around it.
func commands(r rune) bool {
	switch {
	case unicode.IsControl(r):
		return true
	case r == '\u061c', '\u200e' <= r && r <= '\u200f', '\u2028' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return true
	}
	return false
}

func visible(text, kept string, write func(byte, rune, bool) string) string {
	clean := func(r rune) bool { return r != utf8.RuneError && !commands(r) || strings.ContainsRune(kept, r) }
	if strings.IndexFunc(text, func(r rune) bool { return !clean(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		bad := r == utf8.RuneError && n == 1
		if !bad && (r == utf8.RuneError || clean(r)) {
			b.WriteString(text[i : i+n])
		} else {
			b.WriteString(write(text[i], r, bad))
		}
		i += n
	}
	return b.String()
}

// hexadecimal writes what is not shown as it stands: \n, \x1b, \u202e.
func hexadecimal(first byte, r rune, bad bool) string {
	switch {
	case bad:
		return fmt.Sprintf(`\x%02x`, first)
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// inJSON writes it as JSON does.
func inJSON(_ byte, r rune, _ bool) string { return fmt.Sprintf(`\u%04x`, r) }

// Each is the arguments of a format, in which texts are clipped.
func Each(arguments []any) []any {
	for i, a := range arguments {
		switch a := a.(type) {
		case string:
			arguments[i] = Clip(a)
		case error:
			if len(a.Error()) > 3*Most {
				arguments[i] = Clip(a.Error())
			}
		}
	}
	return arguments
}
