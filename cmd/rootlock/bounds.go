package main

import (
	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
)

// boundFlags change the bounds of a model; what is not given is the model's.
type boundFlags struct {
	Model     string  `placeholder:"NAME" help:"Model to start from; if bounds are given, by default Recycle. 'rootlock explore --list' lists them."`
	MMs       *int    `name:"mms" placeholder:"N" help:"Address spaces."`
	VMAs      *int    `name:"vmas" placeholder:"N" help:"Names for VMAs: how many there are at once."`
	Objects   *int    `name:"objects" placeholder:"N" help:"anon_vma objects."`
	Pages     *int    `name:"pages" placeholder:"N" help:"Pages."`
	Walkers   *int    `name:"walkers" placeholder:"N" help:"Walkers."`
	Slots     *int    `name:"slots" placeholder:"N" help:"Page slots of an address space."`
	MMOps     *int    `name:"mm-ops" placeholder:"N" help:"Operations per mm thread (255: unlimited)."`
	WalkerOps *int    `name:"walker-ops" placeholder:"N" help:"Operations per walker (255: unlimited)."`
	Layout    *string `name:"layout" placeholder:"NAME" help:"Initial state: OnePage, Mapped, Neighbours, Forked or Empty."`
	Prots     *int    `name:"prots" placeholder:"N" help:"Protections; from 1 on areas are merged. Not in tla/."`
	Faulters  *int    `name:"faulters" placeholder:"N" help:"Address spaces with a second thread, which faults; RwsemRoot only."`
	Failures  *bool   `name:"failures" help:"Allocations may fail. Not in tla/."`
	Ops       *string `name:"ops" placeholder:"A,B,..." help:"Operations that may begin."`
}

// bounded reports whether a bound is given.
func (f *boundFlags) bounded() bool {
	for _, n := range []*int{f.MMs, f.VMAs, f.Objects, f.Pages, f.Walkers, f.Slots, f.MMOps, f.WalkerOps, f.Prots, f.Faulters} {
		if n != nil {
			return true
		}
	}
	return f.Layout != nil || f.Failures != nil || f.Ops != nil
}

// bound gives every bound.
func (f *boundFlags) bound(b spec.Bounds) {
	layout, ops := b.Layout.String(), b.Ops.String()
	f.MMs, f.VMAs, f.Objects, f.Pages, f.Walkers, f.Slots = &b.MMs, &b.VMAs, &b.Objects, &b.Pages, &b.Walkers, &b.Slots
	f.MMOps, f.WalkerOps, f.Prots, f.Faulters, f.Failures, f.Layout, f.Ops = &b.MMOps, &b.WalkerOps, &b.Prots, &b.Faulters, &b.Failures, &layout, &ops
}

// model is the model that the flags describe.
func (f *boundFlags) model(p spec.Protocol) (*models.Model, error) {
	name := f.Model
	if name == "" {
		name = models.Default
	}
	named, err := models.Find(p, name)
	if err != nil {
		return nil, err
	}
	b := named.Bounds
	for _, n := range []struct {
		flag *int
		to   *int
	}{{f.MMs, &b.MMs}, {f.VMAs, &b.VMAs}, {f.Objects, &b.Objects}, {f.Pages, &b.Pages}, {f.Walkers, &b.Walkers}, {f.Slots, &b.Slots},
		{f.MMOps, &b.MMOps}, {f.WalkerOps, &b.WalkerOps}, {f.Prots, &b.Prots}, {f.Faulters, &b.Faulters}} {
		if n.flag != nil {
			*n.to = *n.flag
		}
	}
	if f.Failures != nil {
		b.Failures = *f.Failures
	}
	if f.Layout != nil {
		if b.Layout, err = spec.LayoutByName(*f.Layout); err != nil {
			return nil, err
		}
	}
	if f.Ops != nil {
		if b.Ops, err = spec.ParseOps(*f.Ops); err != nil {
			return nil, err
		}
	}
	if b == named.Bounds {
		return named, nil
	}
	m, err := spec.NewModel(p, "custom", b)
	if err != nil {
		return nil, err
	}
	return &models.Model{Model: m, Config: named.Config, File: named.File}, nil
}
