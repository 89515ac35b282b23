// Package hunt looks for broken claims of the anon_vma protocols at random: package
// triangle/hunt draws, package shorten shrinks, and what was exercised is measured. The same
// search serves the tests in properties/ and the command line, so that a kill in the one is
// a kill in the other.
package hunt
