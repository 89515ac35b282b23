// Operations: which arguments each has, and which results it may give.

package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The size of the world that the traces are of.
const (
	MMs   = 4
	Slots = 16
	Prots = 3
)

// An Op is one operation of a sequence and the result that the kernel gave.
// Arguments that the operation does not have are 0.
type Op struct {
	Name       string
	MM, Child  int
	At         int // slot
	Handle     int // of a pin or a migration: position among those alive
	Start, Len int // slots
	To         int // slot
	Prot       int
	Fail       int // the Fail-th allocation fails, counted from 1; 0: none
	Res        string
}

// An opRule is what the format says of one operation.
type opRule struct {
	args    []string
	results []string
	fails   bool // it allocates, so it may have fail
}

var opRules = map[string]opRule{
	"map":      {[]string{"mm", "start", "len", "prot"}, []string{"ok", "enomem"}, true},
	"fault":    {[]string{"mm", "at"}, []string{"new", "cow", "reuse", "none", "kept", "wait", "segv", "oom", "minor-own", "minor-cow", "major-own", "major-cow"}, true},
	"read":     {[]string{"mm", "at"}, []string{"minor", "major", "none", "segv"}, false},
	"fork":     {[]string{"mm", "child"}, []string{"ok", "enomem"}, true},
	"unmap":    {[]string{"mm", "start", "len"}, []string{"ok", "enomem"}, true},
	"protect":  {[]string{"mm", "start", "len", "prot"}, []string{"ok", "enomem"}, true},
	"move":     {[]string{"mm", "start", "len", "to"}, []string{"ok", "enomem"}, true},
	"keep":     {[]string{"mm", "start", "len", "to"}, []string{"ok", "enomem"}, true},
	"exit":     {[]string{"mm"}, []string{"ok"}, false},
	"pin":      {[]string{"mm", "at"}, []string{"ok"}, false},
	"unpin":    {[]string{"handle"}, []string{"ok"}, false},
	"mig1":     {[]string{"mm", "at"}, []string{"ok", "miss"}, false},
	"mig2":     {[]string{"handle"}, []string{"ok"}, false},
	"swapout":  {[]string{"mm", "at"}, []string{"ok"}, false},
	"swapdrop": {[]string{"mm", "at"}, []string{"ok"}, false},
}

// swapIn names where the page of a swap entry comes from.
func swapIn(cached bool) string {
	if cached {
		return "minor"
	}
	return "major"
}

// faultResult names what a write fault made of an entry of the given kind (0:
// empty), whose page was in the swap cache or not, and is still there or not.
func faultResult(old EntryKind, cached, kept bool) string {
	switch {
	case old == 0:
		return "new"
	case old == Present && kept:
		return "reuse"
	case old == Present:
		return "cow"
	case kept:
		return swapIn(cached) + "-own"
	}
	return swapIn(cached) + "-cow"
}

// seen is a result as far as it can be seen from outside: an entry that keeps its page may have
// been writable before, or not.
func seen(res string) string {
	if res == "reuse" || res == "none" {
		return "kept"
	}
	return res
}

// opNames lists the operations, for messages.
var opNames = slices.Sorted(maps.Keys(opRules))

// opFields are the fields of an operation in the order in which they are told.
var opFields = []string{"op", "mm", "child", "at", "handle", "start", "len", "to", "prot", "fail", "res"}

// arg is where the numeric argument with the given name is kept, and its range.
// The range of a handle depends on the state before.
func (o *Op) arg(name string) (at *int, low, high int) {
	switch name {
	case "mm":
		return &o.MM, 0, MMs - 1
	case "child":
		return &o.Child, 0, MMs - 1
	case "at":
		return &o.At, 0, Slots - 1
	case "handle":
		return &o.Handle, 0, maxNumber
	case "start":
		return &o.Start, 0, Slots - 1
	case "len":
		return &o.Len, 1, Slots
	case "to":
		return &o.To, 0, Slots - 1
	case "prot":
		return &o.Prot, 0, Prots - 1
	case "fail":
		return &o.Fail, 1, maxNumber
	}
	return nil, 0, 0
}

// String is the operation with its arguments, like "map mm=0 start=0 len=4 prot=0".
func (o Op) String() string {
	var b strings.Builder
	b.WriteString(o.Name)
	rule := opRules[o.Name]
	for _, name := range opFields {
		if slices.Contains(rule.args, name) || name == "fail" && o.Fail != 0 {
			at, _, _ := o.arg(name)
			fmt.Fprintf(&b, " %s=%d", name, *at)
		}
	}
	return b.String()
}
