// Package play answers the page in which one steps through the law by hand: what a schedule
// leads to, what each thread may do there, and which shortest way from there breaks a claim.
// It keeps no state: a place is a protocol, a model, a schedule and how much of it was taken,
// which is what the page has in its address.
//
//	play.go    a place and what there is to see
//	threads.go what each thread may do, and why not
//	search.go  a shortest counterexample from a place
//	view.html  the templates
//	browser/   the program that a browser runs: this package as WebAssembly
package play
