package tensor

// Host is the operation on a number outside arrays, in float64: a float64, a bool for isnan and isinf,
// nil for an operation on truth values alone.
func (op UnOp) Host(x float64) any {
	switch row := unRows[op]; {
	case row.test != nil:
		return row.test(x)
	case row.f64 != nil:
		return row.f64(x)
	}
	return nil
}
