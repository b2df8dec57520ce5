package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// Items lists what a loop runs over: the items of a list, the characters of a string, the keys of a
// record; ok is false for other values, arrays among them.
func Items(v ir.Value) (items []ir.Value, ok bool) {
	switch x := v.(type) {
	case *ir.List:
		return x.Items, true
	case *ir.Lazy:
		return x.Elems, x.Kind == ir.KList && x.Elems != nil
	case string:
		for _, r := range x {
			items = append(items, string(r))
		}
		return items, true
	case *ir.Record:
		for _, k := range x.Keys {
			items = append(items, k)
		}
		return items, true
	case *tensor.Array:
		if x.Rank() == 0 || x.Dims[0] < 0 {
			return nil, false
		}
		for i := range x.Dims[0] {
			e, err := tensor.Index(x, []tensor.Ix{{Kind: tensor.Entry, I: i}})
			if err != nil {
				return nil, false
			}
			items = append(items, e)
		}
		return items, true
	}
	return nil, false
}

func itemsArg(c *ir.Call, i int) ([]ir.Value, error) {
	if items, ok := Items(c.Args[i]); ok {
		return items, nil
	}
	if _, lazy := c.Args[i].(*ir.Lazy); lazy {
		return nil, ir.ErrForce
	}
	return nil, wrong(c, i, "a list")
}

// entriesArg is the same of a function that only places the items: they need not be known.
func entriesArg(c *ir.Call, i int) ([]ir.Value, error) {
	if l, ok := c.Args[i].(*ir.Lazy); ok {
		return lazyItems(c, l)
	}
	return itemsArg(c, i)
}

// lazyItems are the entries of what is not known yet, where how many they are is.
func lazyItems(c *ir.Call, l *ir.Lazy) ([]ir.Value, error) {
	switch {
	case l.Kind == ir.KList && l.Elems != nil:
		return l.Elems, nil
	case l.Kind != ir.KArray || l.Type.Rank() == 0 || l.Type.Dims[0] < 0:
		return nil, ir.ErrForce
	}
	out := make([]ir.Value, l.Type.Dims[0])
	if err := charge(c, len(out)); err != nil {
		return nil, err
	}
	for k := range out {
		e, err := c.Env.Index(l, []tensor.Ix{{Kind: tensor.Entry, I: k}})
		if err != nil {
			return nil, err
		}
		out[k] = e
	}
	return out, nil
}

func evalEnumerate(c *ir.Call) (ir.Value, error) {
	items, err := entriesArg(c, 0)
	if err != nil {
		return nil, err
	}
	start, err := intArg(c, 1)
	if err != nil {
		return nil, err
	}
	out := make([]ir.Value, len(items))
	for i, e := range items {
		out[i] = &ir.List{Items: []ir.Value{start + int64(i), e}}
	}
	return &ir.List{Items: out}, charge(c, 2*len(out))
}

func evalZip(c *ir.Call) (ir.Value, error) {
	lists, n := [][]ir.Value{}, -1
	for _, l := range c.Args[0].(*ir.List).Items {
		items, ok := Items(l)
		if x, lazy := l.(*ir.Lazy); lazy {
			var err error
			if items, err = lazyItems(c, x); err != nil {
				return nil, err
			}
		} else if !ok {
			return nil, errf("zip: want lists, got %s", ir.KindOf(l))
		}
		lists = append(lists, items)
		if n < 0 || len(items) < n {
			n = len(items)
		}
	}
	out := &ir.List{}
	for i := range max(n, 0) {
		row := make([]ir.Value, len(lists))
		for k := range lists {
			row[k] = lists[k][i]
		}
		out.Items = append(out.Items, &ir.List{Items: row})
	}
	return out, charge(c, len(lists)*len(out.Items))
}

func evalReversed(c *ir.Call) (ir.Value, error) {
	items, err := entriesArg(c, 0)
	if err != nil {
		return nil, err
	}
	out := make([]ir.Value, len(items))
	for i, e := range items {
		out[len(items)-1-i] = e
	}
	return &ir.List{Items: out}, nil
}
