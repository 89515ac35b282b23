package tlc

import (
	"bytes"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/internal/deep"
)

// freePort is one that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().(*net.TCPAddr).Port
}

// A counter of three digits: n*n*n states.
func cube(n string) map[string][]byte {
	return map[string][]byte{
		"Cube.tla": []byte(`---- MODULE Cube ----
EXTENDS Naturals
VARIABLES x, y, z
Init == x = 0 /\ y = 0 /\ z = 0
Next == \/ x < ` + n + ` /\ x' = x + 1 /\ UNCHANGED <<y, z>>
        \/ y < ` + n + ` /\ y' = y + 1 /\ UNCHANGED <<x, z>>
        \/ z < ` + n + ` /\ z' = z + 1 /\ UNCHANGED <<x, y>>
        \/ x + y + z = 3 * ` + n + ` /\ UNCHANGED <<x, y, z>>
Small == x + y + z <= 3 * ` + n + `
====
`),
		"Cube.cfg": []byte("INIT Init\nNEXT Next\nINVARIANT Small\n"),
	}
}

// A server and two workers on the loopback find the same states as one process.
func TestDistributed(t *testing.T) {
	if !deep.Asked() {
		t.Skip("three starts of Java; " + deep.Variable + "=1 asks for it")
	}
	const workers = 2
	joined := 0
	var command []string
	r, err := Run(t.Context(), Options{Installation: Need(t), Overlay: cube("15"), Module: "Cube", JVM: quickStart, TimeLimit: 2 * time.Minute,
		Distributed: &Distributed{Host: "localhost", Port: freePort(t), Workers: workers, Ready: func(args []string) { command = args }, Joined: func() { joined++ }}})
	require.NoError(t, err)
	assert.Equal(t, Holds, r.Verdict)
	assert.EqualValues(t, 16*16*16, r.Distinct)
	assert.GreaterOrEqual(t, joined, workers, "threads of the workers")
	require.NotEmpty(t, command)
	assert.Equal(t, "localhost", command[len(command)-1])
}

// A worker that is killed in the middle costs no state: its work is done by the other.
func TestDistributedLosesAWorker(t *testing.T) {
	if !deep.Asked() {
		t.Skip("ten seconds; " + deep.Variable + "=1 asks for it")
	}
	in := Need(t)
	d := &Distributed{Host: "localhost", Port: freePort(t), Workers: 1}
	var victim *exec.Cmd
	d.Ready = func([]string) {
		victim = exec.Command(in.Java, append([]string{"-Djava.io.tmpdir=" + t.TempDir()}, d.workerArguments(in.Jar)...)...)
		require.NoError(t, victim.Start())
	}
	killed := false
	joined := 0
	d.Joined = func() {
		if joined++; joined > 2 && !killed { // both are at work
			killed = true
			time.AfterFunc(300*time.Millisecond, func() { _ = victim.Process.Kill() })
		}
	}
	r, err := Run(t.Context(), Options{Installation: in, Overlay: cube("45"), Module: "Cube", TimeLimit: 5 * time.Minute, Distributed: d})
	require.NoError(t, err)
	assert.True(t, killed, "the second worker never came")
	assert.ErrorContains(t, victim.Wait(), "killed")
	assert.Equal(t, Holds, r.Verdict)
	assert.EqualValues(t, 46*46*46, r.Distinct)
}

// TLC's server does not name what is violated: we do not guess.
func TestDistributedViolation(t *testing.T) {
	if !deep.Asked() {
		t.Skip("two more starts of Java; " + deep.Variable + "=1 asks for it")
	}
	files := cube("3")
	files["Cube.tla"] = bytes.Replace(files["Cube.tla"], []byte("<= 3 * 3"), []byte("<= 5"), 1)
	r, err := Run(t.Context(), Options{Installation: Need(t), Overlay: files, Module: "Cube", JVM: quickStart, TimeLimit: time.Minute,
		Distributed: &Distributed{Host: "localhost", Port: freePort(t), Workers: 1}})
	require.ErrorContains(t, err, "TLC's server does not say what: ask again without it")
	assert.Equal(t, Unknown, r.Verdict)
}

func TestDistributedIsSafetyOnly(t *testing.T) {
	in := Installation{Java: "java", Jar: "tla2tools.jar"}
	files := cube("2")
	files["Cube.cfg"] = append(files["Cube.cfg"], "PROPERTY Small\n"...)
	_, err := Run(t.Context(), Options{Installation: in, Overlay: files, Module: "Cube", Distributed: &Distributed{Host: "localhost"}})
	assert.ErrorContains(t, err, "checks safety only, and the configuration has temporal properties: Small")
	_, err = Run(t.Context(), Options{Installation: in, Overlay: cube("2"), Module: "Cube", DumpDOT: "x.dot", Distributed: &Distributed{Host: "localhost"}})
	assert.ErrorContains(t, err, "neither simulates nor dumps")
	_, err = Run(t.Context(), Options{Installation: in, Overlay: cube("2"), Module: "Cube", Distributed: &Distributed{Host: "localhost", Port: 70000}})
	assert.ErrorContains(t, err, "port 70000")
}

// The host is said, for the server listens everywhere; and it is one word on any command
// line.
func TestDistributedHost(t *testing.T) {
	in := Installation{Java: "java", Jar: "tla2tools.jar"}
	for _, host := range []string{"", "two words", "-Dx=y", "a;b", "a\nb", "$(x)", "ä"} {
		_, err := Run(t.Context(), Options{Installation: in, Overlay: cube("2"), Module: "Cube", Distributed: &Distributed{Host: host}})
		assert.ErrorContains(t, err, "is not the name or the address of a host", host)
		assert.ErrorContains(t, CheckHost(t.Context(), host), "is not the name or the address of a host", host)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		assert.NoError(t, CheckHost(t.Context(), host))
	}
	assert.ErrorContains(t, CheckHost(t.Context(), "no.such.host.invalid"), "no address is known for")
	assert.Contains(t, (&Distributed{}).Listens(), "port 10997 and on one that Java chooses, on every network interface")
}
