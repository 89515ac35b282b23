package ledger

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/engine"
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
	Hash      string                    `json:"hash"` // of the modules and the configuration
	Distinct  uint64                    `json:"distinct"`
	Generated uint64                    `json:"generated"`
	Depth     int                       `json:"depth"`
	Claims    map[string]engine.Verdict `json:"claims"`
	Shortest  map[string]int            `json:"shortest,omitempty"` // steps to break a claim
	Steps     map[string]uint64         `json:"steps,omitempty"`    // generated states by step
}

const about = "What every model is expected to give on every engine. Do not edit: `go run ./cmd/rootlock check --update` rewrites it; read the difference before you commit it."

// Name is the entry's place: OwnLock/Small tlc.
func (e *Entry) Name() string { return fmt.Sprintf("%s/%s %s", e.Protocol, e.Model, e.Engine) }

// Of is the entry that a result would be expected by.
func Of(r *engine.Result, hash string) Entry {
	e := Entry{Protocol: r.Protocol, Model: r.Model, Engine: r.Engine, Bound: r.Bound, Hash: hash,
		Distinct: r.Distinct, Generated: r.Generated, Depth: r.Depth, Claims: r.Claims, Steps: r.Steps}
	for _, v := range r.Violations {
		if v.Claim == walkTerminates { // the length of a lasso is not determined
			continue
		}
		if e.Shortest == nil {
			e.Shortest = map[string]int{}
		}
		e.Shortest[v.Claim] = v.Length
	}
	return e
}

const walkTerminates = "WalkTerminates"

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
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("rootlock: there is no ledger at %s; restore it (git checkout -- %s) or write it anew (go run ./cmd/rootlock check --update): %w", path, File, err)
	}
	if err != nil {
		return nil, fmt.Errorf("rootlock: reading the ledger: %w", err)
	}
	l := &Ledger{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(l); err != nil {
		return nil, bad(path, data, d.InputOffset(), err)
	}
	if d.More() {
		return nil, bad(path, data, d.InputOffset(), errors.New("more after the end"))
	}
	if len(l.Entries) == 0 {
		return nil, bad(path, data, int64(len(data)), errors.New("no entries"))
	}
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Protocol == "" || e.Model == "" || e.Engine == "" || e.Distinct == 0 || len(e.Claims) == 0 {
			return nil, bad(path, data, int64(len(data)), fmt.Errorf("entry %d (%s) lacks a protocol, model, engine, state or claim", i+1, e.Name()))
		}
		if l.Find(e.Protocol, e.Model, e.Engine) != e {
			return nil, bad(path, data, int64(len(data)), fmt.Errorf("%s stands there twice", e.Name()))
		}
	}
	return l, nil
}

func bad(path string, data []byte, offset int64, err error) error {
	line := 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
	return fmt.Errorf("rootlock: %s, line %d: %w; it is not a ledger as rootlock writes it: restore it (git checkout -- %s) or write it anew (go run ./cmd/rootlock check --update)", path, line, err, File)
}

// Save writes the ledger atomically: either the old or the new file is there,
// whatever happens meanwhile.
func (l *Ledger) Save(path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("rootlock: writing the ledger; nothing has changed: %w", err)
		}
	}()
	l.About = about
	slices.SortFunc(l.Entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Protocol, b.Protocol), strings.Compare(a.Model, b.Model), strings.Compare(a.Engine, b.Engine))
	})
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".ledger-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(append(data, '\n'))
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// Put replaces or adds an entry.
func (l *Ledger) Put(e Entry) {
	if old := l.Find(e.Protocol, e.Model, e.Engine); old != nil {
		*old = e
		return
	}
	l.Entries = append(l.Entries, e)
}
