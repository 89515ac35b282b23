//go:build race

package recording_test

// raceEnabled: each step costs more by a factor of ten.
const raceEnabled = true
