// Package engine asks one question of one model: which claims hold in it, and
// what is the bound of that answer. The explorer answers in Go, TLC in Java; the
// answers have one shape, so that they can be compared with each other and with
// the ledger.
package engine
