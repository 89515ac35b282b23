package sched

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

// Name gives names to the wrapped values in what object points to: name itself
// to a Mutex, name.mu to the field mu of a struct, name[2] to an element. It
// follows pointers and slices, but neither maps nor interfaces. Without Name a
// value is called by its kind and a number, and its first use in each schedule
// costs some microseconds.
func (t *T) Name(name string, object any) {
	v := reflect.ValueOf(object)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("sched: T.Name of %s: it needs a pointer to what is to be named, not a %T", name, object))
	}
	t.run.name(name, v, map[place]bool{})
}

// A place is where a walk has been: a struct and its first field have one address.
type place struct {
	at unsafe.Pointer
	of reflect.Type
}

type named interface{ called(r *run, name string) }

// isNamed reports whether t is one of the wrapped types, and not a struct that
// embeds one and so has its methods.
func isNamed(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[Mutex]().PkgPath() && reflect.PointerTo(t).Implements(reflect.TypeFor[named]())
}

// name walks what the pointer p leads to.
func (r *run) name(name string, p reflect.Value, seen map[place]bool) {
	at := place{p.UnsafePointer(), p.Type()}
	if !holds(p.Type().Elem()) || seen[at] {
		return
	}
	if isNamed(p.Type().Elem()) {
		p.Interface().(named).called(r, name)
		return
	}
	v := p.Elem()
	switch v.Kind() {
	case reflect.Struct:
		seen[at] = true
		if r.lanes != nil {
			r.lanes.called(p, name)
		}
		for i := range v.NumField() {
			f := v.Field(i)
			// NewAt, because the field may be unexported.
			r.name(name+"."+v.Type().Field(i).Name, reflect.NewAt(f.Type(), f.Addr().UnsafePointer()), seen)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			r.name(fmt.Sprintf("%s[%d]", name, i), v.Index(i).Addr(), seen)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			r.name(name, v, seen)
		}
	}
}

var holding sync.Map // reflect.Type -> bool

// holds reports whether a value of type t leads to a wrapped value. Name goes
// nowhere else.
func holds(t reflect.Type) bool {
	if h, ok := holding.Load(t); ok {
		return h.(bool)
	}
	h := leads(t, map[reflect.Type]bool{})
	holding.Store(t, h)
	return h
}

func leads(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if isNamed(t) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if leads(t.Field(i).Type, seen) {
				return true
			}
		}
	case reflect.Array, reflect.Slice, reflect.Pointer:
		return leads(t.Elem(), seen)
	}
	return false
}
