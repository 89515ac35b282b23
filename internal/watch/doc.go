// Package watch looks on while a schedule runs: what each step changes, which claims break,
// and with which values.
package watch
