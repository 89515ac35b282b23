package impl

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// family is a System in which n address spaces share the page at slot 0 of the
// first, root.
func family(t testing.TB, p Protocol, n int) (s *System, root *AddressSpace, page *Page) {
	t.Helper()
	s = New(Options{Protocol: p})
	root = s.NewAddressSpace()
	require.NoError(t, root.Map(0, 8))
	require.NoError(t, root.Write(0, 0, []byte("shared")))
	for range n - 1 {
		_, err := root.Fork()
		require.NoError(t, err)
	}
	page, err := root.Page(0)
	require.NoError(t, err)
	return s, root, page
}

// lastborn forks a child that writes a page of its own.
func lastborn(t testing.TB, parent *AddressSpace) (child *AddressSpace, own *Page) {
	t.Helper()
	child, err := parent.Fork()
	require.NoError(t, err)
	require.NoError(t, child.Write(0, 0, []byte("own")))
	own, err = child.Page(0)
	require.NoError(t, err)
	return child, own
}

// eachProtocol runs a test for every protocol.
func eachProtocol(t *testing.T, test func(t *testing.T, p Protocol)) {
	for p := range numProtocols {
		t.Run(p.String(), func(t *testing.T) { test(t, p) })
	}
}

func text(t testing.TB, m *AddressSpace, slot uint32, n int) string {
	t.Helper()
	b := make([]byte, n)
	require.NoError(t, m.Read(slot, 0, b))
	return string(b)
}
