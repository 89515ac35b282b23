package museum

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/internal/tlc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	if testing.Short() {
		t.Skip("TLC takes a minute")
	}
	in, err := tlc.Finder{}.Find(t.Context())
	if err != nil {
		if os.Getenv("ROOTLOCK_REQUIRE_TLC") == "1" {
			t.Fatal(err)
		}
		t.Skip("without TLC: ", err)
	}
	return Options{Root: root, TLC: &in}
}
