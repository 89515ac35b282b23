package main

// play: the law in a browser.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/rootlock/rootlock/internal/atomicfile"
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/play"
	"github.com/rootlock/rootlock/internal/site"
)

type playCmd struct {
	Schedule string `arg:"" optional:"" help:"A schedule to begin with: as for replay."`
	Protocol string `help:"Protocol; needed for a schedule, unless its file names it."`
	boundFlags
	Out  string `placeholder:"DIR" help:"Write the folder and serve nothing. Open its index.html in a browser, or put the folder on any web server."`
	Port int    `placeholder:"N" help:"Port on this machine to serve on; by default any that is free."`
}

// played is the JSON object of play.
type played struct {
	OK     bool   `json:"ok"`
	URL    string `json:"url,omitempty"`
	Folder string `json:"folder,omitempty"`
}

// Run writes the folder, or serves it on this machine until it is interrupted.
func (c *playCmd) Run(a *app) error {
	if c.Port < 0 || c.Port > 65535 {
		return fmt.Errorf("--port is %d; a port is a number from 1 to 65535", c.Port)
	}
	at, more, err := c.place()
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := folder(c.Out); err != nil {
			return err
		}
	}
	s, err := site.New(more...)
	if err != nil {
		return err
	}
	files, err := s.Files(a.ctx, func() {
		fmt.Fprintln(a.stderr, "rootlock: compiling the law for the browser; this takes up to a minute, once")
	})
	if err != nil {
		return err
	}
	fragment := ""
	if at != nil {
		fragment = "#" + site.Fragment(*at)
	}
	if c.Out != "" {
		for name, data := range files {
			if err := atomicfile.Write(a.ctx, filepath.Join(c.Out, name), data); err != nil {
				return err
			}
		}
		a.printf("written: open %s%s in a browser, or put the folder on a web server\n", filepath.Join(c.Out, "index.html"), fragment)
		return a.write(played{OK: true, Folder: c.Out})
	}
	return c.serve(a, files, fragment)
}

// place is where the schedule begins, nil if there is none, and its model if that has
// bounds of its own.
func (c *playCmd) place() (*play.Place, []*models.Model, error) {
	if c.Schedule == "" {
		if c.Protocol != "" || c.Model != "" || c.bounded() {
			return nil, nil, errors.New("--protocol, --model and bounds belong to a schedule; without one, choose in the page")
		}
		return nil, nil, nil
	}
	args := scheduleArgs{Schedule: c.Schedule, Protocol: c.Protocol, boundFlags: c.boundFlags}
	l, err := args.load()
	if err != nil {
		return nil, nil, err
	}
	at := &play.Place{Protocol: l.m.Protocol.String(), Model: l.m.Name, Schedule: l.m.FormatSchedule(l.sch)}
	if named, err := models.Find(l.m.Protocol, l.m.Name); err == nil && named.Bounds == l.m.Bounds {
		return at, nil, nil
	}
	return at, []*models.Model{l.m}, nil
}

// folder makes a folder for the files, if there is none.
func folder(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return fmt.Errorf("--out %s: %w; name a folder that can be written to", path, err)
	}
	return nil
}

// serve serves the files on this machine only.
func (c *playCmd) serve(a *app, files map[string][]byte, fragment string) error {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port))
	if err != nil {
		return fmt.Errorf("serving the page: %w; name a port that is free with --port, or write the folder with --out DIR", err)
	}
	began := time.Now()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[1:]
		if name == "" {
			name = "index.html"
		}
		data, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, name, began, bytes.NewReader(data))
	})}
	url := "http://" + listener.Addr().String() + "/" + fragment
	if a.json {
		fmt.Fprintf(a.stderr, "rootlock: %s\n", url)
	}
	a.printf("open %s in a browser; Ctrl-C ends\n", url)
	stopped := context.AfterFunc(a.ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return a.write(played{OK: true, URL: url})
}
