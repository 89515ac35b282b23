package spec

import (
	"embed"
	"sync"

	"github.com/rootlock/rootlock/triangle/law"
)

//go:embed *.go
var sources embed.FS

// Sources is the hash of this package's source files: see [law.Sources].
var Sources = sync.OnceValue(func() string { return law.Sources(sources) })
