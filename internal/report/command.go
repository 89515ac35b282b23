package report

import (
	"fmt"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/internal/watch"
	"github.com/rootlock/rootlock/spec"
)

// Program is how the command line is called: in a checkout, as it is there.
var Program = "go run ./cmd/rootlock"

// Command is the complete line that replays a schedule: nothing else is needed
// to see it again. Bounds stand in it unless m has a name.
func Command(m *spec.Model, sch spec.Schedule) string {
	return Program + " replay " + ModelFlags(m) + " '" + m.FormatSchedule(sch) + "'"
}

// ClaimCommand is Command for a schedule that breaks a claim: it names the claim
// if the replay would else be about another one that the schedule breaks too.
func ClaimCommand(m *spec.Model, sch spec.Schedule, claim string) string {
	w, err := watch.Observe(m, sch)
	if err != nil {
		return Command(m, sch)
	}
	if b := watch.Chief(w.Breaks(), len(sch), ""); b != nil && b.Claim == claim || b == nil && spec.IsTemporal(claim) && asksForWalks(m) {
		return Command(m, sch)
	}
	return Program + " replay " + ModelFlags(m) + " --claim " + claim + " '" + m.FormatSchedule(sch) + "'"
}

// asksForWalks reports whether m is a model of tla/ that asks for termination.
func asksForWalks(m *spec.Model) bool {
	named, err := models.Find(m.Protocol, m.Name)
	return err == nil && named.Bounds == m.Bounds && named.Live()
}

// ModelFlags are the flags that name m on the command line.
func ModelFlags(m *spec.Model) string {
	flags := "--protocol " + m.Protocol.String()
	if named, err := models.Find(m.Protocol, m.Name); err == nil && named.Bounds == m.Bounds {
		return flags + " --model " + m.Name
	}
	return flags + " " + BoundFlags(m.Bounds)
}

// BoundFlags are the flags that give bounds.
func BoundFlags(b spec.Bounds) string {
	words := []string{}
	for _, f := range []struct {
		name  string
		value int
	}{{"mms", b.MMs}, {"vmas", b.VMAs}, {"objects", b.Objects}, {"pages", b.Pages}, {"walkers", b.Walkers}, {"slots", b.Slots},
		{"mm-ops", b.MMOps}, {"walker-ops", b.WalkerOps}} {
		words = append(words, fmt.Sprintf("--%s %d", f.name, f.value))
	}
	if b.Prots > 0 {
		words = append(words, fmt.Sprintf("--prots %d", b.Prots))
	}
	if b.Faulters > 0 {
		words = append(words, fmt.Sprintf("--faulters %d", b.Faulters))
	}
	if b.Failures {
		words = append(words, "--failures")
	}
	return strings.Join(append(words, "--layout "+b.Layout.String(), "--ops "+b.Ops.String()), " ")
}
