package conform

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

var update = flag.Bool("update", false, "rewrite testdata/graphs; read the difference")

func file(m *models.Model) string {
	return filepath.Join("../../testdata/graphs", File(m.Model))
}

// explored is the explorer's graph, made once for all tests: they only read it.
func explored(t *testing.T, p spec.Protocol, name string) (*models.Model, *Graph) {
	t.Helper()
	m, err := models.Find(p, name)
	require.NoError(t, err)
	made, _ := graphs.LoadOrStore(m.FullName(), sync.OnceValues(func() (*Graph, error) { return Explore(context.Background(), m.Model) }))
	g, err := made.(func() (*Graph, error))()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(g.States), 5_000, "the model has collapsed")
	assert.LessOrEqual(t, len(g.States), 50_000)
	return m, g
}

var graphs sync.Map // full name -> func() (*Graph, error)

// tiny is a graph of some hundred states, for tests of what is done with graphs.
func tiny(t *testing.T, p spec.Protocol) (*models.Model, *Graph) {
	t.Helper()
	m, err := models.Find(p, "Tiny")
	require.NoError(t, err)
	g, err := Explore(t.Context(), m.Model)
	require.NoError(t, err)
	require.Greater(t, len(g.States), 500, "the model has collapsed")
	return m, g
}

// each is a test for every graph.
func each(t *testing.T, test func(t *testing.T, m *models.Model, g *Graph)) {
	for _, p := range spec.Protocols() {
		for _, name := range Models {
			t.Run(p.String()+"/"+name, func(t *testing.T) {
				m, g := explored(t, p, name)
				test(t, m, g)
			})
		}
	}
}

// some is a test for every graph with ROOTLOCK_DEEP, and else for every small one.
func some(t *testing.T, test func(t *testing.T, m *models.Model, g *Graph)) {
	for _, p := range spec.Protocols() {
		for _, name := range Models {
			if name != Models[0] && !deep.Asked() {
				continue
			}
			t.Run(p.String()+"/"+name, func(t *testing.T) {
				m, g := explored(t, p, name)
				test(t, m, g)
			})
		}
	}
}

// tourOf is the tour of a graph, made once for all tests: they only read it.
func tourOf(g *Graph) Tour {
	made, _ := tours.LoadOrStore(g, sync.OnceValue(func() Tour { return NewTour(g) }))
	return made.(func() Tour)()
}

var tours sync.Map // *Graph -> func() Tour

// The explorer's graph is the one on record, for every protocol: all in a deep run, and by
// rootlock check.
func TestGraphs(t *testing.T) {
	test := some
	if *update {
		test = each
	}
	test(t, func(t *testing.T, m *models.Model, g *Graph) {
		if *update {
			data, err := g.Bytes()
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(filepath.Dir(file(m)), 0o755))
			require.NoError(t, os.WriteFile(file(m), data, 0o644))
		}
		in, err := os.Open(file(m))
		require.NoError(t, err)
		defer in.Close()
		want, err := Read(in, m.Model)
		require.NoError(t, err)
		if d := Compare(g, want); d != nil {
			t.Fatal(d.Report("the explorer", "testdata/graphs"))
		}
		t.Logf("%d states, %d edges", len(g.States), g.Size())
	})
}

// TLC's graph is the explorer's, for one of the smallest models here and larger ones with
// ROOTLOCK_DEEP; for all by rootlock check, where modules changed or with --all.
func TestGraphsByTLC(t *testing.T) {
	in, err := tlc.Finder{}.Find(t.Context())
	if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
		require.NoError(t, err)
	}
	if err != nil {
		t.Skipf("no TLC: %v", err)
	}
	type small struct {
		protocol spec.Protocol
		model    string
	}
	list := []small{{spec.RootPointer, "Tiny"}}
	if deep.Asked() { // UFFDIO_MOVE beside a walk, two threads; several areas die at once; forks
		list = append(list, small{spec.RwsemRoot, "First"}, small{spec.RootPointer, "Neighbours"}, small{spec.RwsemRoot, "Couples"})
	}
	for _, small := range list {
		t.Run(small.protocol.String()+"/"+small.model, func(t *testing.T) {
			m, err := models.Find(small.protocol, small.model)
			require.NoError(t, err)
			g, err := Explore(t.Context(), m.Model)
			require.NoError(t, err)
			assert.Greater(t, len(g.States), 500, "the model has collapsed")
			asTLC(t, in, m, g)
		})
	}
	if deep.Asked() {
		m, g := explored(t, spec.RootPointer, Models[0])
		asTLC(t, in, m, g)
		m, g = explored(t, spec.RwsemRoot, "Faulters")
		asTLC(t, in, m, g)
	}
}

// asTLC demands that TLC's graph of a model is the explorer's.
func asTLC(t *testing.T, in tlc.Installation, m *models.Model, g *Graph) {
	t.Helper()
	start := time.Now()
	dumped, err := Dump(t.Context(), m, in, tla.FS)
	require.NoError(t, err)
	if d := Compare(g, dumped); d != nil {
		t.Fatal(d.Report("the explorer", "TLC"))
	}
	t.Logf("%d states, %d edges, %.1f s", len(dumped.States), dumped.Size(), time.Since(start).Seconds())
}

