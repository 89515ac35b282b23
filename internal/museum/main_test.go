package museum

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/triangle/tlc"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if wovenOnce != nil {
			_ = wovenOnce.Close()
		}
		os.Exit(code)
	}))
}

var wovenOnce *Woven

// woven is one program of all entries, for all tests; it is no build if an entry is spoilt.
func woven(t *testing.T) *Woven {
	t.Helper()
	if wovenOnce == nil {
		w, err := Weave(context.Background(), entries(t), root)
		require.NoError(t, err)
		wovenOnce = w
	}
	return wovenOnce
}

const root = "../.."

func entries(t *testing.T) []Entry {
	t.Helper()
	list, err := Load(os.DirFS(root + "/" + Dir))
	require.NoError(t, err)
	return list
}

// entry is a fresh copy, to be spoilt.
func entry(t *testing.T, name string) *Entry {
	t.Helper()
	list := entries(t)
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	t.Fatalf("no entry %s", name)
	return nil
}

// withTLC is options with TLC; where there is none, a missing TLC is a failure
// if ROOTLOCK_REQUIRE_TLC is 1.
func withTLC(t *testing.T) Options {
	t.Helper()
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
			t.Fatal(err)
		}
		t.Skip("without TLC: ", err)
	}
	return Options{Root: root, TLC: &in, Woven: woven(t)}
}
