// Package trace holds the module by which TLC follows traces of the implementation,
// and embeds it. It stands beside the law and not in it: what TLC answered for a
// model of tla/ does not depend on it.
package trace

import _ "embed"

// Module is Trace.tla.
//
//go:embed Trace.tla
var Module []byte

// Placeholder is the module in its EXTENDS that stands for any MC<Protocol>.
const Placeholder = "MCRootPointer"
