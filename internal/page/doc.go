// Package page shows a schedule as one HTML page that needs nothing else: lanes of the
// threads, and at each step the objects, areas and page tables, what changed, who waits
// for what, and what broke; and a whole check, with a link to such a page for each claim
// that breaks.
//
//	page.go    the page of a schedule
//	threads.go where each thread stands
//	legend.html  how the pictures are read
//	page.html  the template, of the parts of triangle/page: the head, the stepper, the lanes
//	check.go check.html  the page of a check
//	verdicts.html  the coloured table of both
//	overview.go overview.html timeline.go  the page that leads to those in docs/pages
//	plot.go    its plots
//	page.css  the look of the latter two
package page
