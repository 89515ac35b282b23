package tlc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/rootlock/rootlock/internal/process"
	"github.com/rootlock/rootlock/internal/quote"
)

// Distributed makes a run TLC's own server (tlc2.tool.distributed.TLCServer), which
// hands states to worker processes here and on other machines. A worker may come and
// go at any time; what one that is lost had in hand is done by another. TLC's
// server checks safety only, and its depth and number of generated states depend on
// who was faster.
type Distributed struct {
	Host    string // by which workers find the server; it listens on every network interface all the same
	Port    int    // on which it listens; default: TLC's own, 10997
	Workers int    // worker processes that Run starts on this machine

	// Ready is called once the server takes workers, with the arguments of java that
	// start one wherever the jar is. Joined is called for each thread that a worker
	// brings. Lost is called when a worker that Run started ends before the work does.
	// All may be nil; they are not called at once, and not after Run has returned.
	Ready  func(arguments []string)
	Joined func()
	Lost   func(err error)
}

const defaultPort = 10997

// hostName is what names or addresses consist of: nothing that a command line takes apart.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._:-]{0,250}[A-Za-z0-9])?$|^::1?$`)

// CheckHost says why a host cannot be one by which workers find the server.
func CheckHost(ctx context.Context, host string) error {
	if !hostName.MatchString(host) {
		return fmt.Errorf("%q is not the name or the address of a host: letters, digits, dots, colons and hyphens", quote.Clip(host))
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return fmt.Errorf("no address is known for %q (%w): give the name or the address of this machine", host, err)
	}
	return nil
}

// Listens says where the server listens, and who can connect.
func (d *Distributed) Listens() string {
	port := d.Port
	if port == 0 {
		port = defaultPort
	}
	return fmt.Sprintf("it listens on port %d and on one that Java chooses, on every network interface of this machine, and asks for no password: a worker of somebody else can give false answers; a firewall must keep others out", port)
}

func (d *Distributed) check(o *Options) error {
	switch {
	case !hostName.MatchString(d.Host):
		return fmt.Errorf("%q is not the name or the address of a host", quote.Clip(d.Host))
	case o.Simulate != nil || o.DumpDOT != "":
		return errors.New("TLC's server neither simulates nor dumps the state graph")
	case d.Workers < 0 || d.Port < 0 || d.Port > 65535:
		return fmt.Errorf("a distributed run with %d workers, port %d", d.Workers, d.Port)
	}
	return nil
}

// properties are what java must be told on either side.
func (d *Distributed) properties() []string {
	port := d.Port
	if port == 0 {
		port = defaultPort
	}
	return []string{"-Djava.rmi.server.hostname=" + d.Host, "-Dtlc2.tool.distributed.TLCServer.port=" + strconv.Itoa(port)}
}

// workerArguments start a worker, with the jar at the given place. Its own
// address is what RMI finds out, but on this machine alone.
func (d *Distributed) workerArguments(jar string) []string {
	args := d.properties()
	if d.Host != "localhost" {
		args = args[1:]
	}
	return append(args, "-cp", jar, "tlc2.tool.distributed.TLCWorker", d.Host)
}

// workers are the worker processes of one run.
type workers struct {
	options *Options
	dir     string
	ctx     context.Context
	cancel  context.CancelFunc
	group   sync.WaitGroup
	mu      sync.Mutex // one callback at a time
	done    bool       // the work is: no more callbacks
}

func newWorkers(ctx context.Context, o *Options, dir string) *workers {
	w := &workers{options: o, dir: dir}
	w.ctx, w.cancel = context.WithCancel(ctx)
	return w
}

// message follows what the server says of its workers.
func (w *workers) message(code int) {
	d := w.options.Distributed
	w.mu.Lock()
	defer w.mu.Unlock()
	switch code {
	case codeServerReady:
		if d.Ready != nil {
			d.Ready(d.workerArguments(filepath.Base(w.options.Installation.Jar)))
		}
		for i := range d.Workers {
			w.group.Go(func() { w.run(i) })
		}
	case codeWorkerJoined:
		if d.Joined != nil {
			d.Joined()
		}
	case codeSuccess, codeFinished:
		w.done = true
	}
}

// run is one worker process on this machine.
func (w *workers) run(i int) {
	temp := filepath.Join(w.dir, fmt.Sprintf("worker%d", i))
	err := os.Mkdir(temp, 0o700)
	if err == nil {
		args := append([]string{"-Djava.io.tmpdir=" + temp}, w.options.Distributed.workerArguments(w.options.Installation.Jar)...)
		cmd := exec.CommandContext(w.ctx, w.options.Installation.Java, args...)
		cmd.Dir = temp
		err = process.Run(cmd)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if lost := w.options.Distributed.Lost; lost != nil && !w.done && w.ctx.Err() == nil {
		lost(err)
	}
}

// stop ends the workers that are still there.
func (w *workers) stop() {
	w.cancel()
	w.group.Wait()
}
