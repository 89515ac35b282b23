package spec

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Unlike finds what is offered and not possible, and what is possible and not offered. That the
// law has neither: properties.
func TestUnlike(t *testing.T) {
	m := testModel(t, RootPointer)
	s := m.Init()
	all := m.Operations()
	_, unlike := m.Unlike(&s, all)
	assert.False(t, unlike)

	few := slices.Clone(all)
	few[0] = slices.DeleteFunc(slices.Clone(all[0]), func(mv Move) bool { return mv.Step == Exit })
	_, unlike = m.Unlike(&s, few)
	assert.True(t, unlike, "mm1 can exit, and that is not among what is possible")

	walk := all[2][slices.IndexFunc(all[2], func(mv Move) bool { return m.Enabled(&s, mv) })]
	more := slices.Clone(all)
	more[2] = append(slices.Clone(all[2]), walk)
	mv, unlike := m.Unlike(&s, more)
	assert.True(t, unlike, "a move is possible, and is not offered a second time")
	assert.Equal(t, walk, mv)
}
