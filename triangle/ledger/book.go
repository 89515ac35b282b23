package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/quote"
)

// An Entry of a [Book]: a [Result], or what has more to keep than one.
type Entry interface {
	Name() string // where it belongs: no two entries have one name
	Check() error // finds what no entry can be
}

// A Book is the content of a file of expectations.
type Book[E Entry] struct {
	About   string `json:"about"`
	Entries []E    `json:"entries"` // by name
}

// maxEntries is far more than anybody reads.
const maxEntries = 10_000

// Parse reads what stands in a file that [Book.Save] wrote, and nothing else. The error says
// in which line of path it is wrong, and ends with the remedy.
func Parse[E Entry](path string, data []byte, remedy string) (*Book[E], error) {
	data = input.Lines(data)
	bad := func(offset int64, err error) error {
		if text := err.Error(); len(text) > 3*quote.Most { // of an unknown field
			err = errors.New(quote.Line(text))
		}
		line := 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
		return fmt.Errorf("%s, line %d: %w; %s", path, line, err, remedy)
	}
	b := &Book[E]{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(b); err != nil {
		return nil, bad(offset(data, err), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad(d.InputOffset(), errors.New("more after the end"))
	}
	if len(b.Entries) == 0 {
		return nil, bad(int64(len(data)), errors.New("no entries"))
	}
	if len(b.Entries) > maxEntries {
		return nil, bad(int64(len(data)), fmt.Errorf("%d entries, of at most %d", len(b.Entries), maxEntries))
	}
	seen := map[string]bool{}
	for i, e := range b.Entries {
		err := e.Check()
		if seen[e.Name()] {
			err = errors.New("it stands there twice")
		}
		seen[e.Name()] = true
		if err != nil {
			return nil, bad(entryOffset(data, i), fmt.Errorf("entry %d (%s): %w", i+1, quote.Line(e.Name()), err))
		}
	}
	// What JSON forgives, a ledger does not: a field twice or in another case,
	// entries out of order.
	canonical, err := b.encode()
	if err != nil {
		return nil, err
	}
	if at := firstDifference(data, canonical); at >= 0 {
		return nil, bad(at, errors.New("from here on it was edited"))
	}
	return b, nil
}

// Save writes the file atomically: either the old or the new one is there, whatever happens
// meanwhile. It refuses what [Parse] would refuse.
func (b *Book[E]) Save(path string) error {
	for _, e := range b.Entries {
		if err := e.Check(); err != nil {
			return fmt.Errorf("rootlock: writing the ledger; nothing has changed: %s: %w", e.Name(), err)
		}
	}
	data, err := b.encode()
	if err != nil {
		return err
	}
	return atomicfile.Write(context.Background(), path, data)
}

// Named is the entry of a name, nil if there is none.
func (b *Book[E]) Named(name string) *E {
	for i := range b.Entries {
		if b.Entries[i].Name() == name {
			return &b.Entries[i]
		}
	}
	return nil
}

// Put replaces or adds an entry.
func (b *Book[E]) Put(e E) {
	if old := b.Named(e.Name()); old != nil {
		*old = e
		return
	}
	b.Entries = append(b.Entries, e)
}

// encode is the book as it stands in the file.
func (b *Book[E]) encode() ([]byte, error) {
	sorted := Book[E]{About: b.About, Entries: slices.Clone(b.Entries)}
	slices.SortFunc(sorted.Entries, func(a, b E) int { return strings.Compare(a.Name(), b.Name()) })
	data, err := json.MarshalIndent(&sorted, "", "  ")
	return append(data, '\n'), err
}

// offset is where an error of encoding/json is.
func offset(data []byte, err error) int64 {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return syntax.Offset
	case errors.As(err, &typed):
		return typed.Offset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return int64(len(data))
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return int64(max(0, bytes.Index(data, []byte(name))))
	}
	return 0
}

// entryOffset is where the first field of an entry is, in data that has been decoded.
func entryOffset(data []byte, index int) int64 {
	d := json.NewDecoder(bytes.NewReader(data))
	var skipped json.RawMessage
	_, err := d.Token() // {
	for key := json.Token(nil); err == nil; err = d.Decode(&skipped) {
		if key, err = d.Token(); err != nil {
			break
		}
		if name, ok := key.(string); ok && strings.EqualFold(name, "entries") {
			break
		}
	}
	if err == nil {
		_, err = d.Token() // [
	}
	for range index {
		if err == nil {
			err = d.Decode(&skipped)
		}
	}
	if err != nil {
		return 0
	}
	at := d.InputOffset()
	return at + int64(max(0, bytes.IndexByte(data[at:], '"')))
}

func firstDifference(a, b []byte) int64 {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int64(i)
		}
	}
	if len(a) != len(b) {
		return int64(min(len(a), len(b)))
	}
	return -1
}
