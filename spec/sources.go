package spec

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
)

//go:embed *.go
var sources embed.FS

// Sources is the SHA-256 of this package's source files, without its tests: the law
// and the explorer that an answer came from.
var Sources = sync.OnceValue(func() string {
	files, err := sources.ReadDir(".")
	if err != nil {
		panic(err)
	}
	h := sha256.New()
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		data, err := sources.ReadFile(f.Name())
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(h, "%s %d\n", f.Name(), len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))
})