// Every way in which a file can be wrong is found, and said where.
func TestTamperedFiles(t *testing.T) {
	m, g := tiny(t, spec.RootPointer)
	data, err := g.Bytes()
	require.NoError(t, err)
	again, err := g.Bytes()
	require.NoError(t, err)
	require.Equal(t, data, again, "the same graph, the same bytes")
	z, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	plain, err := io.ReadAll(z)
	require.NoError(t, err)
	text := string(plain)
	pack := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return b.Bytes()
	}
	lines := strings.SplitAfter(text, "\n")
	replace := func(old, new string) []byte {
		require.Contains(t, text, old)
		return pack(strings.Replace(text, old, new, 1))
	}
	for _, test := range []struct {
		reason string
		data   []byte
		want   string
	}{
		{"empty", nil, "it is no gzip file"},
		{"no gzip", plain, "it is no gzip file"},
		{"gzip of nothing", pack(""), `want "rootlock graph"`},
		{"no states", pack(strings.Join(lines[:3], "")), "0 states and 0 edges; the header says"},
		{"an empty graph that says so", pack(lines[0] + lines[1] + "states 0 edges 0\n"), "at least one each"},
		{"truncated in the middle", data[:len(data)/2], "is the file whole?"},
		{"the last line is missing", pack(strings.Join(lines[:len(lines)-2], "")), "the header says"},
		{"another protocol's", replace("model RootPointer", "model OwnLock"), "it is the graph of another model"},
		{"other bounds", replace("2 VMAs", "4 VMAs"), "it is the graph of another model"},
		{"unknown field", replace("VMA[0].Life", "VMA[0].Live"), `there is no field "VMA[0].Live"`},
		{"a value too large", replace("VMA[0].Life=2", "VMA[0].Life=300"), `VMA[0].Life = "300"`},
		{"unknown step", replace("PC=CopyVMA", "PC=CopyVMB"), `there is no step "CopyVMB"`},
		{"an edge into the void", replace("mm1:CopyVMA 3", "mm1:CopyVMA 99999999"), "edge mm1:CopyVMA 99999999"},
		{"an edge less, and the header knows", replace(" mm1:CopyVMA 3", ""), ""},
	} {
		_, err := Read(bytes.NewReader(test.data), m.Model)
		if test.want == "" {
			assert.Error(t, err, test.reason)
			continue
		}
		assert.ErrorContains(t, err, test.want, test.reason)
	}
}

// Whatever is changed in a graph, the comparison finds it and says the shortest path
// to it and both sides.
func TestDifferences(t *testing.T) {
	_, g := tiny(t, spec.OwnLock)
	clone := func() *Graph {
		c := &Graph{Model: g.Model}
		c.Law, c.States = g.Law, append([]spec.State(nil), g.States...)
		for _, e := range g.Edges {
			c.Edges = append(c.Edges, append([]Edge(nil), e...))
		}
		return c
	}
	steps := func(c *Graph) *Graph { // as TLC's
		c.StepsOnly = true
		for _, list := range c.Edges {
			for i := range list {
				list[i].Move = spec.Move{}
			}
		}
		return c
	}
	require.Nil(t, Compare(g, clone()))
	require.Nil(t, Compare(g, steps(clone())))
	far := len(g.States) / 2
	for len(g.Edges[far]) < 2 {
		far++
	}
	paths := g.Paths()
	for _, test := range []struct {
		reason string
		edit   func(c *Graph)
		want   string
	}{
		{"an edge less", func(c *Graph) { c.Edges[far] = c.Edges[far][1:] }, "only the explorer: " + g.Edges[far][0].Move.Step.String()},
		{"an edge more", func(c *Graph) {
			c.Edges[far] = append(c.Edges[far], Edge{Move: spec.Move{Thread: 1, Step: spec.LockRoot}, Step: int(spec.LockRoot)})
		}, "only TLC: LockRoot, to "},
		{"an edge with another label", func(c *Graph) { c.Edges[far][0].Step, c.Edges[far][0].Move.Step = int(spec.LockRoot), spec.LockRoot }, "only TLC: LockRoot, to "},
		{"an edge to another state", func(c *Graph) { c.Edges[far][0].To = 0 }, "only TLC: " + g.Edges[far][0].Move.Step.String()},
		{"a state that differs", func(c *Graph) { c.States[far].Page[0].Index ^= 1 }, "Page[0].Index="},
		{"another initial state", func(c *Graph) { c.States[0].Page[0].Index ^= 1 }, "the initial states differ: in TLC Page[0].Index="},
		{"a state that nothing leads to", func(c *Graph) { c.States = append(c.States, spec.State{}); c.Edges = append(c.Edges, nil) }, "states and TLC"},
		{"a state twice", func(c *Graph) { c.States = append(c.States, c.States[7]); c.Edges = append(c.Edges, nil) }, "which are equal"},
		{"empty", func(c *Graph) { c.States, c.Edges = nil, nil }, "an empty graph is equal to none"},
	} {
		for _, c := range []*Graph{clone(), steps(clone())} {
			test.edit(c)
			d := Compare(g, c)
			require.NotNil(t, d, test.reason)
			report := d.Report("the explorer", "TLC")
			assert.Contains(t, strings.ReplaceAll(report, "mm1:", ""), strings.ReplaceAll(test.want, "mm1:", ""), test.reason)
			assert.LessOrEqual(t, len(d.Path), len(paths.To(far)), "%s: no longer than the way there", test.reason)
		}
	}
}
