package sched

import (
	"sync/atomic"
	"unsafe"
)

// An Integer is the atomic integer of sync/atomic that holds a T.
type Integer[T int32 | int64 | uint32 | uint64 | uintptr] struct {
	control
	_     [0]atomic.Int64 // aligned for any T, on any machine
	value T
}

// The integers of sync/atomic.
type (
	Int32   = Integer[int32]
	Int64   = Integer[int64]
	Uint32  = Integer[uint32]
	Uint64  = Integer[uint64]
	Uintptr = Integer[uintptr]
)

// small says which word of the machine a T is; the compiler knows it.
func (x *Integer[T]) small() bool { return unsafe.Sizeof(x.value) == 4 }

func (x *Integer[T]) word() *uint32   { return (*uint32)(unsafe.Pointer(&x.value)) }
func (x *Integer[T]) double() *uint64 { return (*uint64)(unsafe.Pointer(&x.value)) }

// Load is Load of sync/atomic.
func (x *Integer[T]) Load() T {
	o := x.enter(opLoad, "Integer")
	var v T
	if x.small() {
		v = T(atomic.LoadUint32(x.word()))
	} else {
		v = T(atomic.LoadUint64(x.double()))
	}
	return result(o, opLoad, v)
}

// Store is Store of sync/atomic.
func (x *Integer[T]) Store(v T) {
	if o := x.enter(opStore, "Integer"); o != nil {
		note(o, opStore, v)
	}
	if x.small() {
		atomic.StoreUint32(x.word(), uint32(v))
	} else {
		atomic.StoreUint64(x.double(), uint64(v))
	}
}

// Swap is Swap of sync/atomic.
func (x *Integer[T]) Swap(v T) (old T) {
	o := x.enter(opSwap, "Integer")
	if x.small() {
		old = T(atomic.SwapUint32(x.word(), uint32(v)))
	} else {
		old = T(atomic.SwapUint64(x.double(), uint64(v)))
	}
	return resultOf(o, opSwap, old, v)
}

// CompareAndSwap is CompareAndSwap of sync/atomic.
func (x *Integer[T]) CompareAndSwap(old, v T) (swapped bool) {
	o := x.enter(opCompareAndSwap, "Integer")
	if x.small() {
		swapped = atomic.CompareAndSwapUint32(x.word(), uint32(old), uint32(v))
	} else {
		swapped = atomic.CompareAndSwapUint64(x.double(), uint64(old), uint64(v))
	}
	return resultOf(o, opCompareAndSwap, swapped, old, v)
}

// Add is Add of sync/atomic.
func (x *Integer[T]) Add(delta T) (v T) {
	o := x.enter(opAdd, "Integer")
	if x.small() {
		v = T(atomic.AddUint32(x.word(), uint32(delta)))
	} else {
		v = T(atomic.AddUint64(x.double(), uint64(delta)))
	}
	return resultOf(o, opAdd, v, delta)
}

// And is And of sync/atomic.
func (x *Integer[T]) And(mask T) (old T) {
	o := x.enter(opAnd, "Integer")
	if x.small() {
		old = T(atomic.AndUint32(x.word(), uint32(mask)))
	} else {
		old = T(atomic.AndUint64(x.double(), uint64(mask)))
	}
	return resultOf(o, opAnd, old, mask)
}

// Or is Or of sync/atomic.
func (x *Integer[T]) Or(mask T) (old T) {
	o := x.enter(opOr, "Integer")
	if x.small() {
		old = T(atomic.OrUint32(x.word(), uint32(mask)))
	} else {
		old = T(atomic.OrUint64(x.double(), uint64(mask)))
	}
	return resultOf(o, opOr, old, mask)
}

// A Bool is an atomic.Bool.
type Bool struct {
	control
	native atomic.Bool
}

// Load is atomic.Bool.Load.
func (x *Bool) Load() bool {
	o := x.enter(opLoad, "Bool")
	return result(o, opLoad, x.native.Load())
}

// Store is atomic.Bool.Store.
func (x *Bool) Store(v bool) {
	if o := x.enter(opStore, "Bool"); o != nil {
		note(o, opStore, v)
	}
	x.native.Store(v)
}

// Swap is atomic.Bool.Swap.
func (x *Bool) Swap(v bool) (old bool) {
	o := x.enter(opSwap, "Bool")
	return resultOf(o, opSwap, x.native.Swap(v), v)
}

// CompareAndSwap is atomic.Bool.CompareAndSwap.
func (x *Bool) CompareAndSwap(old, v bool) bool {
	o := x.enter(opCompareAndSwap, "Bool")
	return resultOf(o, opCompareAndSwap, x.native.CompareAndSwap(old, v), old, v)
}

// A Pointer is an atomic.Pointer.
type Pointer[T any] struct {
	control
	native atomic.Pointer[T]
}

// Load is atomic.Pointer.Load.
func (x *Pointer[T]) Load() *T {
	o := x.enter(opLoad, "Pointer")
	return result(o, opLoad, x.native.Load())
}

// Store is atomic.Pointer.Store.
func (x *Pointer[T]) Store(v *T) {
	if o := x.enter(opStore, "Pointer"); o != nil {
		note(o, opStore, v)
	}
	x.native.Store(v)
}

// Swap is atomic.Pointer.Swap.
func (x *Pointer[T]) Swap(v *T) (old *T) {
	o := x.enter(opSwap, "Pointer")
	return resultOf(o, opSwap, x.native.Swap(v), v)
}

// CompareAndSwap is atomic.Pointer.CompareAndSwap.
func (x *Pointer[T]) CompareAndSwap(old, v *T) bool {
	o := x.enter(opCompareAndSwap, "Pointer")
	return resultOf(o, opCompareAndSwap, x.native.CompareAndSwap(old, v), old, v)
}

// A Value is an atomic.Value.
type Value struct {
	control
	native atomic.Value
}

// Load is atomic.Value.Load.
func (x *Value) Load() any {
	o := x.enter(opLoad, "Value")
	return result(o, opLoad, x.native.Load())
}

// Store is atomic.Value.Store.
func (x *Value) Store(v any) {
	if o := x.enter(opStore, "Value"); o != nil {
		note(o, opStore, v)
	}
	x.native.Store(v)
}

// Swap is atomic.Value.Swap.
func (x *Value) Swap(v any) (old any) {
	o := x.enter(opSwap, "Value")
	return resultOf(o, opSwap, x.native.Swap(v), v)
}

// CompareAndSwap is atomic.Value.CompareAndSwap.
func (x *Value) CompareAndSwap(old, v any) bool {
	o := x.enter(opCompareAndSwap, "Value")
	return resultOf(o, opCompareAndSwap, x.native.CompareAndSwap(old, v), old, v)
}
