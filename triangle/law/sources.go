package law

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"strings"
)

// Sources is [HashSources] of an embedded package: an answer that is remembered says which
// code it came from.
func Sources(files embed.FS) string {
	hash, err := HashSources(files)
	if err != nil {
		panic(err) // what is embedded can be read
	}
	return hash
}

// HashSources is the SHA-256 of the Go files of a package's folder, without its tests and
// without comments: it tells whether a program was built of a folder as it is now.
func HashSources(files fs.FS) (string, error) {
	list, err := fs.ReadDir(files, ".")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range list {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		data, err := fs.ReadFile(files, f.Name())
		if err != nil {
			return "", err
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
	return hex.EncodeToString(h.Sum(nil)), nil
}
