// The canonical state: what a trace says of the world after an operation.

package trace

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// A State is the complete state in canonical names: two worlds are in the same
// state exactly if their States are equal. As JSON it is what stands in a trace.
type State struct {
	MMs        [MMs][]Area `json:"mms"`       // areas in address order
	AnonVMAs   []AnonVMA   `json:"anon_vmas"` // every object that is not free
	Pages      []Page      `json:"pages"`
	Swap       []SwapEntry `json:"swap,omitempty"`
	Pins       []Ref       `json:"pins,omitempty"`       // anon_vmas, by handle
	Migrations []Migration `json:"migrations,omitempty"` // by handle
}

// An Area is a VMA.
type Area struct {
	Start   int   `json:"start"`
	End     int   `json:"end"` // exclusive
	Pgoff   int   `json:"pgoff"`
	Prot    int   `json:"prot"`
	AnonVMA Ref   `json:"anon_vma"` // where its new pages go
	Chain   []Ref `json:"chain"`    // newest first, root last
}

// An AnonVMA is an anon_vma.
type AnonVMA struct {
	Root Ref        `json:"root"`
	List []AreaName `json:"list"` // same_anon_vma order
	Refs int        `json:"refs"` // other than membership of VMAs
	Slot int        `json:"slot"` // which slab object
}

// A Page is a page that an entry, the swap cache or a migration refers to.
type Page struct {
	Mapping   Ref     `json:"mapping"`
	Index     int     `json:"index"`
	At        []Place `json:"at"`                  // present entries
	Migrating []Place `json:"migrating,omitempty"` // migration entries
	Walk      []Visit `json:"walk"`                // what the rmap walk visits, in its order
}

// A SwapEntry is a page's place in swap.
type SwapEntry struct {
	Cache Ref     `json:"cache"` // the page that the swap cache holds for it
	At    []Place `json:"at"`    // swap entries in page tables
}

// A Migration is one whose second walk has not been.
type Migration struct {
	Page    Ref `json:"page"`
	AnonVMA Ref `json:"anon_vma"` // on which it holds a reference
}

// A Ref names an anon_vma or a page by its position in the State. Below None it
// stands for an object that is free, which no trace has.
type Ref int

// None is no reference; null in JSON.
const None Ref = -1

// freed is the Ref of a free object, under the world's own id.
func freed(id int) Ref { return None - Ref(id) }

func (r Ref) String() string {
	switch {
	case r == None:
		return "null"
	case r < None:
		return fmt.Sprintf(`"free object %d"`, None-r)
	}
	return strconv.Itoa(int(r))
}

// MarshalJSON writes the position, or null.
func (r Ref) MarshalJSON() ([]byte, error) { return []byte(r.String()), nil }

// An AreaName names a VMA.
type AreaName struct{ MM, Start int }

// MarshalJSON writes "mm:start".
func (n AreaName) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `"%d:%d"`, n.MM, n.Start), nil
}

// A Place is a page-table position.
type Place struct{ MM, Slot int }

// MarshalJSON writes [mm,slot].
func (p Place) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[%d,%d]", p.MM, p.Slot), nil }

// A Visit is a page-table position that a walk comes to.
type Visit struct {
	MM, Slot int
	Found    Found
}

// Found is what a walk finds of its page where it comes.
type Found int

// What a walk finds.
const (
	Nothing        Found = iota
	Mapping              // a present entry of the page
	MigrationEntry       // a migration entry of the page
)

// MarshalJSON writes [mm,slot,found].
func (v Visit) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "[%d,%d,%d]", v.MM, v.Slot, v.Found), nil
}

// text is a part of a State as the trace would write it.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
