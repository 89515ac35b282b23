package law_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/examples/boundedbuffer"
	"github.com/rootlock/rootlock/triangle/law"
)

// What Text writes, Parse reads, and nothing that the law does not allow.
func TestParse(t *testing.T) {
	w := &boundedbuffer.World{Producers: 2, Consumers: 1, Capacity: 1}
	const text = "p1:Lock p1:Put p1:Notify p1:Unlock p1:Lock p1:Wait c1:Lock c1:Get c1:Notify(1)"
	sch, err := law.Parse(w, w.Initial()[0], text)
	require.NoError(t, err)
	assert.Equal(t, text, law.Text(w, sch))
	sch, err = law.Parse(w, w.Initial()[0], " \n")
	require.NoError(t, err)
	assert.Empty(t, sch)
	for text, want := range map[string]string{
		"p1:Lock p2:Lock":    `move 2, "p2:Lock", is not enabled; enabled are: p1:Put`,
		"p1:Lock p1:Put\x1b": `move 2, "p1:Put\x1b", is not enabled; enabled are: p1:Put`,
		"p9:Lock":            `move 1, "p9:Lock", is not enabled; enabled are: p1:Lock p2:Lock c1:Lock`,
	} {
		_, err := law.Parse(w, w.Initial()[0], text)
		assert.EqualError(t, err, want)
	}
}
