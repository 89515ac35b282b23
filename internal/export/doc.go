// Package export writes a schedule for others to read: as a TLA+ module that TLC
// replays, as JSON, as a Go test, and as a Mermaid sequence diagram for a bug report.
package export
