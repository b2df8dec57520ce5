package stdlib

import (
	"fmt"

	"interp/ir"
	"interp/nnrt/tensor"
)

// What a picture needs is looked at before the run that fills it: how many axes are longer than 1, and
// whether labels are as many as the places they stand at.

// checkHeatmap wants two axes longer than 1 at most, and labels for each of their places.
func checkHeatmap(c *ir.Call) (ir.Value, error) {
	if anyKind(c.Args[0]) {
		return nil, nil
	}
	t, err := typeArg(c, 0)
	if err != nil {
		return nil, err
	}
	long := longAxes(t)
	if len(long) > 2 || t.IsRagged() {
		return nil, tooManyAxes(c, "two axes", t)
	}
	if len(long) < 2 {
		return nil, nil
	}
	if err := checkLabels(c, 1, long[1]); err != nil {
		return nil, err
	}
	return nil, checkLabels(c, 2, long[0])
}

// checkSeries wants one axis longer than 1, or two: the series and their places. A list of arrays is
// looked at when it is drawn.
func checkSeries(c *ir.Call) (ir.Value, error) {
	t, ok := ir.TypeOf(c.Args[0])
	if !ok || t.IsRagged() {
		return nil, nil
	}
	long := longAxes(t)
	switch len(long) {
	case 0:
		return nil, nil
	case 1:
		return nil, checkLabels(c, 1, long[0])
	case 2:
		if err := checkLabels(c, 1, long[1]); err != nil {
			return nil, err
		}
		return nil, checkLabels(c, 2, long[0])
	}
	return nil, tooManyAxes(c, "one axis, or two: [series x]", t)
}

// checkScatter wants as many numbers across as up.
func checkScatter(c *ir.Call) (ir.Value, error) {
	if anyKind(c.Args[0]) || anyKind(c.Args[1]) {
		return nil, nil
	}
	ts, err := typeArgs(c, 2)
	if err != nil || ts[0].IsRagged() || ts[1].IsRagged() {
		return nil, err
	}
	n, up := tensor.Elements(ts[0].Dims), tensor.Elements(ts[1].Dims)
	if n != up {
		return nil, &ir.Error{Code: "E0419", Msg: fmt.Sprintf("scatter: got %d numbers across and %d up, want as many", n, up)}
	}
	return nil, checkLabels(c, 2, n)
}

// checkLabels wants argument i, where it is a list, to have a label for each of n places.
func checkLabels(c *ir.Call, i, n int) error {
	l, ok := c.Args[i].(*ir.List)
	if !ok || len(l.Items) == n {
		return nil
	}
	return &ir.Error{Code: "E0419", Msg: fmt.Sprintf("%s: %s: got %d labels, want %d", c.Row.Name, c.Row.Params[i].Name, len(l.Items), n)}
}

func tooManyAxes(c *ir.Call, want string, t tensor.Type) error {
	return &ir.Error{Code: "E0301", Msg: fmt.Sprintf("%s: want %s, got %s", c.Row.Name, want, t), Hint: "index or average the others away"}
}

// longAxes are the lengths of axes that a picture does not drop.
func longAxes(t tensor.Type) []int {
	var long []int
	for _, d := range t.Dims {
		if d != 1 {
			long = append(long, d)
		}
	}
	return long
}

func anyKind(v ir.Value) bool {
	l, ok := v.(*ir.Lazy)
	return ok && l.Kind == ir.KAny
}
