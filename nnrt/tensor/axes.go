package tensor

import (
	"slices"
	"strings"
)

// Ax says which axis is meant: by its name, or by its place (negative from the end) where Name is
// empty.
type Ax struct {
	Name string
	I    int
}

// ByName is the axis of that name.
func ByName(name string) Ax { return Ax{Name: name} }

// ByPlace is axis i; -1 is the last.
func ByPlace(i int) Ax { return Ax{I: i} }

// resolveAx finds one axis.
func resolveAx(t Type, ax Ax) (int, error) {
	if ax.Name != "" {
		return t.Axis(ax.Name)
	}
	n := t.Rank()
	if n == 0 {
		return 0, errf("axis %d: the value is a single number", ax.I)
	}
	if ax.I < -n || ax.I >= n {
		return 0, errf("axis %d is out of range for shape %s (valid: %d to %d)", ax.I, t, -n, n-1)
	}
	return (ax.I + n) % n, nil
}

// ResolveAxes finds the axes of an axis argument, ascending; none means all.
func ResolveAxes(t Type, axes []Ax) ([]int, error) {
	if len(axes) == 0 {
		return identity(t.Rank()).In, nil
	}
	out := make([]int, len(axes))
	for i, ax := range axes {
		k, err := resolveAx(t, ax)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], k) {
			return nil, errf("axis %s is given twice", t.axisText(k))
		}
		out[i] = k
	}
	slices.Sort(out)
	return out, nil
}

// lastOr is the one axis of an argument whose default is the last.
func lastOr(t Type, axes []Ax) (int, error) {
	switch len(axes) {
	case 0:
		return resolveAx(t, Ax{I: -1})
	case 1:
		return resolveAx(t, axes[0])
	}
	return 0, errf("this works along one axis: got %d", len(axes))
}

// axesText names axes in a message.
func (t Type) axesText(axes []int) string {
	names := make([]string, len(axes))
	for i, k := range axes {
		names[i] = t.axisText(k)
	}
	return strings.Join(names, ", ")
}
