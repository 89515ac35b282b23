package properties

import (
	"strconv"

	"github.com/rootlock/rootlock/internal/hunt"
	"github.com/rootlock/rootlock/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// artefact is what a failure leaves to look at.
func artefact(m *spec.Model, f *hunt.Failure) string {
	return m.FormatSchedule(f.Schedule)
}
