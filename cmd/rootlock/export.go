package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rootlock/rootlock/internal/export"
)

type exportCmd struct {
	scheduleArgs
	As string `required:"" placeholder:"FORMAT" help:"tla: a module and configuration that TLC replays (txtar). json. go: a test for properties/. mermaid: a sequence diagram."`
}

// Run writes the schedule to standard output.
func (c *exportCmd) Run(a *app) error {
	if !slices.Contains(export.Formats(), c.As) {
		return fmt.Errorf("--as %s: the formats are %s", c.As, strings.Join(export.Formats(), ", "))
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
	_, err = a.stdout.Write(data)
	return err
}
