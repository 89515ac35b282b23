package page

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/rootlock/rootlock/internal/picture"
)

var (
	//go:embed overview.html
	overviewMarkup string
	//go:embed verdicts.html
	verdictsMarkup string

	overviewPage = template.Must(template.Must(template.New("overview").Parse(overviewMarkup)).Parse(Legend + verdictsMarkup))
)

// An Overview is the page that leads to those of the kept schedules: what each protocol keeps,
// when it was, and the one step that matters.
type Overview struct {
	Protocols []string
	Verdicts  []VerdictGroup
	Events    []Event
	Before    template.HTML // the world before the step that matters, and after it
	After     template.HTML
	Step      string
	Schedules []Listed
}

// Listed is a schedule with its page.
type Listed struct {
	Name, Link, Protocol, Violated, Story string
	Steps                                 int
}

// Columns is how many columns the table of verdicts has.
func (o *Overview) Columns() int { return 1 + len(o.Protocols) }

type overviewView struct {
	CSS template.CSS
	*Overview
	Timeline template.HTML
}

// Write writes the page.
func (o *Overview) Write(w io.Writer) error {
	return overviewPage.Execute(w, overviewView{template.CSS(CSS + picture.CSS), o, template.HTML(Timeline(o.Events))})
}
