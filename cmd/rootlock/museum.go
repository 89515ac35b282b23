package main

import "errors"

type museumCmd struct {
	Entries []string `arg:"" optional:"" name:"entry" help:"Entries; default: all."`
}

func (c *museumCmd) Run(a *app) error { return errors.New("museum: to be connected") }
