package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/tla"
)

// HashOf is the SHA-256 of what a model is made of: of all that TLC reads, or,
// for a model that is not in tla/, of its bounds.
func HashOf(m *models.Model) (string, error) {
	if m.InTLA() {
		return Hash(tla.FS, m.Protocol.String(), m.File)
	}
	sum := sha256.Sum256([]byte(m.Bounds.String()))
	return hex.EncodeToString(sum[:]), nil
}

// Hash is the SHA-256 of the modules of a protocol and of one configuration: of
// all that TLC reads for one model.
func Hash(files fs.FS, protocol, config string) (string, error) {
	names, err := fs.Glob(files, "*.tla")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	read := 0
	for _, name := range append(names, config) {
		module, isModule := strings.CutSuffix(name, ".tla")
		if isModule && foreign(module, protocol, names) {
			continue
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(data))
		h.Write(data)
		read++
	}
	if read < 2 {
		return "", fmt.Errorf("rootlock: no TLA+ modules for %s", protocol)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// foreign reports whether a module is another protocol's: one that has an MC
// module of its own, or that MC module.
func foreign(module, protocol string, names []string) bool {
	other := strings.TrimPrefix(module, "MC")
	if other == protocol {
		return false
	}
	for _, name := range names {
		if name == "MC"+other+".tla" {
			return true
		}
	}
	return false
}
