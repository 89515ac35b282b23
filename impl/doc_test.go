package impl

import (
	"fmt"
	"os"
	"regexp"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestDocumentation keeps doc.go true: the sizes are the compiler's, and every error
// is listed.
func TestDocumentation(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(text)
	}
	doc := read("doc.go")
	for _, c := range []struct {
		name string
		size uintptr
	}{
		{"AddressSpace", unsafe.Sizeof(AddressSpace{})},
		{"area", unsafe.Sizeof(vma{})},
		{"chain entry", unsafe.Sizeof(chainEntry{})},
		{"anon_vma", unsafe.Sizeof(anonVMA{})},
		{"tenure", unsafe.Sizeof(tenure{})},
		{"Page", unsafe.Sizeof(Page{})},
		{"page-table leaf", unsafe.Sizeof(tableNode{}) + unsafe.Sizeof([tableSize]atomic.Pointer[entry]{})},
		{"Root", unsafe.Sizeof(Root{})},
		{"Pin", unsafe.Sizeof(Pin{})},
		{"PendingMigration", unsafe.Sizeof(PendingMigration{})},
	} {
		if unsafe.Sizeof(uintptr(0)) == 8 { // which the sizes are given for
			require.Regexp(t, fmt.Sprintf(`(?m)^//\t%-16s %4d\b`, c.name, c.size), doc)
		}
	}
	names := regexp.MustCompile(`(?m)^\t(Err\w+) +=`).FindAllStringSubmatch(read("errors.go"), -1)
	require.Greater(t, len(names), 15)
	for _, name := range names {
		require.Regexp(t, `(?m)^//\t(Err\w+ )*`+name[1]+`\b`, doc)
	}
}
