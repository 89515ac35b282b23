package conform

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/triangle/conform"
)

// Whatever stands in a graph's file, it is read or refused.
func FuzzRead(f *testing.F) {
	m, err := models.Find(spec.OwnLock, "Edges")
	require.NoError(f, err)
	f.Add([]byte("not gzip"), false)
	f.Add([]byte("rootlock graph 1\n"), true)
	f.Fuzz(func(t *testing.T, data []byte, zip bool) {
		if zip {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(data)
			require.NoError(t, z.Close())
			data = b.Bytes()
		}
		_, err := Read(bytes.NewReader(data), m.Model)
		require.Error(t, err, "no small file is a graph of this model")
	})
}

// Whatever TLC dumps, it is read or refused.
func FuzzReadDOT(f *testing.F) {
	m, err := models.Find(spec.OwnLock, "Tiny")
	require.NoError(f, err)
	f.Add([]byte("strict digraph DiskGraph {\n1 [label=\"/\\\\ x = 1\",style = filled]\n1 -> 2 [label=\"Walk\"];\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = conform.ReadDOT(bytes.NewReader(data), m.Law(), stateOf(m.Model))
	})
}
