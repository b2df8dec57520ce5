package results

import (
	"strconv"
	"strings"
)

// entries are the arrays and lists of a file by their names.
type entries map[string]any

func entriesOf(r *Record) entries {
	e := entries{}
	for i, k := range r.Keys {
		e[k] = r.Vals[i]
	}
	return e
}

func (e entries) array(key string) (*Array, bool) {
	a, ok := e[key].(*Array)
	return a, ok
}

func (e entries) strings(key string) ([]string, bool) {
	list, ok := e[key].([]any)
	if !ok {
		return nil, false
	}
	return allStrings(list)
}

// nameAxes gives arrays the names in their x.axes.
func nameAxes(r *Record) *Record {
	all, out := entriesOf(r), &Record{}
	for i, k := range r.Keys {
		base, isAxes := strings.CutSuffix(k, ".axes")
		if a, ok := all.array(base); isAxes && ok {
			if names, ok := all.strings(k); ok && len(names) == len(a.Shape) {
				a.Axes = names
				continue
			}
		}
		out.Add(k, r.Vals[i])
	}
	return out
}

// joinRows makes ragged arrays of x/0, x/1, ..., x.axes and x.outer.
func joinRows(r *Record) *Record {
	all := entriesOf(r)
	used := map[string]bool{}
	made := map[string]*Array{}
	for _, k := range r.Keys {
		if base, ok := strings.CutSuffix(k, ".outer"); ok {
			if a := all.rows(base); a != nil {
				made[k] = a
				used[base+".axes"] = true
				for i := range a.Rows {
					used[base+"/"+strconv.Itoa(i)] = true
				}
			}
		}
	}
	out := &Record{}
	for i, k := range r.Keys {
		switch {
		case made[k] != nil:
			out.Add(strings.TrimSuffix(k, ".outer"), made[k])
		case !used[k]:
			out.Add(k, r.Vals[i])
		}
	}
	return out
}

// rows is a ragged array; nil where its parts do not fit each other.
func (e entries) rows(base string) *Array {
	dims, ok := e.array(base + ".outer")
	if !ok {
		return nil
	}
	outer, ok := dims.Data.([]int64)
	axes, named := e.strings(base + ".axes")
	if !ok || !named {
		return nil
	}
	a := &Array{Axes: axes, Outer: convert(outer, func(v int64) int { return int(v) }), Rows: [][]int{}}
	n, err := checkedSize(a.Outer, len(e))
	if err != nil || n == 0 {
		return nil
	}
	for i := range n {
		row, ok := e.array(base + "/" + strconv.Itoa(i))
		if !ok || len(row.Shape)+len(outer) != len(axes) || !a.extend(row) {
			return nil
		}
	}
	return a
}

// extend adds a row of the same type.
func (a *Array) extend(row *Array) bool {
	if a.Data == nil {
		a.Rows, a.Data = append(a.Rows, row.Shape), row.Data
		return true
	}
	a.Rows = append(a.Rows, row.Shape)
	switch d := a.Data.(type) {
	case []float32:
		r, ok := row.Data.([]float32)
		a.Data = append(d, r...)
		return ok
	case []float64:
		r, ok := row.Data.([]float64)
		a.Data = append(d, r...)
		return ok
	case []int64:
		r, ok := row.Data.([]int64)
		a.Data = append(d, r...)
		return ok
	case []bool:
		r, ok := row.Data.([]bool)
		a.Data = append(d, r...)
		return ok
	}
	return false
}
