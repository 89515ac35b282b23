package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/rootlock/rootlock/internal/quote"
)

var (
	//go:embed check.html
	checkMarkup string

	checkPage = template.Must(template.Must(template.New("check").Parse(checkMarkup)).Parse(verdictsMarkup))
)

// A Check is what the page of a whole check shows.
type Check struct {
	OK          bool
	Cut         string   // why it is not the whole check
	Summary     string   // one line
	Differences []string // from what was expected
	NoTLC       string   // why TLC did not run, if it did not

	Protocols []string
	Verdicts  []VerdictGroup
	Steps     []StepRow
	Coverage  []CoverageRow
	Museum    []KillRow
	NoMuseum  string // why the museum was not shown
	Engines   []string
	Charts    []Chart
	Results   []ResultRow
	Skipped   []string // what was not done, and why
}

// VerdictGroup is the claims of one kind.
type VerdictGroup struct {
	Title string
	Rows  []VerdictRow
}

// VerdictRow is a claim, with a cell for each protocol.
type VerdictRow struct {
	Claim, Meaning string
	Cells          []VerdictCell
}

// VerdictCell is what was found, by whom; Link is the page of the counterexample.
type VerdictCell struct {
	Kind             CellKind
	Text, By, Link   string
	Conjunct, Values string
}

// A CellKind is how a cell looks.
type CellKind string

const (
	Broken  CellKind = "broken"
	Holds   CellKind = "holds"
	Unasked CellKind = "unasked"
	Unknown CellKind = "unknown" // nobody has checked
)

// Title says in one line what was found.
func (c *Check) Title() string {
	claims, broken := 0, 0
	for _, g := range c.Verdicts {
		claims += len(g.Rows)
		for _, r := range g.Rows {
			for _, cell := range r.Cells {
				if cell.Kind == Broken {
					broken++
				}
			}
		}
	}
	text := fmt.Sprintf("%s, %s: %s broken", counted(len(c.Protocols), "protocol"), counted(claims, "claim"), counted(broken, "cell"))
	switch n := len(c.Differences); {
	case n > 0:
		text += fmt.Sprintf(". %s from the ledger", counted(n, "difference"))
	case c.Cut != "":
		text += ", all known"
	case !c.OK:
		text += ". Not all is as the ledger says"
	default:
		text += ", all known. Nothing has changed since the ledger"
	}
	if c.Cut != "" {
		text = "Not the whole check (" + c.Cut + "). So far: " + text
	}
	return text
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// StepRow is a step, with how often each protocol's explored models took it; "" where it
// is no step of the protocol.
type StepRow struct {
	Step, Does string
	Taken      []string
}

// CoverageRow is what a protocol's random search exercised.
type CoverageRow struct {
	Protocol, Steps, Pairs, Guards, Missed string
}

// KillRow is an entry of the museum and a claim, with what each engine said.
type KillRow struct {
	Entry, Kind, Model, Claim, Title string
	Cells                            []string
	Unexpected                       bool
}

// ResultRow is one engine's result in one model.
type ResultRow struct {
	Engine, Model, Did, Verdict, Bound string
	Unexpected                         bool
}

type checkView struct {
	CSS template.CSS
	*Check
	Plots []plotted
}

type plotted struct {
	Chart
	SVG template.HTML
}

// Columns is how many columns the table of verdicts has.
func (c *Check) Columns() int { return 1 + len(c.Protocols) }

// Write writes the page.
func (c *Check) Write(w io.Writer) error {
	v := checkView{CSS: template.CSS(CSS), Check: c}
	for _, chart := range c.Charts {
		svg, err := chart.SVG()
		if err != nil {
			return err
		}
		if svg != "" {
			v.Plots = append(v.Plots, plotted{chart, svg})
		}
	}
	q := quote.NewWriter(w, false) // names and stories are others'
	if err := checkPage.Execute(q, &v); err != nil {
		return err
	}
	return q.Close()
}
