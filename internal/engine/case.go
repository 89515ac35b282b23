package engine

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/rootlock/rootlock/internal/quote"
)

// A Case is a schedule worth keeping: testdata/schedules/*.txtar. Its comment is
// the story; section "case" has lines "protocol: P", "model: M" and, if a claim
// is to break, "violated: C"; section "schedule" has the moves.
type Case struct {
	Story, Protocol, Model, Violated, Schedule string
}

// ParseCase reads a case; name is for messages.
func ParseCase(name string, archive *txtar.Archive) (*Case, error) {
	c := &Case{Story: strings.TrimSpace(string(archive.Comment))}
	fail := func(format string, args ...any) (*Case, error) {
		return nil, fmt.Errorf("rootlock: reading schedule %q: %s; see testdata/schedules/README.md for the form", quote.Clip(name), fmt.Sprintf(format, quote.Each(args)...))
	}
	seen := map[string]bool{}
	for _, f := range archive.Files {
		if seen[f.Name] {
			return fail("section %s stands there twice", f.Name)
		}
		seen[f.Name] = true
		switch f.Name {
		case "schedule":
			c.Schedule = string(f.Data)
		case "case":
			for i, line := range strings.Split(strings.TrimSpace(string(f.Data)), "\n") {
				key, value, ok := strings.Cut(line, ":")
				to := map[string]*string{"protocol": &c.Protocol, "model": &c.Model, "violated": &c.Violated}[strings.TrimSpace(key)]
				if !ok || to == nil {
					return fail("section case, line %d: %q: want protocol:, model: or violated:", i+1, line)
				}
				*to = strings.TrimSpace(value)
			}
		default:
			return fail("unknown section %q", f.Name)
		}
	}
	switch {
	case c.Schedule == "":
		return fail("it has no section schedule (is it a txtar file, and whole?)")
	case c.Protocol == "" || c.Model == "":
		return fail("section case must name protocol and model")
	case c.Story == "":
		return fail("it tells no story: a case opens with prose")
	}
	return c, nil
}

// Text is the case as a file.
func (c *Case) Text() []byte {
	head := fmt.Sprintf("protocol: %s\nmodel: %s\n", c.Protocol, c.Model)
	if c.Violated != "" {
		head += fmt.Sprintf("violated: %s\n", c.Violated)
	}
	return txtar.Format(&txtar.Archive{Comment: []byte(c.Story + "\n"), Files: []txtar.File{
		{Name: "case", Data: []byte(head)}, {Name: "schedule", Data: []byte(c.Schedule + "\n")}}})
}
