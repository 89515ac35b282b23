package models

// purposes says of each model, in one sentence, what it is for.
var purposes = map[string]string{
	"Tiny":       "One process, one walker, one operation each: the smallest world in which a split or an unmap meets a walk.",
	"Small":      "Two processes that fork, unmap and split, beside a walk or a migration.",
	"Full":       "Two walkers and all that two processes do: the largest model, too large for TLC in minutes.",
	"Graph":      "Every operation of tla/ once, so that its whole graph can be compared edge by edge.",
	"Edges":      "Fork, unmap, split and migration, two each: the second graph that is compared whole.",
	"Neighbours": "An area beside one that was never written to, which takes over its neighbour's anon_vma.",
	"Map":        "Areas that are mapped, get their first page and go: the life of an anon_vma from nothing.",
	"Anew":       "An area is mapped where another was, while a page is pinned: what is left of the old one.",
	"Recycle":    "Objects are freed and given to another family while a late walker still points at them.",
	"Reborn":     "One object has several lives, for protocols that need three operations to recycle one.",
	"Pins":       "A page is pinned beyond its processes: the reference that KSM or a migration keeps.",
	"Lost":       "What comes of an entry that a migration has lost: a write, a fork and a split after it.",
	"NoFree":     "Nothing is ever freed: what breaks here breaks without recycling; TLC checks the refinement here.",
	"Live":       "Whether every operation ends, with fair locks, beside a family that is forked again and again.",
	"LivePair":   "Whether every operation ends, with fair locks, where two walkers meet.",
	"LiveWeak":   "Whether walks end where locks are not fair: what breaks only here is not held against a protocol.",

	"Boundary": "mprotect merges areas, moves the boundary between them, and splits them, beside a walk.",
	"Remap":    "mremap to new areas and into neighbours, and munmap of ranges, beside a walk.",
	"Strayed":  "mremap back and forth, beside areas that were never written to: a page that strays from its index.",
	"Stack":    "One mremap of what an munmap left, as exec moves the stack.",
	"Merge":    "Areas that are mapped anew and merge with their neighbours, beside a walk.",
	"Adopted":  "An area beside a forked one gets its first page, takes the neighbour's anon_vma, and merges.",
	"Swap":     "A page goes to swap and comes back, in one process or in two.",
	"Pairs":    "Every operation of the wide world beside every other.",
	"Crossed":  "Two walkers: swap, migration, pins and walks beside each other.",
	"Failures": "Any allocation fails, in a fault, a split or a fork.",

	"Wide":           "Random search: tla/'s world with all operations, far beyond what can be explored.",
	"WideMapped":     "Random search: as Wide, and nothing has been written to yet.",
	"WideNeighbours": "Random search: as Wide, from two areas side by side.",
	"Relatives":      "Random search: one large family, by fork and split.",
	"WideWorld":      "Random search: merging, mprotect, swap and failing allocations in up to 40 areas.",
	"World":          "Random search: the world of the kernel's traces, from nothing.",
}

// Purpose is what a model is for, in one sentence; "" of one that is not in the catalogue.
func Purpose(name string) string { return purposes[name] }
