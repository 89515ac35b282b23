package impl

import (
	"io"
	"iter"
)

// What an address space has, and its bytes as one row.

// An Area is a range of page slots of one protection.
type Area struct {
	Start, Length uint32
	Prot          Prot
}

// Areas lists the areas of the address space by address, as they were at one moment. It
// returns ErrExited after Exit.
func (m *AddressSpace) Areas() ([]Area, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.end()
	list := make([]Area, 0, len(m.areas))
	for _, v := range m.areas {
		start, end := unpack(v.extent.Load())
		list = append(list, Area{start, end - start, v.prot})
	}
	return list, nil
}

// Written are the slots that something was written to, with their pages, by address, as
// they were at one moment: also those whose page is migrated or swapped out. After Exit
// there is none.
func (m *AddressSpace) Written() iter.Seq2[uint32, *Page] {
	return func(yield func(uint32, *Page) bool) {
		type place struct {
			slot uint32
			page *Page
		}
		var list []place
		if m.enter() != nil {
			return
		}
		for _, v := range m.areas {
			start, end := unpack(v.extent.Load())
			for slot, ok := m.table.next(start, end); ok; slot, ok = m.table.next(slot+1, end) {
				list = append(list, place{slot, m.table.load(slot).page})
			}
		}
		m.end()
		for _, p := range list {
			if !yield(p.slot, p.page) {
				return
			}
		}
	}
}

// Bytes are the pages of the address space in a row: byte i is byte i%PageSize of slot
// i/PageSize. Each page is read or written as by Read and Write; a call that spans several
// is not atomic.
func (m *AddressSpace) Bytes() interface {
	io.ReaderAt
	io.WriterAt
} {
	m.exists()
	return row{m}
}

type row struct{ m *AddressSpace }

// ReadAt returns the error of the first page that cannot be read, and the number of bytes
// before it. An offset that no slot has is ErrOffset.
func (r row) ReadAt(data []byte, at int64) (int, error) { return r.each(data, at, r.m.Read) }

// WriteAt returns the error of the first page that cannot be written, and the number of
// bytes before it.
func (r row) WriteAt(data []byte, at int64) (int, error) { return r.each(data, at, r.m.Write) }

func (r row) each(data []byte, at int64, do func(slot uint32, offset int, data []byte) error) (n int, err error) {
	size := int64(r.m.sys.pageSize)
	if at < 0 {
		return 0, ErrOffset
	}
	for n < len(data) {
		slot, offset := at/size, int(at%size)
		if slot >= int64(r.m.sys.slots) {
			return n, ErrOffset
		}
		part := data[n:min(len(data), n+int(size)-offset)]
		if err := do(uint32(slot), offset, part); err != nil {
			return n, err
		}
		n += len(part)
		at += int64(len(part))
	}
	return n, nil
}
