package quote

import (
	"crypto/rand"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Writer lets text through to a terminal, or to a file that will be shown on one, and
// what would command the terminal visibly. Only what bears its Seal commands. It remembers
// the first error. Several goroutines may use it.
type Writer struct {
	Seal string // stands before each sequence that is meant

	mu      sync.Mutex
	err     error // of the first write that failed
	to      io.Writer
	write   func(byte, rune, bool) string
	partial string // of a rune that is not yet whole
}

// NewWriter writes text to w; JSON, if json is set, whose strings stay what they are.
func NewWriter(w io.Writer, json bool) *Writer {
	q := &Writer{Seal: "\x00" + rand.Text() + "\x00", to: w, write: hexadecimal}
	if json {
		q.write = inJSON
	}
	return q
}

func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	text := w.partial + string(p)
	whole := len(text)
	for i := 1; i <= min(utf8.UTFMax-1, len(text)); i++ { // a rune may come in two writes
		if utf8.RuneStart(text[len(text)-i]) {
			if !utf8.FullRuneInString(text[len(text)-i:]) {
				whole = len(text) - i
			}
			break
		}
	}
	text, w.partial = text[:whole], text[whole:]
	if _, w.err = w.to.Write([]byte(w.clean(text))); w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// clean is a text of which only what is sealed commands.
func (w *Writer) clean(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, w.Seal) {
		if i > 0 { // up to its m, the sequence is meant
			end := strings.IndexByte(part, 'm') + 1
			b.WriteString(part[:end])
			part = part[end:]
		}
		b.WriteString(visible(part, "\t\n", w.write))
	}
	return b.String()
}

// Close writes what is left of a rune that has not come whole, and says how all went.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.partial != "" {
		_, w.err = w.to.Write([]byte(visible(w.partial, "", w.write)))
	}
	w.partial = ""
	return w.err
}

// Pass writes what is not for a terminal, as it is.
func (w *Writer) Pass(data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		_, w.err = w.to.Write(data)
	}
	return w.err
}

// Err is the first write's error.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
