package tensor

import "slices"

// UnflattenType is the type of t with its first axis split into axes of the given names and lengths.
func UnflattenType(t Type, dims []int, names []string) Type {
	out := Type{DT: t.DT, Axes: slices.Concat(names, t.Axes[1:]), Dims: slices.Concat(dims, t.Dims[1:])}
	for _, g := range t.Rag {
		out.Rag = append(out.Rag, Rag{Axis: g.Axis + len(dims) - 1, Lens: g.Lens})
	}
	return out
}

// Unflatten splits the first axis: [n ...] with n the product of dims gives [dims... ...]. Nothing is
// copied.
func Unflatten(a *Array, dims []int, names []string) *Array {
	return view(UnflattenType(a.Type, dims, names), a)
}
