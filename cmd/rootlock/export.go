package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/export"
	"github.com/rootlock/rootlock/internal/quote"
)

type exportCmd struct {
	scheduleArgs
	As string `required:"" placeholder:"FORMAT" help:"tla: a module and configuration that TLC replays (txtar). itf: every state, in the Informal Trace Format of Apalache and Quint; name the file *.itf.json, and replay reads it. json: every step, and what it changes. go: a test for properties/. mermaid: a sequence diagram."`
}

// Run writes the schedule to standard output.
func (c *exportCmd) Run(a *app) error {
	if !slices.Contains(export.Formats(), c.As) {
		return fmt.Errorf("--as %s: the formats are %s", quote.Line(c.As), strings.Join(export.Formats(), ", "))
	}
	l, err := c.load()
	if err != nil {
		return err
	}
	if l.parted != nil {
		return l.parted
	}
	s := export.Schedule{Model: l.m, Moves: l.sch, Break: l.chief}
	data, err := s.As(c.As)
	if err != nil {
		return err
	}
	if l.rejected != nil {
		a.fault(fmt.Errorf("%w; what is exported ends there, after %d steps", l.rejected, len(l.sch)))
	}
	if a.json { // the one object is the export
		if l.rejected != nil {
			return errFails
		}
		if c.As != "json" && c.As != "itf" {
			return a.write(exported{true, c.As, string(data)})
		}
		return a.write(json.RawMessage(data))
	}
	if _, err = a.stdout.Write(data); err == nil && l.rejected != nil {
		return errFails
	}
	return err
}

// exported is the JSON object of an export that is none itself.
type exported struct {
	OK     bool   `json:"ok"`
	Format string `json:"format"`
	Text   string `json:"text"`
}
