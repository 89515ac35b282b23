package engine

import (
	"slices"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// OnRecord follows an engine's name where its answer is an earlier one, of the ledger.
const OnRecord = " on record"

// A Cell of the verdict table: what all engines say of one claim of one protocol.
type Cell struct {
	Verdict  Verdict
	Engines  []string   // that say so
	Shortest *Violation // the shortest counterexample, one with a schedule if there are several; nil if there is none
	Model    string     // of that
}

// shorter reports whether a counterexample is to stand for a claim instead of the one that
// does: it has fewer steps, from a start that is not in the middle of things (layout
// Forked), or a schedule.
func shorter(r *Result, w *Violation, cell *Cell, p spec.Protocol) bool {
	if a, b := forked(p, r.Model), forked(p, cell.Model); a != b {
		return b
	}
	return w.Length < cell.Shortest.Length || w.Length == cell.Shortest.Length && cell.Shortest.Schedule == ""
}

func forked(p spec.Protocol, model string) bool {
	m, err := models.Find(p, model)
	return err == nil && m.Layout == spec.LayoutForked
}

// CellOf is over the results of p on c, if p is asked. One violation makes a claim violated. A model
// without fairness says nothing of walks that do not end.
func CellOf(list []*Result, p spec.Protocol, c spec.Claim) Cell {
	return cellOf(list, p, c, c.String())
}

// RefinementCell is CellOf for [Refinement], which is asked where MutualExclusion is.
func RefinementCell(list []*Result, p spec.Protocol) Cell {
	return cellOf(list, p, spec.MutualExclusion, Refinement)
}

// cellOf is the cell of the claim that is called so; c tells whether p is asked.
func cellOf(list []*Result, p spec.Protocol, c spec.Claim, name string) Cell {
	if !p.Asks(c) {
		return Cell{Verdict: NotAsked}
	}
	cell := Cell{Verdict: NotChecked}
	for _, r := range list {
		v := r.Claims[name]
		if r.Protocol != p.String() || v == NotChecked || v == "" || c.Temporal() && r.Model == models.Unfair {
			continue
		}
		if v != cell.Verdict && cell.Verdict != Violated {
			cell.Verdict, cell.Engines = v, nil
		}
		if v == cell.Verdict && !slices.Contains(cell.Engines, r.Engine) {
			cell.Engines = append(cell.Engines, r.Engine)
		}
		if w := r.Violation(name); w != nil && (cell.Shortest == nil || shorter(r, w, &cell, p)) {
			cell.Shortest, cell.Model = w, r.Model
			if w.Model != "" {
				cell.Model = w.Model
			}
		}
	}
	return cell
}
