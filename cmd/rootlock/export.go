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
	As string `required:"" placeholder:"FORMAT" help:"tla: a module and configuration that TLC replays (txtar). itf: every state, in the Informal Trace Format of Apalache and Quint; name the file *.itf.json, and replay reads it. json: every step, and what it changes. go: a test for properties/. mermaid: a sequence diagram. svg: a picture."`
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
	switch {
	case !a.json:
		_, err = a.stdout.Write(data)
	case c.As == "json", c.As == "itf": // the one object is the export
		err = a.write(json.RawMessage(data))
	default:
		err = a.write(exported{true, c.As, string(data)})
	}
	if err != nil || l.rejected == nil {
		return err
	}
	a.fault(fmt.Errorf("%w; what is exported ends there, at step %d", l.rejected, len(l.sch)))
	return errFails
}

// exported is the JSON object of an export that is none itself.
type exported struct {
	OK     bool   `json:"ok"`
	Format string `json:"format"`
	Text   string `json:"text"`
}
