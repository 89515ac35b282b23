// Package report says what was found, for people: schedules as lanes, the claim
// that broke with its false conjunct, the command that shows it again, tables of
// results.
package report
