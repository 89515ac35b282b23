package picture

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// drawn is what a picture has, by class and as text.
type drawn struct {
	classes map[string]int
	text    string
}

func read(t *testing.T, svg string) drawn {
	t.Helper()
	d := drawn{classes: map[string]int{}}
	for x := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		require.NoError(t, err, svg)
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "class" {
					for _, c := range strings.Fields(a.Value) {
						d.classes[token.Name.Local+"."+c]++
					}
				}
				assert.NotContains(t, a.Value, "-Inf")
			}
		case xml.CharData:
			d.text += string(token) + "\n"
		}
	}
}

// Along random schedules of every model, the picture has every area, every live object, every
// chain entry and every lock; and it is another picture if the world is another.
func TestPictureTells(t *testing.T) {
	list, err := models.All()
	require.NoError(t, err)
	for _, name := range models.RandomNames(spec.RwsemRoot) {
		m, err := models.Random(spec.RwsemRoot, name)
		require.NoError(t, err)
		list = append(list, m)
	}
	pictures := 0
	for i, m := range list {
		if i%4 != 0 && !deep.Asked() {
			continue
		}
		r := rand.New(rand.NewPCG(1, 2))
		s := m.Init()
		for range 60 {
			moves := m.Moves(&s, nil)
			if len(moves) == 0 {
				break
			}
			before := s
			mv := moves[r.IntN(len(moves))]
			m.Apply(&s, mv)
			svg := Frame{}.Draw(m.Model, &before, &s)
			d := read(t, svg)
			pictures++
			if s.World != before.World {
				assert.NotEqual(t, Frame{}.Draw(m.Model, &s, &s), Frame{}.Draw(m.Model, &before, &before), m.Format(mv))
				if mv.Step != spec.FreeVMA { // of which nothing is left to mark
					assert.Positive(t, d.classes["rect.changed"], m.Format(mv))
				}
			}
			entries, heads, halves, locks, roots := 0, 0, 0, 0, 0
			for a := range m.Objects {
				o := &s.Anon[a]
				if o.Live {
					assert.Contains(t, d.text, fmt.Sprintf("\na%d\n", a+1))
				}
				if o.Live && int(o.Root) != a+1 {
					roots++
				}
				if m.Holders(&s, uint8(a+1)) != "" {
					locks++
				}
				for v := range m.VMAs {
					area := &s.VMA[v]
					if area.Life == spec.Unborn {
						continue
					}
					listed, chained := slices.Contains(o.List[:o.NList], uint8(v+1)), slices.Contains(area.Chain[:area.NChain], uint8(a+1))
					if listed || chained {
						entries++
					}
					if listed != chained {
						halves++
					}
					for _, is := range []bool{listed, chained} {
						if is {
							heads++
						}
					}
				}
			}
			for p := range m.Pages {
				if s.Page[p].Lock != 0 {
					locks++
				}
			}
			for v := range m.VMAs {
				if s.VMA[v].Life != spec.Unborn {
					assert.Contains(t, d.text, fmt.Sprintf("\nv%d\n", v+1))
				}
			}
			mapped := 0
			for p := range m.Pages {
				if s.Page[p].Mapping != 0 {
					mapped++
				}
			}
			assert.Equal(t, 2*mapped, d.classes["path.mapping"], "arrows and their heads: mapping")
			if m.Objects <= few {
				assert.Equal(t, 2*roots, d.classes["path.up"], "arrows to roots, and their heads")
			}
			assert.Equal(t, locks, d.classes["rect.locked"], "locks")
			assert.Equal(t, entries+heads, d.classes["path.entry"], "chain entries, with a head for each side that has them")
			assert.Equal(t, 2*halves, d.classes["path.half"], "those that one side has, and their heads")
		}
	}
	assert.Greater(t, pictures, deep.Or(1500, 3000), "floor on the work done")
}

// Pictures in one frame have one size, and those of a larger frame are no smaller.
func TestFrame(t *testing.T) {
	m, err := models.Find(spec.RootPointer, "Recycle")
	require.NoError(t, err)
	s := m.Init()
	states := []spec.State{s}
	for range 30 {
		moves := m.Moves(&s, nil)
		m.Apply(&s, moves[0])
		states = append(states, s)
	}
	box := func(svg string) string {
		_, rest, _ := strings.Cut(svg, `viewBox="`)
		box, _, _ := strings.Cut(rest, `"`)
		return box
	}
	all, alone := map[string]bool{}, map[string]bool{}
	f := FrameOf(m.Model, states)
	for i := range states {
		all[box(f.Draw(m.Model, &states[i], &states[i]))] = true
		alone[box(Frame{}.Draw(m.Model, &states[i], &states[i]))] = true
	}
	assert.Len(t, all, 1)
	assert.Greater(t, len(alone), 1)
}

// A picture of a step stands alone: it has its colours with it, and both states.
func TestPair(t *testing.T) {
	m, err := models.Find(spec.RootPointer, "Recycle")
	require.NoError(t, err)
	s := m.Init()
	after := s
	m.Apply(&after, m.Moves(&s, nil)[0])
	svg := Pair(m.Model, &s, &after, [2]string{"Before <it>", "After it"})
	d := read(t, svg)
	assert.Contains(t, svg, "<style>\n:root{--ink")
	assert.Contains(t, d.text, "Before <it>\n")
	assert.Equal(t, 2, strings.Count(svg, `class="name">a1<`))
}

// The pictures of a series are those that stand alone, when what they refer to is put in; and
// they are shorter.
func TestSeries(t *testing.T) {
	define, use := regexp.MustCompile(`<g id="(g\d+)" class="drawn">(.*?)</g>`), regexp.MustCompile(`<use href="#(g\d+)"/>`)
	for _, name := range []string{"Recycle", "Strayed"} {
		m, err := models.Find(spec.RootPointer, name)
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(3, 4))
		s := m.Init()
		states := []spec.State{s}
		for range 60 {
			moves := m.Moves(&s, nil)
			if len(moves) == 0 {
				break
			}
			m.Apply(&s, moves[r.IntN(len(moves))])
			states = append(states, s)
		}
		frame, groups := FrameOf(m.Model, states), map[string]string{}
		short, long := 0, 0
		for i, svg := range Series(m.Model, states) {
			short += len(svg)
			svg = define.ReplaceAllStringFunc(svg, func(text string) string {
				found := define.FindStringSubmatch(text)
				assert.NotContains(t, groups, found[1])
				groups[found[1]] = found[2]
				return found[2]
			})
			svg = use.ReplaceAllStringFunc(svg, func(text string) string { return groups[use.FindStringSubmatch(text)[1]] })
			want := frame.Draw(m.Model, &states[max(i-1, 0)], &states[i])
			assert.Equal(t, want, svg)
			long += len(want)
		}
		assert.Less(t, short, 3*long/4)
		t.Logf("%s: %d states, %d bytes of %d", name, len(states), short, long)
	}
}
