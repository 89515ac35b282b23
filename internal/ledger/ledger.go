package ledger

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
)

// File is where the ledger stands, seen from the project's root.
const File = "testdata/ledger.json"

// A Ledger is the content of the file.
type Ledger struct {
	About   string  `json:"about"`
	Entries []Entry `json:"entries"` // by protocol, model, engine
}

// An Entry is what one engine is expected to find in one model.
type Entry struct {
	Protocol  string                    `json:"protocol"`
	Model     string                    `json:"model"`
	Engine    string                    `json:"engine"`
	Bound     string                    `json:"bound"`
	Hash      string                    `json:"hash"`          // of the modules and the configuration
	Law       string                    `json:"law,omitempty"` // of the law and the explorer, where that takes seconds: engine.Sources
	Distinct  uint64                    `json:"distinct"`
	Generated uint64                    `json:"generated"`
	Depth     int                       `json:"depth"`
	Claims    map[string]engine.Verdict `json:"claims"`
	Shortest  map[string]int            `json:"shortest,omitempty"` // steps to break a claim
	Steps     map[string]uint64         `json:"steps,omitempty"`    // generated states by step

	// Schedules are TLC's counterexamples, by claim. Others as short are as good: they
	// are not compared.
	Schedules map[string]string `json:"schedules,omitempty"`
}

const about = "What every model is expected to give on every engine. Do not edit: `go run ./cmd/rootlock check --update` rewrites it; read the difference before you commit it."

// Name is the entry's place: OwnLock/Small tlc.
func (e *Entry) Name() string { return fmt.Sprintf("%s/%s %s", e.Protocol, e.Model, e.Engine) }

// Of is the entry that a result would be expected by.
func Of(r *engine.Result, hash string) Entry {
	e := Entry{Protocol: r.Protocol, Model: r.Model, Engine: r.Engine, Bound: r.Bound, Hash: hash,
		Distinct: r.Distinct, Generated: r.Generated, Depth: r.Depth, Claims: maps.Clone(r.Claims), Steps: maps.Clone(r.Steps)}
	for _, v := range r.Violations {
		if spec.IsTemporal(v.Claim) { // the length of a lasso is not determined
			continue
		}
		if e.Shortest == nil {
			e.Shortest = map[string]int{}
		}
		e.Shortest[v.Claim] = v.Length
		if r.Engine == engine.TLC {
			if e.Schedules == nil {
				e.Schedules = map[string]string{}
			}
			e.Schedules[v.Claim] = v.Schedule
		}
	}
	return e
}

// Find is the entry of a model on an engine, nil if there is none.
func (l *Ledger) Find(protocol, model, engine string) *Entry {
	for i := range l.Entries {
		if e := &l.Entries[i]; e.Protocol == protocol && e.Model == model && e.Engine == engine {
			return e
		}
	}
	return nil
}

