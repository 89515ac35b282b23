// Package models ties tla/ to spec/: the models that TLC and the explorer both
// know, and the translation of TLC's states and counterexamples into the model's.
//
// The bounds of a model stand in one place: its tla/MC<Protocol><Model>.cfg, or for
// the wide world, which tla/ does not have, wide.go. beyond.go has the bounds of
// random search, common.go those of a protocol that has no cfg of its own yet, and purpose.go
// says what each model is for.
package models
