package play

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// worlds are some models.
func worlds(t *testing.T, names ...string) (list []World) {
	t.Helper()
	for _, name := range names {
		m, err := models.Find(spec.OwnLock, name)
		require.NoError(t, err)
		list = append(list, World{Name: name, Bounds: m.Bounds, Symmetric: m.Symmetric()})
	}
	return list
}

// A search finds what the explorer of the command line finds, from the beginning, and less
// far from further on; what it finds breaks the claim.
func TestSearch(t *testing.T) {
	w := worlds(t, "Tiny")
	at := Place{"OwnLock", "Tiny", "", 0}
	f, err := Search(context.Background(), w, at, "NoMissedMapping", Most, func(Progress) {})
	require.NoError(t, err)
	assert.Equal(t, "NoMissedMapping", f.Claim)
	assert.Equal(t, 19, f.Steps)
	way := strings.Fields(f.Schedule)
	require.Len(t, way, 19)
	for _, step := range []int{5, 12, 18} {
		further, err := Search(context.Background(), w, Place{"OwnLock", "Tiny", f.Schedule, step}, "NoMissedMapping", Most, func(Progress) {})
		require.NoError(t, err)
		assert.Equal(t, 19-step, further.Steps)
		assert.Equal(t, step, further.Step)
		assert.Equal(t, way[:step], strings.Fields(further.Schedule)[:step])
	}
	end, err := Show(w, Place{"OwnLock", "Tiny", f.Schedule, 19})
	require.NoError(t, err)
	assert.Contains(t, end.Say, "NoMissedMapping is violated")
	assert.Contains(t, end.HTML["claims"], "WalkComplete")

	again, err := Search(context.Background(), w, end.Place, "NoMissedMapping", Most, func(Progress) {})
	require.NoError(t, err)
	assert.Contains(t, again.Say, "There is nothing to look for")
	none, err := Search(context.Background(), w, at, "MappedReachable", Most, func(Progress) {})
	require.NoError(t, err)
	assert.Contains(t, none.Say, "all 696 states")
	cut, err := Search(context.Background(), worlds(t, "Full"), Place{"RootPointer", "Full", "", 0}, "", 1000, func(Progress) {})
	require.NoError(t, err)
	assert.Contains(t, cut.Say, "Nothing found within")
}

// Every button is a move that is enabled, every move that is enabled has a button, and every
// thread that cannot step says why: along a schedule.
func TestButtons(t *testing.T) {
	w := worlds(t, "Recycle", "Swap", "Boundary")
	shown := 0
	for _, p := range spec.Protocols() {
		for _, world := range w {
			at := Place{p.String(), world.Name, "", 0}
			for range 40 {
				here, err := stand(w, at)
				require.NoError(t, err)
				_, s := here.state()
				threads := here.threads(s)
				var want, got []string
				for _, mv := range here.m.Moves(s, nil) {
					want = append(want, here.m.Format(mv))
				}
				for _, th := range threads {
					for _, mv := range th.Moves {
						got = append(got, mv.Move)
					}
					for _, no := range th.Refused {
						assert.NotEmpty(t, no.Why, "%s %s", at, no.Move)
					}
					assert.NotEmpty(t, len(th.Moves)+len(th.Refused), "%v: %s", at, th.Name)
				}
				require.ElementsMatch(t, want, got)
				v, err := Show(w, at)
				require.NoError(t, err)
				for _, mv := range want {
					assert.Contains(t, v.HTML["threads"], `data-move="`+mv+`"`)
				}
				shown++
				if len(want) == 0 {
					break
				}
				at.Schedule = strings.TrimSpace(at.Schedule + " " + want[len(want)*7%11%len(want)])
				at.Step++
			}
		}
	}
	assert.Greater(t, shown, 300)
}

// What is wrong with a question is said, whatever it is.
func TestAnswers(t *testing.T) {
	a := &Answerer{Progress: func(string) {}}
	problem := func(q string) string {
		var answer struct{ Error string }
		require.NoError(t, json.Unmarshal([]byte(a.Answer(q)), &answer), q)
		return answer.Error
	}
	assert.Contains(t, problem(`{"protocol":"OwnLock","model":"Tiny"}`), "no model to play in")
	data, err := json.Marshal(map[string]any{"worlds": worlds(t, "Tiny")})
	require.NoError(t, err)
	assert.Empty(t, problem(string(data)))
	assert.Empty(t, problem(`{"protocol":"OwnLock","model":"Tiny"}`))
	assert.Contains(t, problem(`{"protocol":"<b>","model":"Tiny"}`), "unknown protocol")
	assert.Contains(t, problem(`{"protocol":"OwnLock","model":"x"}`), "unknown model")
	assert.Contains(t, problem(`{"protocol":"OwnLock","model":"Tiny","schedule":"w1:Wlk"}`), "unknown step")
	assert.Contains(t, problem(`{"protocol":"OwnLock","model":"Tiny","schedule":"w1:LockLeaf"}`), "is not enabled")
	assert.NotEmpty(t, problem(`{`))
	_, err = defined(func() (any, error) { return worlds(t)[7], nil })
	assert.ErrorContains(t, err, "the law is not defined here: runtime error: index out of range")
}
