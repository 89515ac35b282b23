package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

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
