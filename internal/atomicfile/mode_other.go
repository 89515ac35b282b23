//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

const closesBeforeRename = true

func newMode() fs.FileMode { return 0o666 }

func keepOwner(*os.File, fs.FileInfo) {}
