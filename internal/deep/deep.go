// Package deep has the one switch for tests that are too slow for every run.
package deep

import "os"

// Variable is the environment variable that asks for them: set to 1. The gate sets it.
const Variable = "ROOTLOCK_DEEP"

// Asked reports whether all tests are to run, and not only those whose answer is worth
// waiting for every time. It says nothing of TLC: that a missing TLC is a failure is asked
// for by ROOTLOCK_REQUIRE_TLC.
func Asked() bool { return os.Getenv(Variable) == "1" }

// Or is few in every run, and many where all is asked for.
func Or(few, many int) int {
	if Asked() {
		return many
	}
	return few
}
