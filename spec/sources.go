package spec

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
	"sync"
)

//go:embed *.go
var sources embed.FS

// Sources is the SHA-256 of this package's source files, without its tests and without
// comments: the law and the explorer that an answer came from.
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
		fmt.Fprintf(h, "%s\n", f.Name())
		var s scanner.Scanner
		set := token.NewFileSet()
		s.Init(set.AddFile(f.Name(), set.Base(), len(data)), data, nil, 0)
		for {
			_, tok, text := s.Scan()
			if tok == token.EOF {
				break
			}
			fmt.Fprintf(h, "%s %q\n", tok, text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
})
