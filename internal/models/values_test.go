package models

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/rootlock/rootlock/internal/deep"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// What Values writes of a state, State reads back, in every model of every protocol. What
// happened to an operation that ended (History.Undone) is no variable of tla/.
func TestValues(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	states := 0
	for _, m := range list {
		for seed := range uint64(deep.Or(1, 2)) {
			random := rand.New(rand.NewPCG(seed, 0))
			s := m.Init()
			for range deep.Or(40, 80) {
				want := s
				for i := range want.History {
					want.History[i].Undone = false
				}
				got, err := State(m.Model, Values(m.Model, &s))
				require.NoError(t, err, m.FullName())
				if want != got {
					require.Equal(t, want, got, m.FullName())
				}
				states++
				moves := m.Moves(&s, nil)
				if len(moves) == 0 {
					break
				}
				m.Apply(&s, moves[random.IntN(len(moves))])
			}
		}
	}
	assert.Greater(t, states, 5_000)
}

// Variables and fields are those of tla/, and no others.
func TestVariables(t *testing.T) {
	m, err := Find(spec.RootPointer, Default)
	require.NoError(t, err)
	s := m.Init()
	vars := Values(m.Model, &s)
	var text string
	for _, module := range []string{"AnonVMA.tla", "History.tla"} {
		data, err := tla.FS.ReadFile(module)
		require.NoError(t, err)
		text += string(data)
	}
	tuple := regexp.MustCompile(`(?m)^vars == <<(.*)>>$`).FindStringSubmatch(text)
	require.NotNil(t, tuple)
	assert.Equal(t, strings.Split(tuple[1], ", "), Variables())
	assert.Len(t, vars, len(Variables()))

	first := func(variable string, args ...tlc.Value) tlc.Value {
		v := vars[variable]
		for _, a := range args {
			var ok bool
			v, ok = v.Apply(a)
			require.True(t, ok, variable)
		}
		return v
	}
	for record, value := range map[string]tlc.Value{
		"NoVMA": first("vma", tlc.Model("v1")), "NoAnon": first("anon", tlc.Model("a1")), "NoPage": first("page", tlc.Model("p1")),
		"NoPTE": first("pte", tlc.Model("mm1"), tlc.Int(0)), "NoMM": first("thread", tlc.Model("mm1")), "NoWalker": first("thread", tlc.Model("w1")),
		"NoHistory": first("history", tlc.Model("w1")),
	} {
		_, rest, ok := strings.Cut(text, "\n"+record+" ")
		require.True(t, ok, record)
		rest, _, _ = strings.Cut(rest, "]")
		var want, got []string
		for _, f := range regexp.MustCompile(`[ \[](\w+) +\|->`).FindAllStringSubmatch(rest, -1) {
			want = append(want, f[1])
		}
		for _, p := range value.Pairs() {
			name, _ := p.Key.AsString()
			got = append(got, name)
		}
		assert.ElementsMatch(t, want, got, record)
	}
}
