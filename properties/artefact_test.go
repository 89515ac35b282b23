package properties

import (
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/internal/report"
	"github.com/rootlock/rootlock/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// artefact is what a failure leaves to look at: lanes, the claim with its false
// conjunct and values, and the command that replays it.
func artefact(m *spec.Model, f *hunt.Failure) string {
	var out strings.Builder
	b := &report.Break{Claim: f.Claim.String(), Conjunct: f.Conjunct, Values: f.Values}
	if f.Divergence != nil {
		b = nil
	}
	if err := report.Lanes(&out, m, f.Schedule, b, report.Plain); err != nil {
		out.WriteString(err.Error() + "\n")
	}
	if b == nil {
		out.WriteString(f.Divergence.Error() + "\nreplay: " + report.Command(m, f.Schedule) + "\n")
		return out.String()
	}
	b.Tell(&out, report.Plain)
	out.WriteString("replay: " + report.ClaimCommand(m, f.Schedule, b.Claim) + "\n")
	return out.String()
}
