// Package export writes a schedule for others to read: a TLA+ module that TLC replays, a
// trace in the Informal Trace Format, JSON, a Go test, a picture, or a Mermaid sequence
// diagram for a bug report. It also reads a trace in the Informal Trace Format.
package export
