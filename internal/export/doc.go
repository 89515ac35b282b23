// Package export writes a schedule for others to read: as a TLA+ module that TLC
// replays, as a trace in the Informal Trace Format, as JSON, as a Go test, and as a
// Mermaid sequence diagram for a bug report. It reads a trace in the Informal Trace Format
// back.
package export
