package tlc

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Kind is the kind of a [Value].
type Kind uint8

// The kinds of values, in the order that Compare gives them.
const (
	KindNone Kind = iota // the zero Value; never parsed
	KindInt
	KindString
	KindBool
	KindModel // a model value, or any other bare identifier
	KindTuple // a sequence, or a function on 1..n
	KindSet
	KindRecord // a function on strings that are identifiers
	KindFunction
)

var kindNames = [...]string{"none", "int", "string", "bool", "model value", "tuple", "set", "record", "function"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Value is one TLA+ value in canonical form: sets are sorted and without
// duplicates, records and functions sorted by key, a function on 1..n is a
// tuple and one on identifiers a record. Equal values therefore have equal
// String forms. A Value is immutable and may be shared by goroutines.
type Value struct {
	kind  Kind
	n     int64
	s     string
	keys  []Value // record (strings) and function
	elems []Value // tuple, set; values of record and function
}

// Pair is one argument and its result in a function.
type Pair struct{ Key, Value Value }

// Int returns the integer n.
func Int(n int64) Value { return Value{kind: KindInt, n: n} }

// Str returns the string s.
func Str(s string) Value { return Value{kind: KindString, s: s} }

// Bool returns TRUE or FALSE.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.n = 1
	}
	return v
}

// Model returns the model value called name.
func Model(name string) Value { return Value{kind: KindModel, s: name} }

// Tuple returns the sequence of elems.
func Tuple(elems ...Value) Value { return Value{kind: KindTuple, elems: slices.Clone(elems)} }

// Set returns the set of elems.
func Set(elems ...Value) Value {
	sorted := slices.Clone(elems)
	slices.SortFunc(sorted, Value.Compare)
	return Value{kind: KindSet, elems: slices.CompactFunc(sorted, Value.Equal)}
}

// Record returns the record with these fields; without any it is <<>>, the
// function with the empty domain.
func Record(fields map[string]Value) Value {
	var pairs []Pair
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		pairs = append(pairs, Pair{Str(name), fields[name]})
	}
	return Function(pairs...)
}

// Function returns the function with these pairs. Of two pairs with one key the
// first counts, as with TLC's @@.
func Function(pairs ...Pair) Value {
	sorted := slices.Clone(pairs)
	slices.SortStableFunc(sorted, func(a, b Pair) int { return a.Key.Compare(b.Key) })
	sorted = slices.CompactFunc(sorted, func(a, b Pair) bool { return a.Key.Equal(b.Key) })
	v := Value{kind: KindFunction}
	isTuple, isRecord := true, true
	for i, p := range sorted {
		v.keys = append(v.keys, p.Key)
		v.elems = append(v.elems, p.Value)
		isTuple = isTuple && p.Key.kind == KindInt && p.Key.n == int64(i)+1
		isRecord = isRecord && p.Key.kind == KindString && isIdentifier(p.Key.s)
	}
	switch {
	case isTuple:
		v.kind, v.keys = KindTuple, nil
	case isRecord:
		v.kind = KindRecord
	}
	return v
}

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// AsInt returns the integer, and whether v is one.
func (v Value) AsInt() (int64, bool) { return v.n, v.kind == KindInt }

// AsString returns the string, and whether v is one (a model value is not).
func (v Value) AsString() (string, bool) {
	if v.kind != KindString {
		return "", false
	}
	return v.s, true
}

// AsBool returns the truth value, and whether v is one.
func (v Value) AsBool() (value, ok bool) { return v.kind == KindBool && v.n == 1, v.kind == KindBool }

// AsModel returns the name of the model value, and whether v is one.
func (v Value) AsModel() (string, bool) {
	if v.kind != KindModel {
		return "", false
	}
	return v.s, true
}

// Len is the number of elements, fields or pairs.
func (v Value) Len() int { return len(v.elems) }

// Elems returns a copy of the elements of a tuple in order, of a set in
// canonical order; nil for other kinds.
func (v Value) Elems() []Value {
	if v.kind != KindTuple && v.kind != KindSet {
		return nil
	}
	return slices.Clone(v.elems)
}

// Pairs returns the pairs of a tuple, record or function in canonical order.
func (v Value) Pairs() []Pair {
	if v.kind == KindSet {
		return nil
	}
	var pairs []Pair
	for i, e := range v.elems {
		key := Int(int64(i) + 1)
		if v.keys != nil {
			key = v.keys[i]
		}
		pairs = append(pairs, Pair{key, e})
	}
	return pairs
}

// Field returns the field called name of a record.
func (v Value) Field(name string) (Value, bool) { return v.Apply(Str(name)) }

// Apply returns v[arg] for a tuple, record or function.
func (v Value) Apply(arg Value) (Value, bool) {
	switch v.kind {
	case KindTuple:
		if arg.kind == KindInt && arg.n >= 1 && arg.n <= int64(len(v.elems)) {
			return v.elems[arg.n-1], true
		}
	case KindRecord, KindFunction:
		if i, ok := slices.BinarySearchFunc(v.keys, arg, Value.Compare); ok {
			return v.elems[i], true
		}
	}
	return Value{}, false
}

// Contains reports whether the set v contains elem.
func (v Value) Contains(elem Value) bool {
	if v.kind != KindSet {
		return false
	}
	_, ok := slices.BinarySearchFunc(v.elems, elem, Value.Compare)
	return ok
}

// Equal reports whether v and w are the same value.
func (v Value) Equal(w Value) bool { return v.Compare(w) == 0 }

// Compare orders all values: by kind, then by content.
func (v Value) Compare(w Value) int {
	return cmp.Or(
		cmp.Compare(v.kind, w.kind),
		cmp.Compare(v.n, w.n),
		strings.Compare(v.s, w.s),
		slices.CompareFunc(v.keys, w.keys, Value.Compare),
		slices.CompareFunc(v.elems, w.elems, Value.Compare),
	)
}

// String returns the canonical form, in TLA+ syntax that TLC and [ParseValue]
// read.
func (v Value) String() string {
	var b strings.Builder
	v.write(&b)
	return b.String()
}

func (v Value) write(b *strings.Builder) {
	switch v.kind {
	case KindInt:
		b.WriteString(strconv.FormatInt(v.n, 10))
	case KindString:
		b.WriteString(quoted(v.s))
	case KindBool:
		b.WriteString(map[int64]string{0: "FALSE", 1: "TRUE"}[v.n])
	case KindModel:
		b.WriteString(v.s)
	case KindTuple:
		v.join(b, "<<", ", ", ">>", nil)
	case KindSet:
		v.join(b, "{", ", ", "}", nil)
	case KindRecord:
		v.join(b, "[", ", ", "]", func(key Value) { b.WriteString(key.s + " |-> ") })
	case KindFunction:
		v.join(b, "(", " @@ ", ")", func(key Value) { key.write(b); b.WriteString(" :> ") })
	default:
		b.WriteString("(no value)")
	}
}

func (v Value) join(b *strings.Builder, open, between, end string, key func(Value)) {
	b.WriteString(open)
	for i, e := range v.elems {
		if i > 0 {
			b.WriteString(between)
		}
		if key != nil {
			key(v.keys[i])
		}
		e.write(b)
	}
	b.WriteString(end)
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\f", `\f`)

func quoted(s string) string { return `"` + quoter.Replace(s) + `"` }
