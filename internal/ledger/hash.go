package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
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
		return Hash(tla.FS, m.Config.String(), m.Module())
	}
	sum := sha256.Sum256([]byte(m.Bounds.String()))
	return hex.EncodeToString(sum[:]), nil
}

// Hash is the SHA-256 of a root module, of the modules that it extends or instantiates,
// and those in turn, and of one configuration: of all that TLC reads for one model. A
// comment may change.
func Hash(files fs.FS, config, module string) (string, error) {
	read := map[string]string{} // file -> text
	if err := reach(files, module, read); err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(read)) {
		fmt.Fprintf(h, "%s %d\n%s", name, len(read[name]), read[name])
	}
	fmt.Fprintf(h, "%d\n%s", len(config), config)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// reach reads a module and what it leads to. What is not among the files is TLC's own.
func reach(files fs.FS, module string, read map[string]string) error {
	name := module + ".tla"
	if _, seen := read[name]; seen {
		return nil
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("rootlock: the TLA+ modules of a model: %w", err)
	}
	m := parseOnce(string(data))
	read[name] = m.text
	for _, other := range m.uses {
		if _, err := fs.Stat(files, other+".tla"); err != nil {
			continue
		}
		if err := reach(files, other, read); err != nil {
			return err
		}
	}
	return nil
}

// A module is a TLA+ text, bare, and the modules that it names behind EXTENDS and INSTANCE.
type module struct {
	text string
	uses []string
}

// parseOnce reads a module, which many models have.
func parseOnce(text string) *module {
	known, ok := modules.Load(text)
	if !ok {
		m := &module{text: bare(text)}
		for _, use := range uses.FindAllStringSubmatch(m.text, -1) {
			for other := range strings.SplitSeq(use[1], ",") {
				m.uses = append(m.uses, strings.TrimSpace(other))
			}
		}
		known, _ = modules.LoadOrStore(text, m)
	}
	return known.(*module)
}

var modules sync.Map // text -> *module

// uses finds what a module names behind EXTENDS and INSTANCE.
var uses = regexp.MustCompile(`\b(?:EXTENDS|INSTANCE)\s+(\w+(?:\s*,\s*\w+)*)`)

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
