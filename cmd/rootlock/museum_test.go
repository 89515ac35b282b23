package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/museum"
	"github.com/rootlock/rootlock/internal/report"
)

// An entry is a line as soon as it was shown, with what is wrong if something is; in the
// end stands how fast the kills were.
func TestMuseumLines(t *testing.T) {
	e := &museum.Entry{Name: "Posted", Kind: museum.Mistake}
	r := &museum.Result{Entry: e, Rows: []museum.Row{
		{Entry: "Posted", Engine: "explorer", Killed: true, Seconds: 0.1}, {Entry: "Posted", Engine: "tlc", Killed: true, Seconds: 2}, {Entry: "Posted", Engine: "rapid", Killed: true, Seconds: 0.3},
		{Entry: "Posted", Engine: "lockstep", Seconds: 4}}}
	var out bytes.Buffer
	a := &app{stdout: &out, style: report.Plain}
	a.shown(r)
	assert.Equal(t, "Posted           mistake  explorer killed 0.10 s, tlc killed 2.00 s, rapid killed 0.30 s, lockstep survived 4.00 s: as expected\n", out.String())
	r.Differences = []string{"Posted: OneRoot: expected violated, found holds"}
	out.Reset()
	a.shown(r)
	assert.Contains(t, out.String(), ": NOT as expected: Posted: OneRoot: expected violated, found holds\n")
	assert.Equal(t, "3 kills, median 0.30 s, the slowest 2.00 s (Posted by tlc)", kills([]*museum.Result{r}))
	assert.Equal(t, "no kill", kills(nil))
}

// --engine leaves the chosen engines to the entries, and out those that none of them is for.
func TestMuseumEngines(t *testing.T) {
	all := []museum.Entry{{Name: "A", Engines: []string{"explorer", "tlc", "lockstep"}}, {Name: "B", Engines: []string{"explorer"}}}
	list, err := (&museumCmd{Engine: []string{"lockstep", "tlc"}}).ask(all)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, []string{"tlc", "lockstep"}, list[0].Engines)
	assert.Len(t, all[0].Engines, 3, "the entries themselves are as they were")
	list, err = (&museumCmd{}).ask(all)
	require.NoError(t, err)
	assert.Equal(t, all, list)
	for want, c := range map[string]*museumCmd{
		`unknown engine "apalache"; the engines are explorer, tlc, rapid, lockstep`:        {Engine: []string{"apalache"}},
		"none of the chosen entries is for rapid: its engines are explorer, tlc, lockstep": {Engine: []string{"rapid"}},
		"--engine tlc and --no-tlc: which of them?":                                        {Engine: []string{"tlc"}, NoTLC: true},
	} {
		_, err = c.ask(all)
		assert.EqualError(t, err, want)
	}
}
