package page

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/rootlock/rootlock/internal/quote"
)

var (
	//go:embed check.html
	checkMarkup string

	checkPage = template.Must(template.New("check").Parse(checkMarkup))
)

// A Check is what the page of a whole check shows.
type Check struct {
	OK          bool
	Cut         string   // why it is not the whole check
	Summary     string   // one line
	Differences []string // from what was expected

	Protocols []string
	Key       string // how the verdicts are read
	Verdicts  []VerdictRow
	Steps     []StepRow
	Coverage  []CoverageRow
	Museum    []KillRow
	NoMuseum  string // why the museum was not shown
	Engines   []string
	Charts    []Chart
	Results   []ResultRow
	Skipped   []string
}

// VerdictRow is a claim, with a cell for each protocol.
type VerdictRow struct {
	Claim string
	Cells []VerdictCell
}

// VerdictCell is what was found, by whom; Link is the page of the counterexample.
type VerdictCell struct {
	Violated         bool
	Text, By, Link   string
	Conjunct, Values string
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
