package site

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"

	repo "github.com/rootlock/rootlock"
	"github.com/rootlock/rootlock/internal/engine"
	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/page"
	"github.com/rootlock/rootlock/internal/picture"
	"github.com/rootlock/rootlock/internal/play"
	"github.com/rootlock/rootlock/spec"
)

var (
	//go:embed index.html
	markup string
	//go:embed play.js
	playScript string
	//go:embed play.css
	css string

	index = template.Must(template.Must(template.New("index").Parse(markup)).Parse(page.Legend))
)

// A Site is what the folder is for.
type Site struct {
	Worlds []play.World // those that one may choose
	Kept   []Kept
}

// Kept is a schedule of testdata.
type Kept struct {
	Name, Violated string
	Place          play.Place
}

// New is the site with all models, and all schedules of testdata. Another model, which is
// not in the catalogue, may come with them.
func New(more ...*models.Model) (*Site, error) {
	s := &Site{}
	for _, p := range spec.Protocols() {
		list, err := models.Of(p)
		if err != nil {
			return nil, err
		}
		for _, name := range models.RandomNames(p) {
			m, err := models.Random(p, name)
			if err != nil {
				return nil, err
			}
			list = append(list, m)
		}
		for _, m := range append(list, more...) {
			w := play.World{Name: m.Name, Purpose: models.Purpose(m.Name), Bounds: m.Bounds, Symmetric: m.Symmetric()}
			switch i := slices.IndexFunc(s.Worlds, func(o play.World) bool { return o.Name == m.Name }); {
			case i < 0:
				s.Worlds = append(s.Worlds, w)
			case s.Worlds[i] != w:
				return nil, fmt.Errorf("rootlock: model %s is not the same for every protocol", m.FullName())
			}
		}
	}
	names, err := fs.Glob(repo.Files, "testdata/schedules/*.txtar")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := input.ReadFS(repo.Files, name)
		if err != nil {
			return nil, err
		}
		archive, err := input.Archive(input.Lines(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c, err := engine.ParseCase(name, archive)
		if err != nil {
			return nil, err
		}
		k, err := keep(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		k.Name = strings.TrimSuffix(path.Base(name), ".txtar")
		s.Kept = append(s.Kept, k)
	}
	return s, nil
}

// keep is a case as a place: its schedule without comments.
func keep(c *engine.Case) (k Kept, err error) {
	p, err := spec.ProtocolByName(c.Protocol)
	if err != nil {
		return k, err
	}
	m, err := models.Find(p, c.Model)
	if err != nil {
		return k, err
	}
	sch, err := m.ParseSchedule(c.Schedule)
	return Kept{Violated: c.Violated, Place: play.Place{Protocol: c.Protocol, Model: c.Model, Schedule: m.FormatSchedule(sch)}}, err
}

// Fragment is a place in an address, after the #. A schedule has no letter that an address
// must not have, but the blank.
func Fragment(p play.Place) string {
	return fmt.Sprintf("protocol=%s&model=%s&step=%d&schedule=%s", p.Protocol, p.Model, p.Step, strings.ReplaceAll(p.Schedule, " ", "+"))
}

// Fragment leads to where the schedule begins.
func (k Kept) Fragment() string { return Fragment(k.Place) }

type protocolView struct{ Name, About string }

// Files are the files of the folder, by name. For slow see [Law].
func (s *Site) Files(ctx context.Context, slow func()) (map[string][]byte, error) {
	law, err := Law(ctx, slow)
	if err != nil {
		return nil, err
	}
	var protocols []protocolView
	for _, p := range spec.Protocols() {
		protocols = append(protocols, protocolView{p.String(), models.About(p)})
	}
	var b bytes.Buffer
	err = index.Execute(&b, struct {
		CSS       template.CSS
		Protocols []protocolView
		Claims    []spec.Claim
		Millions  int // of states that a search looks at
		*Site
	}{template.CSS(page.CSS + picture.CSS + css), protocols, claims(), play.Most / 1_000_000, s})
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"index.html": b.Bytes(), "play.js": []byte(playScript), "law.js": law}, nil
}

// claims are those that a state can violate.
func claims() (list []spec.Claim) {
	for _, c := range spec.Claims() {
		if !c.Temporal() {
			list = append(list, c)
		}
	}
	return list
}
