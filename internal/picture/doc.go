// Package picture draws a state of the world as SVG: pages, anon_vmas and processes in three
// columns, and every pointer between them as an arrow. A walk goes through it from left to
// right: from a page to the anon_vma that it names, along the list of that anon_vma to areas,
// and there to page-table entries.
//
//	draw.go    the boxes: pages, anon_vmas, processes with their page tables and areas
//	arrows.go  the pointers
//	series.go  pictures that follow each other, with what they share written once
//	say.go     the same in words, for a screen reader
//	style.go   the look: the colours are those of the page around it, or of its own
package picture
