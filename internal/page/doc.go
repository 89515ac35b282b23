// Package page shows a schedule as one HTML page that needs nothing else: lanes of the
// threads, and at each step the objects, areas and page tables, what changed, who waits
// for what, and what broke.
//
//	page.go    the page of a schedule
//	world.go   a state as what the template draws
//	page.html  the template: it is readable without script, one step below the other
//	page.css page.js  the look; the stepper
package page
