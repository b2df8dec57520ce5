package ir

import (
	"fmt"
	"math"

	"interp/nnrt/tensor"
)

// Bounds of lists and records that stand in each other.
const (
	MaxDepth = 200        // what walks through them calls itself
	MaxItems = 50_000_000 // all the way down, each as often as it stands there
)

// measure is what a list or record holds, noted where it is made. A list that stands in others many
// times is small in memory and large for whoever walks through it.
type measure struct {
	made  bool
	known bool // nothing in it is lazy
	depth int32
	items int64 // all the way down
	size  int64 // items, and elements of arrays, all the way down
}

// mostSize is where sizes stop growing.
const mostSize = math.MaxInt64 / 1024

// Measure notes the size of a list or record that was just made, from those of its items; others it
// leaves alone. The error says that it is too deep or too large.
func Measure(v Value) error {
	var m measure
	switch x := v.(type) {
	case *List:
		if !x.m.made {
			x.m = measureOf(x.Items)
		}
		m = x.m
	case *Record:
		if !x.m.made {
			x.m = measureOf(x.Vals)
		}
		m = x.m
	}
	switch {
	case m.depth > MaxDepth:
		return &Error{Code: "E0412", Msg: fmt.Sprintf("lists and records stand in each other more than %d deep", MaxDepth), Hint: "join lists by +: [a] + b has no more levels than b"}
	case m.items > MaxItems:
		return &Error{Code: "E0412", Msg: fmt.Sprintf("lists and records that stand in each other hold more than %d million items", MaxItems/1_000_000), Hint: "numbers belong in arrays"}
	}
	return nil
}

// measured is the measure of a list or record.
func measured(v Value) (measure, bool) {
	switch x := v.(type) {
	case *List:
		if x.m.made {
			return x.m, true
		}
		return measureOf(x.Items), true
	case *Record:
		if x.m.made {
			return x.m, true
		}
		return measureOf(x.Vals), true
	}
	return measure{}, false
}

func measureOf(items []Value) measure {
	m := measure{made: true, known: true, depth: 1, items: int64(len(items)), size: int64(len(items))}
	for _, v := range items {
		switch x := v.(type) {
		case *List, *Record:
			in, _ := measured(x)
			m.known = m.known && in.known
			m.depth = max(m.depth, in.depth+1)
			m.items += in.items
			m.size += in.size
		default:
			m.known = m.known && IsKnown(x)
			m.size += Size(x)
		}
		m.items, m.size = min(m.items, mostSize), min(m.size, mostSize)
	}
	return m
}

// Size is how many items and elements a value holds, all the way down; a text counts by its length.
func Size(v Value) int64 {
	switch x := v.(type) {
	case *List, *Record:
		m, _ := measured(x)
		return m.size
	case *tensor.Array:
		return int64(x.Size())
	case string:
		return int64(len(x) / 8)
	}
	return 0
}
