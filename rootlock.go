// Package rootlock is the root of the module, and embeds what the command line reads of
// testdata: so it works where there is no checkout. The packages to use are impl (a
// reverse map as a library) and those of triangle; README.md has the way through.
package rootlock

import "embed"

// Files holds the ledger, the state graphs, the schedules, the recorded traces and the
// kernel's traces, under their names in the repository.
//
//go:embed testdata/ledger.json testdata/graphs testdata/schedules testdata/traces testdata/kernel-traces
var Files embed.FS

// Law holds the sources of the law and of the page that plays it: package play for the
// browser is compiled from these, with the Go tool and nothing else.
//
//go:embed spec/*.go triangle/law/*.go triangle/explore/*.go
//go:embed internal/watch/*.go internal/picture internal/play
var Law embed.FS
