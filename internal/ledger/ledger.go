package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/quote"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/ledger"
)

// File is where the ledger stands, seen from the project's root.
const File = "testdata/ledger.json"

// A Ledger is the content of the file: entries by protocol, model, engine.
type Ledger struct{ ledger.Book[Entry] }

// An Entry is what one engine is expected to find in one model.
type Entry struct {
	Protocol string `json:"protocol"`
	Model    string `json:"model"`
	Engine   string `json:"engine"`
	Bound    string `json:"bound"`
	Hash     string `json:"hash"`          // of the modules and the configuration
	Law      string `json:"law,omitempty"` // of the law and the explorer, where that takes seconds: engine.Sources
	ledger.Found

	// Schedules are TLC's counterexamples, by claim. Others as short are as good: they
	// are not compared.
	Schedules map[string]string `json:"schedules,omitempty"`
}

const about = "What every model is expected to give on every engine. Do not edit: `go run ./cmd/rootlock check --update` rewrites it; read the difference before you commit it."

// Name is the entry's place: OwnLock/Small tlc.
func (e Entry) Name() string { return fmt.Sprintf("%s/%s %s", e.Protocol, e.Model, e.Engine) }

// Of is the entry that a result would be expected by.
func Of(r *engine.Result, hash string) Entry {
	e := Entry{Protocol: r.Protocol, Model: r.Model, Engine: r.Engine, Bound: r.Bound, Hash: hash,
		Found: ledger.Found{Distinct: r.Distinct, Generated: r.Generated, Depth: r.Depth, Claims: maps.Clone(r.Claims), Steps: maps.Clone(r.Steps)}}
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
	if known := last.Load(); known != nil && string(data) == known.data {
		return known.clone(), nil
	}
	b, err := ledger.Parse[Entry](path, data, "it is not a ledger as rootlock writes it: restore it (git checkout -- "+File+") or write it anew (go run ./cmd/rootlock check --update)")
	if err != nil {
		return nil, fmt.Errorf("rootlock: %w", err)
	}
	read := &Ledger{*b}
	last.Store(&parsed{string(data), read.clone()})
	return read, nil
}

// parsed is a ledger with the text of its file.
type parsed struct {
	data string
	*Ledger
}

// last is the ledger that was read last. To read the same text again takes a tenth of the time.
var last atomic.Pointer[parsed]

// clone shares nothing that can change.
func (l *Ledger) clone() *Ledger {
	c := &Ledger{ledger.Book[Entry]{About: l.About, Entries: slices.Clone(l.Entries)}}
	for i := range c.Entries {
		e := &c.Entries[i]
		e.Claims, e.Shortest, e.Steps, e.Schedules = maps.Clone(e.Claims), maps.Clone(e.Shortest), maps.Clone(e.Steps), maps.Clone(e.Schedules)
	}
	return c
}

// Check finds what no result can be.
func (e Entry) Check() error {
	if e.Protocol == "" || e.Model == "" || e.Engine == "" || e.Bound == "" || e.Hash == "" {
		return errors.New("it lacks a protocol, model, engine, bound or hash")
	}
	if err := e.Found.Check(); err != nil {
		return err
	}
	for name, v := range e.Claims {
		if v == engine.Violated && e.Shortest[name] == 0 && !spec.IsTemporal(name) {
			return fmt.Errorf("%s is violated, and no counterexample has a length", quote.Line(name))
		}
	}
	return nil
}

// Save writes the ledger: see [ledger.Book.Save].
func (l *Ledger) Save(path string) error {
	l.About = about
	return l.Book.Save(path)
}
