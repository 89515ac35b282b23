package input

import (
	"bytes"
	"fmt"

	"github.com/rogpeppe/go-internal/txtar"
)

// Archive reads a txtar archive. The library panics on a section whose marker has no room
// for a name, which is refused here.
func Archive(data []byte) (*txtar.Archive, error) {
	data = Lines(data)
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimRight(line, "\r\n"); string(line) == "-- --" {
			return nil, fmt.Errorf("line %d: %q is a section without a name", number, line)
		}
	}
	return txtar.Parse(data), nil
}
