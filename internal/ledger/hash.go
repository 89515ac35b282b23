package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/tla"
)

// HashOf is the SHA-256 of what a model is made of: of the modules and the configuration
// that TLC reads, comments and blanks aside; or, for a model that is not in tla/, of its
// bounds.
func HashOf(m *models.Model) (string, error) {
	if m.InTLA() {
		return Hash(tla.FS, m.Config.String(), m.Protocol.String(), m.Page())
	}
	sum := sha256.Sum256([]byte(m.Bounds.String()))
	return hex.EncodeToString(sum[:]), nil
}

// Hash is the SHA-256 of the modules of a protocol, which may have several pages, and of
// one configuration: of all that TLC reads for one model. A comment may change.
func Hash(files fs.FS, config string, pages ...string) (string, error) {
	names, err := fs.Glob(files, "*.tla")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	read := 0
	for _, name := range names {
		if foreign(strings.TrimSuffix(name, ".tla"), pages, names) {
			continue
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		text := bareOnce(string(data))
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
		read++
	}
	if read == 0 {
		return "", fmt.Errorf("rootlock: no TLA+ modules for %s", strings.Join(pages, ", "))
	}
	fmt.Fprintf(h, "%d\n%s", len(config), config)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// bareOnce is bare, which many models ask of the same modules.
func bareOnce(text string) string {
	known, ok := bared.Load(text)
	if !ok {
		known, _ = bared.LoadOrStore(text, bare(text))
	}
	return known.(string)
}

var bared sync.Map // text -> text

// bare is a TLA+ text without comments, theorems, which TLC does not read, blanks at the
// ends of lines, and empty lines. The other blanks mean something: a conjunction list is
// aligned.
func bare(text string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case depth == 0 && !quoted && strings.HasPrefix(rest, "\\*"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			i += end - 1
		case !quoted && strings.HasPrefix(rest, "(*"):
			depth++
			i++
		case depth > 0 && strings.HasPrefix(rest, "*)"):
			depth--
			i++
		case depth > 0:
		default:
			if text[i] == '"' && (i == 0 || text[i-1] != '\\') {
				quoted = !quoted
			}
			b.WriteByte(text[i])
		}
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" && !strings.HasPrefix(line, "THEOREM ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// foreign reports whether a module is another protocol's: one that has an MC
// module of its own, or that MC module.
func foreign(module string, pages, names []string) bool {
	other := strings.TrimPrefix(module, "MC")
	if slices.Contains(pages, other) {
		return false
	}
	for _, name := range names {
		if name == "MC"+other+".tla" {
			return true
		}
	}
	return false
}
