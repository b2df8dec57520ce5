// Package ir has the types that stand between a script and its execution:
//
//	program  what the compiler makes of a tree: functions of typed instructions (program.go)
//	values   what a script computes with (this file)
//	ops      a function of the library is one row (op.go)
//	graph    the interventions of the runs a script described: runs, sets, reads, ops (graph.go)
//
// A value that depends on a run is lazy: it has a node of the graph and a type, and no numbers until
// something forces it. The same machine runs a script for real and on shapes alone; in the latter
// case lazy values are simply never computed.
package ir

import (
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// Value is what a name can hold: nil (None), bool, int64, float64, string, *List, *Record,
// *tensor.Array, *Lazy, and the kinds that only the machine knows (functions, edits, models, sites).
type Value any

// List is an immutable list.
type List struct {
	Items []Value
	m     measure
}

// Record is an immutable set of named fields in the order written.
type Record struct {
	Keys []string
	Vals []Value
	m    measure
}

// Get is a field.
func (r *Record) Get(key string) (Value, bool) {
	for i, k := range r.Keys {
		if k == key {
			return r.Vals[i], true
		}
	}
	return nil, false
}

// With is a copy with a field changed or added.
func (r *Record) With(key string, v Value) *Record {
	n := &Record{Keys: append([]string(nil), r.Keys...), Vals: append([]Value(nil), r.Vals...)}
	for i, k := range n.Keys {
		if k == key {
			n.Vals[i] = v
			return n
		}
	}
	n.Keys, n.Vals = append(n.Keys, key), append(n.Vals, v)
	return n
}

// Kind is the kind of a value as far as it is known.
type Kind uint8

// The kinds. Any is unknown: an input that was not given, what a branch left open.
const (
	KAny Kind = iota
	KNone
	KBool
	KInt
	KFloat
	KString
	KList
	KRecord
	KArray
	KFunc
	KEdit
	KModel
	KSite
)

var kindNames = [...]string{"value", "None", "bool", "int", "float", "string", "list", "record", "array", "function", "edit", "model", "site"}

func (k Kind) String() string { return kindNames[k] }

// Lazy is a value that is not known yet. Kind says what it will be; Type is set for an array.
// Node is NoNode for a value that will never be known (an input that check was not given).
// A list whose length is known has Elems; a record with known fields is a *Record of lazy values.
type Lazy struct {
	Node  NodeID
	Kind  Kind
	Type  tensor.Type
	Elems []Value // of a list, if its length is known
}

// KindOf tells the kind of a value.
func KindOf(v Value) Kind {
	switch x := v.(type) {
	case nil:
		return KNone
	case bool:
		return KBool
	case int64:
		return KInt
	case float64:
		return KFloat
	case string:
		return KString
	case *List:
		return KList
	case *Record:
		return KRecord
	case *tensor.Array:
		return KArray
	case *Lazy:
		return x.Kind
	case interface{ ValueKind() Kind }:
		return x.ValueKind()
	}
	return KAny
}

// IsKnown says that nothing in v is lazy.
func IsKnown(v Value) bool {
	switch x := v.(type) {
	case *Lazy:
		return false
	case *List, *Record:
		m, _ := measured(x)
		return m.known
	}
	return true
}

// TypeOf is the array type of an array, lazy or not.
func TypeOf(v Value) (tensor.Type, bool) {
	switch x := v.(type) {
	case *tensor.Array:
		return x.Type, true
	case *Lazy:
		return x.Type, x.Kind == KArray
	}
	return tensor.Type{}, false
}

// Model is what the graph must know of a model; the runtime's model is one.
type Model interface {
	Arch() *arch.Arch
	Name() string
}