// Violated lists the claims that an entry expects to be violated, by name.
func (e *Entry) Violated() []string {
	var list []string
	for name, v := range e.Claims {
		if v == engine.Violated {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// maxEntries is some thirty times as many as there are.
const maxEntries = 10_000

// Load reads the ledger. The error says where a foreign or damaged file is wrong
// and what to do.
func Load(path string) (*Ledger, error) {
	data, err := input.Read(path)
	return load(path, data, err)
}

// LoadFS is Load of the ledger of a project's files.
func LoadFS(files fs.FS) (*Ledger, error) {
	data, err := input.ReadFS(files, File)
	return load(File, data, err)
}

func load(path string, data []byte, err error) (*Ledger, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("rootlock: there is no ledger at %s; restore it (git checkout -- %s) or write it anew (go run ./cmd/rootlock check --update): %w", path, File, err)
	}
	if err != nil {
		return nil, fmt.Errorf("rootlock: reading the ledger: %w", err)
	}
	data = input.Lines(data)
	l := &Ledger{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(l); err != nil {
		return nil, bad(path, data, offset(data, err), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, bad(path, data, d.InputOffset(), errors.New("more after the end"))
	}
	if len(l.Entries) == 0 {
		return nil, bad(path, data, int64(len(data)), errors.New("no entries"))
	}
	if len(l.Entries) > maxEntries {
		return nil, bad(path, data, int64(len(data)), fmt.Errorf("%d entries, of at most %d", len(l.Entries), maxEntries))
	}
	seen := map[string]bool{}
	for i := range l.Entries {
		e := &l.Entries[i]
		err := e.check()
		if seen[e.Name()] {
			err = errors.New("it stands there twice")
		}
		seen[e.Name()] = true
		if err != nil {
			return nil, bad(path, data, entryOffset(data, i), fmt.Errorf("entry %d (%s): %w", i+1, quote.Line(e.Name()), err))
		}
	}
	// What JSON forgives, a ledger does not: a field twice or in another case,
	// entries out of order.
	canonical, err := l.encode()
	if err != nil {
		return nil, err
	}
	if at := firstDifference(data, canonical); at >= 0 {
		return nil, bad(path, data, at, errors.New("from here on it was edited"))
	}
	return l, nil
}

// check finds what no result can be.
func (e *Entry) check() error {
	switch {
	case e.Protocol == "" || e.Model == "" || e.Engine == "" || e.Bound == "" || e.Hash == "":
		return errors.New("it lacks a protocol, model, engine, bound or hash")
	case e.Distinct == 0 || e.Generated < e.Distinct || e.Depth < 1:
		return errors.New("it lacks states or depth")
	case len(e.Claims) == 0:
		return errors.New("it lacks claims")
	}
	for name, v := range e.Claims {
		switch v {
		case engine.Holds, engine.NotChecked:
		case engine.Violated:
			if e.Shortest[name] == 0 && !spec.IsTemporal(name) {
				return fmt.Errorf("%s is violated, and no counterexample has a length", quote.Line(name))
			}
		default:
			return fmt.Errorf("%s: %q is no verdict", quote.Line(name), quote.Clip(string(v)))
		}
	}
	for name := range e.Shortest {
		if e.Claims[name] != engine.Violated {
			return fmt.Errorf("%s has a counterexample and is not violated", quote.Line(name))
		}
	}
	return nil
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

// entryOffset is where an entry begins.
func entryOffset(data []byte, index int) int64 {
	at := 0
	for range index + 1 {
		next := bytes.Index(data[at:], []byte(`"protocol"`))
		if next < 0 {
			break
		}
		at += next + 1
	}
	return int64(at)
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

func bad(path string, data []byte, offset int64, err error) error {
	if text := err.Error(); len(text) > 3*quote.Most { // of an unknown field
		err = errors.New(quote.Line(text))
	}
	line := 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
	return fmt.Errorf("rootlock: %s, line %d: %w; it is not a ledger as rootlock writes it: restore it (git checkout -- %s) or write it anew (go run ./cmd/rootlock check --update)", path, line, err, File)
}

// encode is the ledger as it stands in the file.
func (l *Ledger) encode() ([]byte, error) {
	sorted := Ledger{About: l.About, Entries: slices.Clone(l.Entries)}
	slices.SortFunc(sorted.Entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Protocol, b.Protocol), strings.Compare(a.Model, b.Model), strings.Compare(a.Engine, b.Engine))
	})
	data, err := json.MarshalIndent(&sorted, "", "  ")
	return append(data, '\n'), err
}

// Save writes the ledger atomically: either the old or the new file is there,
// whatever happens meanwhile. It refuses what Load would refuse.
func (l *Ledger) Save(path string) error {
	l.About = about
	for i := range l.Entries {
		if err := l.Entries[i].check(); err != nil {
			return fmt.Errorf("rootlock: writing the ledger; nothing has changed: %s: %w", l.Entries[i].Name(), err)
		}
	}
	data, err := l.encode()
	if err != nil {
		return err
	}
	return atomicfile.Write(context.Background(), path, data)
}

// Put replaces or adds an entry.
func (l *Ledger) Put(e Entry) {
	if old := l.Find(e.Protocol, e.Model, e.Engine); old != nil {
		*old = e
		return
	}
	l.Entries = append(l.Entries, e)
}
