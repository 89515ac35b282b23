package linear

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rootlock/rootlock/impl"
	"github.com/rootlock/rootlock/internal/deep"
	"github.com/rootlock/rootlock/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Under every protocol, with and without operations that protect and move areas.
func TestLinearizable(t *testing.T) {
	families := deep.Or(100, 400)
	if testing.Short() { // under the race detector
		families = 100
	}
	for _, protocol := range spec.Protocols() {
		p, err := impl.ProtocolByName(protocol.String())
		require.NoError(t, err)
		for _, remaps := range []bool{true, false} {
			name := p.String()
			if remaps {
				name += ", remaps"
			}
			t.Run(name, func(t *testing.T) {
				seed := rand.Uint64()
				var got Tally
				require.NoError(t, got.Gather(t.Context(), p, remaps, families, seed, artifacts(t)))
				require.Empty(t, got.Problem)
				t.Logf("from seed %d: %+v", seed, got)
				require.Equal(t, families, got.Histories)
				require.Equal(t, families*familyClients*clientCalls, got.Operations)
				require.GreaterOrEqual(t, got.Overlapping, got.Operations/20, "overlapping operations")
				require.GreaterOrEqual(t, got.Rejected, families/2, "histories tampered with")
				floors := map[string]int{
					"Read": 1000, "Write": 1000, "Page": 300, "Map": 300, "Unmap": 300, "Fork": 300, "Exit": 100,
					"no memory": 60, "migrated": 60, "swapped": 60,
				}
				if remaps {
					floors["Protect"], floors["Move"] = 300, 100
				}
				for what, low := range floors {
					assert.GreaterOrEqual(t, got.Done[what], low*families/400, what)
				}
			})
		}
	}
}

// artifacts is a folder that remains.
func artifacts(t *testing.T) string {
	if f := flag.Lookup("test.artifacts"); f != nil && f.Value.String() == "true" {
		return t.ArtifactDir()
	}
	return os.TempDir()
}

// A wrong history is drawn, and a right one is not.
func TestCheckDraws(t *testing.T) {
	f := record(impl.RootPointer, false, 1)
	dir := t.TempDir()
	result, file, err := check(f.history, dir)
	require.NoError(t, err)
	require.Equal(t, porcupine.Ok, result)
	require.Empty(t, file)
	for seed := uint64(2); !tamper(f.history); seed++ {
		f = record(impl.RootPointer, false, seed)
	}
	result, file, err = check(f.history, dir)
	require.NoError(t, err)
	require.Equal(t, porcupine.Illegal, result)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), "<html")
	require.Contains(t, string(text), "Read")
}

// Whatever is wrong with a family is said.
func TestJudgeSays(t *testing.T) {
	wrong := errors.New("out of ideas")
	for _, test := range []struct {
		reason string
		spoil  func(f *recording)
		want   string
	}{
		{"nothing", func(*recording) {}, ""},
		{"a walker's error", func(f *recording) { f.wrong.Store(&wrong) }, "a walker got: out of ideas"},
		{"a value that nobody wrote", func(f *recording) { tamper(f.history) }, "not linearizable (Illegal); the history: "},
		{"an object that is never freed", func(f *recording) { require.NoError(t, keepOne(f)) }, "1 objects leaked"},
	} {
		f := record(impl.RootPointer, false, 7)
		for seed := uint64(8); !hasRead(f); seed++ {
			f = record(impl.RootPointer, false, seed)
		}
		test.spoil(f)
		got := Tally{Done: map[string]int{}}
		problem, err := got.judge(f, t.TempDir())
		require.NoError(t, err)
		if test.want == "" {
			assert.Empty(t, problem)
			continue
		}
		assert.Contains(t, problem, test.want, test.reason)
	}
}

func hasRead(f *recording) bool {
	for _, o := range f.history {
		if o.Input.(call).op == "Read" && o.Output.(reply).err == nil {
			return true
		}
	}
	return false
}

// keepOne pins an object in an address space of its own, and forgets the pin.
func keepOne(f *recording) error {
	m := f.sys.NewAddressSpace()
	var failed error
	for range 100 { // allocations may fail
		if failed = errors.Join(m.Map(0, 1), m.Write(0, 0, []byte{1})); failed == nil {
			_, failed = m.Pin(0)
			return errors.Join(failed, m.Exit())
		}
		_ = m.Unmap(0, 1)
	}
	return failed
}

// Histories that no order explains, and what they would be
// with the operations at the same time.
func TestRejects(t *testing.T) {
	type answer struct {
		in  call
		out reply
	}
	mapIt := answer{in: call{op: "Map", n: 2}}
	fork := answer{call{op: "Fork"}, reply{child: 1}}
	write := func(space int, value byte) answer {
		return answer{in: call{op: "Write", space: space, n: 1, value: value}}
	}
	read := func(space int, start uint32, value byte) answer {
		return answer{call{op: "Read", space: space, start: start, n: 1}, reply{value: value}}
	}
	for _, test := range []struct {
		reason  string
		answers []answer
		atOnce  bool // the same answers are right if the last two operations overlap
	}{
		{"a write is lost", []answer{mapIt, write(0, 1), write(0, 2), read(0, 0, 1)}, true},
		{"a write is not seen", []answer{mapIt, write(0, 1), read(0, 0, 0)}, true},
		{"a child sees what was written after the fork", []answer{mapIt, fork, write(0, 1), read(1, 0, 1)}, false},
		{"a child does not see what was written before the fork", []answer{mapIt, write(0, 1), fork, read(1, 0, 0)}, false},
		{"a parent sees its child's write", []answer{mapIt, fork, write(1, 1), read(0, 0, 1)}, false},
		{"a child is born twice", []answer{mapIt, fork, fork}, false},
		{"bytes stay where they were moved from", []answer{mapIt, write(0, 1), {in: call{op: "Move", n: 1, to: 4}}, read(0, 0, 1)}, true},
		{"moved bytes do not arrive", []answer{mapIt, write(0, 1), {in: call{op: "Move", n: 1, to: 4}}, read(0, 4, 0)}, false},
		{"an area is mapped twice", []answer{mapIt, mapIt}, false},
		{"an exited address space answers", []answer{mapIt, {in: call{op: "Exit"}}, read(0, 0, 0)}, true},
		{"a page outlives its area", []answer{mapIt, write(0, 1), {in: call{op: "Unmap", n: 1}}, {in: call{op: "Page", n: 1}}}, true},
		{"memory runs out in a write that needs none", []answer{mapIt, write(0, 1), {call{op: "Write", n: 1, value: 2}, reply{err: impl.ErrNoMemory}}}, true},
	} {
		t.Run(test.reason, func(t *testing.T) {
			history := make([]porcupine.Operation, len(test.answers))
			for i, a := range test.answers {
				history[i] = porcupine.Operation{ClientId: i, Input: a.in, Output: a.out, Call: int64(2 * i), Return: int64(2*i + 1)}
			}
			require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(registerModel(), history, 0))
			history[len(history)-1].Call = history[len(history)-2].Call
			require.Equal(t, test.atOnce, porcupine.CheckOperations(registerModel(), history))
		})
	}
}
