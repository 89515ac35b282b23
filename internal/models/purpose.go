package models

import (
	"io/fs"
	"strings"

	"github.com/rootlock/rootlock/internal/input"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
)

// purposes says of each model that is not in tla/, in one sentence, what it is for.
var purposes = map[string]string{
	"Boundary":    "mprotect merges areas, moves the boundary between them, and splits them, beside a walk.",
	"Remap":       "mremap to new areas and into neighbours, and munmap of ranges, beside a walk.",
	"Strayed":     "mremap back and forth, beside areas that were never written to: a page that strays from its index.",
	"Stack":       "One mremap of what an munmap left, as exec moves the stack.",
	"Merge":       "Areas that are mapped anew and merge with their neighbours, beside a walk.",
	"Adopted":     "An area beside a forked one gets its first page, takes the neighbour's anon_vma, and merges.",
	"Swap":        "A page goes to swap and comes back, in one process or in two.",
	"Pairs":       "Every operation of the wide world beside every other.",
	"Crossed":     "Two walkers: swap, migration, pins and walks beside each other.",
	"Generations": "Forks whose parents exit, over three generations, beside a walk: what they may reuse.",

	"FirstFaults":  "The first faults of one area, by two threads of its process at once.",
	"FaultsBeside": "One thread faults while the other merges, moves and unmaps areas, or has no memory for it.",
	"FaultsInFork": "One thread faults while the other forks, where a fork before has left the page read-only.",
	"Kept":         "mremap that leaves its source mapped (MREMAP_DONTUNMAP), and faults in what it left.",

	"Between":    "An area is mapped between two others, of one anon_vma or of two, and merges.",
	"Cut":        "An area is split where a relative's copy is cut already, so that offsets differ in the trees that they share.",
	"HalfForked": "A fork runs out of memory when the child has an area and its page already.",
	"MovedHome":  "mremap moves a page home, between two areas that were never written to.",
	"SwapMoved":  "UFFDIO_MOVE of a page that another process has as a swap entry.",

	"LiveMoves": "Whether every operation ends, with fair locks, beside UFFDIO_MOVEs and swapping without end.",
	"LiveForks": "Whether every operation ends, with fair locks, beside UFFDIO_MOVEs, forks and exits without end.",
	"Published": "The first fault of an area, beside a second one and a walk, where anon_vmas had a life before.",

	"Failures": "Any allocation fails, in a fault, a split or a fork.",

	"Wide":           "Random search: tla/'s world with all operations, far beyond what can be explored.",
	"WideMapped":     "Random search: as Wide, and nothing has been written to yet.",
	"WideNeighbours": "Random search: as Wide, from two areas side by side.",
	"Relatives":      "Random search: one large family, by fork and split.",
	"WideWorld":      "Random search: merging, mprotect, swap and failing allocations in up to 40 areas.",
	"Moves":          "Random search: mremap again and again, back to where it came from and in between two areas.",
	"Today":          "Random search: two threads in an address space, UFFDIO_MOVE and MREMAP_DONTUNMAP, beside all else.",
	"World":          "Random search: the world of the kernel's traces, from nothing.",
}

// Purpose is what a model is for, in one sentence; "" of one that is not in the catalogue.
// A model of tla/ says so in the first line of its configuration.
func Purpose(name string) string {
	for _, file := range []string{"models/" + name + ".cfg", "models/*/" + name + ".cfg"} {
		found, err := fs.Glob(tla.FS, file)
		if err != nil || len(found) == 0 {
			continue
		}
		if text, err := fs.ReadFile(tla.FS, found[0]); err == nil {
			first, _, _ := strings.Cut(string(input.Lines(text)), "\n")
			return strings.TrimPrefix(first, `\* `)
		}
	}
	return purposes[name]
}

// About is what a protocol is, in the first paragraph of its page in tla/; "" if it has none.
func About(p spec.Protocol) string {
	text, err := fs.ReadFile(tla.FS, p.String()+".tla")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(input.Lines(text)), "*\n")
	paragraph, _, _ := strings.Cut(rest, "\n\n")
	return strings.Join(strings.Fields(paragraph), " ")
}
