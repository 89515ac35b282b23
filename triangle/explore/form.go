package explore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rootlock/rootlock/triangle/law"
)

// A form is a law and how its states are packed, copied and told apart.
type form[S any, M comparable] struct {
	law       law.Law[S, M]
	packer    law.Packer[S]
	words     int
	copier    law.Copier[S]    // nil: by assignment
	symmetric law.Symmetric[S] // nil: names count
	memory    *memory[S]
}

func newForm[S any, M comparable](l law.Law[S, M], symmetry bool) (*form[S, M], error) {
	f := &form[S, M]{law: l}
	if len(l.Initial()) == 0 {
		return nil, errors.New("the law has no initial state: nothing can be said of it")
	}
	var err error
	if f.memory, err = newMemory[S](); err != nil {
		return nil, err
	}
	var ok bool
	if f.packer, ok = l.(law.Packer[S]); !ok {
		f.packer = f.memory
	}
	f.words = f.packer.Words()
	f.copier, _ = l.(law.Copier[S])
	if symmetry {
		if f.symmetric, ok = l.(law.Symmetric[S]); !ok {
			return nil, errors.New("symmetry is asked for, and the law does not say which states differ in names only (law.Symmetric)")
		}
	}
	return f, nil
}

func (f *form[S, M]) copy(to, from *S) {
	if f.copier != nil {
		f.copier.Copy(to, from)
	} else {
		*to = *from
	}
}

// fingerprint packs s into buf and hashes it. A state that does not fit the
// bounds has a fingerprint too, of its memory, so that it can be found again.
func (f *form[S, M]) fingerprint(s *S, buf []uint64) (print fingerprint, fits bool) {
	if f.packer.Pack(s, buf) {
		return hash(buf), true
	}
	raw := make([]uint64, f.memory.Words())
	f.memory.Pack(s, raw)
	return hash(raw), false
}

// A memory packs a plain value as it lies in memory, without the padding, which two equal
// values need not have in common.
type memory[S any] struct {
	runs  []span // of bytes that are not padding
	words int
}

type span struct{ at, size uintptr }

// newMemory fails where S is no plain value.
func newMemory[S any]() (*memory[S], error) {
	p := &memory[S]{}
	t := reflect.TypeFor[S]()
	if err := p.cover(t, 0, t.String()); err != nil {
		return nil, err
	}
	bytes := uintptr(0)
	for _, r := range p.runs {
		bytes += r.size
	}
	if bytes == 0 {
		return nil, fmt.Errorf("%s holds nothing: a law has states", t)
	}
	p.words = int(bytes+7) / 8
	return p, nil
}

// cover adds what lies at an offset, by type.
func (p *memory[S]) cover(t reflect.Type, at uintptr, name string) error {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if last := len(p.runs) - 1; last >= 0 && p.runs[last].at+p.runs[last].size == at {
			p.runs[last].size += t.Size()
		} else {
			p.runs = append(p.runs, span{at, t.Size()})
		}
	case reflect.Array:
		for i := range t.Len() {
			if err := p.cover(t.Elem(), at+uintptr(i)*t.Elem().Size(), fmt.Sprintf("%s[%d]", name, i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if err := p.cover(t.Field(i).Type, at+t.Field(i).Offset, name+"."+t.Field(i).Name); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%s is a %s: a state is a plain value of integers, booleans, arrays and structs, so that a copy is another state", name, t.Kind())
	}
	return nil
}

func (p *memory[S]) Words() int { return p.words }

func (p *memory[S]) Within(*S) bool { return true }

func (p *memory[S]) Pack(s *S, out []uint64) bool {
	memory := unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
	if len(p.runs) == 1 && p.runs[0].size%8 == 0 {
		for i := range out {
			out[i] = binary.NativeEndian.Uint64(memory[p.runs[0].at+8*uintptr(i):])
		}
		return true
	}
	clear(out)
	packed := unsafe.Slice((*byte)(unsafe.Pointer(&out[0])), 8*len(out))
	for _, r := range p.runs {
		packed = packed[copy(packed, memory[r.at:r.at+r.size]):]
	}
	return true
}

func (p *memory[S]) Unpack(in []uint64, s *S) {
	memory := unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
	packed := unsafe.Slice((*byte)(unsafe.Pointer(&in[0])), 8*len(in))
	for _, r := range p.runs {
		packed = packed[copy(memory[r.at:r.at+r.size], packed):]
	}
}
