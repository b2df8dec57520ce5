package stdlib

import (
	"slices"

	"interp/ir"
	"interp/nnrt/tensor"
)

// linear is linear algebra.
var linear = slices.Concat([]*ir.OpRow{
	{Name: "matmul", Doc: "The product of matrices on the last two axes; axes before them meet as in arithmetic; a single axis is a vector. a: [.. m k], b: [.. k n]; result: [.. m n].",
		Params: []ir.Param{arr("a", "an array"), arr("b", "an array")}, Example: "print matmul([[1, 2]], [[3], [4]])\n# [1 1]\n# [[11.0000]]",
		Infer: pairInfer(tensor.MatMulType), Eval: pairEval(tensor.MatMul), Grad: gradAB(tensor.MatMulGrad)},
	{Name: "@", Doc: "matmul(a, b).", Hidden: true, Params: []ir.Param{arr("a", "an array"), arr("b", "an array")},
		Infer: pairInfer(tensor.MatMulType), Eval: pairEval(tensor.MatMul), Grad: gradAB(tensor.MatMulGrad)},
	pairRow(tensor.Dot, "dot", "The sum of products along an axis. a, b: [.. n]; result: [..].", "print dot([1, 2], [3, 4])\n# 11.0", "a", "b"),
	{Name: "outer", Doc: "Every number of a times every number of b. a: [n], b: [m]; result: [n m].",
		Params: []ir.Param{arr("a", "an array"), arr("b", "an array")}, Example: "print outer([1, 2], [1, 10])\n# [2 2]\n# [[ 1 10]\n#  [ 2 20]]",
		Infer: pairInfer(tensor.OuterType), Eval: pairEval(tensor.Outer), Grad: gradAB(tensor.OuterGrad)},
	einsumRow,
	pairRow(tensor.Cosine, "cosine", "The cosine of the angle along an axis. a, b: [.. n]; result: [..].", "print cosine([1, 0], [2, 0])\n# 1.0", "a", "b"),
	{Name: "corr", Doc: "Pearson's correlation over all elements. a, b: shapes that meet; result: one number.",
		Params: []ir.Param{arr("a", "an array"), arr("b", "an array")}, Example: "print corr([1, 2, 3], [2, 4, 6])\n# 1.0",
		Infer: pairInfer(func(a, b tensor.Type) (tensor.Type, error) { t, _, err := tensor.CorrType(a, b); return t, err }),
		Eval:  pairEval(tensor.Corr),
		Grad: gradAB(func(a, b, _, dout *tensor.Array, arg int) (*tensor.Array, error) {
			return tensor.CorrGrad(a, b, dout, arg)
		})},
}, svdRows, eigvalsRows)

// pairRow is the row of a function of two lines of numbers along an axis.
func pairRow(op tensor.PairOp, name, doc, example, p1, p2 string) *ir.OpRow {
	return fn(&ir.OpRow{Name: name, Doc: doc, Example: example,
		Params: []ir.Param{arr(p1, "an array"), arr(p2, "an array"), axisLast},
		Grad: func(c *ir.Call, arg int, out, dout *tensor.Array) (*tensor.Array, error) {
			as, err := arrayArgs(c, 2)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.PairGrad(op, as[0], as[1], axes, out, dout, arg)
		}},
		func(c *ir.Call) (tensor.Type, error) {
			ts, err := typeArgs(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			axes, err := axesArg(c, 2)
			if err != nil {
				return tensor.Type{}, err
			}
			t, warning, err := tensor.PairType(op, ts[0], ts[1], axes)
			warn(c, warning)
			return t, err
		},
		func(c *ir.Call) (*tensor.Array, error) {
			as, err := arrayArgs(c, 2)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 2)
			if err != nil {
				return nil, err
			}
			return tensor.Pair(op, as[0], as[1], axes)
		})
}

var einsumRow = ofLists(1, fn(&ir.OpRow{Name: "einsum", Doc: "Products of arrays summed over the labels that the result leaves out. Labels are words apart (\"b p d, d v -> b p v\") or single letters; ... stands for axes without a label, aligned from the last.",
	Params: []ir.Param{par("spec", "the axes of each array and of the result"), rest("xs", "arrays")}, GradItem: gradItems(1, gradEinsum), Example: "print einsum(\"i, i ->\", [1, 2], [3, 4])\n# 11.0"},
	func(c *ir.Call) (tensor.Type, error) {
		spec, err := stringArg(c, 0)
		if err != nil {
			return tensor.Type{}, err
		}
		ts, err := listTypes(c, 1)
		if err != nil {
			return tensor.Type{}, err
		}
		return tensor.EinsumType(spec, ts...)
	},
	func(c *ir.Call) (*tensor.Array, error) {
		spec, err := stringArg(c, 0)
		if err != nil {
			return nil, err
		}
		as, err := listArrays(c, 1)
		if err != nil {
			return nil, err
		}
		ts := make([]tensor.Type, len(as))
		for i, a := range as {
			ts[i] = a.Type
		}
		peak, err := tensor.EinsumPeak(spec, ts...)
		if err != nil {
			return nil, err
		}
		if err := charge(c, peak); err != nil {
			return nil, err
		}
		return tensor.Einsum(spec, as...)
	}))

// partRow is one field of a function that gives a record of arrays.
func partRow(name string, i int, params []ir.Param, typ func(c *ir.Call) ([]tensor.Type, error), eval func(c *ir.Call) ([]*tensor.Array, error), noGrad string) *ir.OpRow {
	r := fn(&ir.OpRow{Name: name, Hidden: true, Params: params, NoGrad: noGrad},
		func(c *ir.Call) (tensor.Type, error) {
			ts, err := typ(c)
			if err != nil {
				return tensor.Type{}, err
			}
			return ts[i], nil
		},
		func(c *ir.Call) (*tensor.Array, error) {
			as, err := eval(c)
			if err != nil {
				return nil, err
			}
			return as[i], nil
		})
	return r
}

// partsRow is a function that gives a record of arrays, and then the rows of its fields. noGrad is why
// they have no gradient.
func partsRow(r *ir.OpRow, keys []string, noGrad string, typ func(c *ir.Call) ([]tensor.Type, error), eval func(c *ir.Call) ([]*tensor.Array, error)) []*ir.OpRow {
	parts := make([]*ir.OpRow, len(keys))
	for i, k := range keys {
		parts[i] = partRow(r.Name+" "+k, i, r.Params, typ, eval, noGrad)
	}
	composed(r, func(c *ir.Call) (ir.Value, error) { return recordOfRows(c, keys, parts) })
	return append([]*ir.OpRow{r}, parts...)
}

// svdRows: of the three only the singular values have a gradient.
var svdRows = func() []*ir.OpRow {
	rows := partsRow(&ir.OpRow{Name: "svd", Doc: "The thin singular value decomposition of each matrix of the last two axes, as {u, s, vh}, s falling. x: [.. m n]; u: [.. m k], s: [.. k], vh: [.. k n] with k = min(m, n).",
		Params: []ir.Param{arr("x", "an array")}, Example: "print svd([[3.0, 0.0], [0.0, 2.0]]).s\n# [2]\n# [3.0000 2.0000]"},
		[]string{"u", "s", "vh"}, "singular vectors turn freely where singular values meet",
		func(c *ir.Call) ([]tensor.Type, error) {
			t, err := typeArg(c, 0)
			if err != nil {
				return nil, err
			}
			u, s, vh, err := tensor.SVDType(t)
			return []tensor.Type{u, s, vh}, err
		},
		func(c *ir.Call) ([]*tensor.Array, error) {
			a, err := arrayArg(c, 0)
			if err != nil {
				return nil, err
			}
			u, s, vh, err := tensor.SVD(a)
			return []*tensor.Array{u, s, vh}, err
		})
	rows[2].NoGrad, rows[2].Grad = "", gradX(func(_ *ir.Call, x, _, dout *tensor.Array) (*tensor.Array, error) {
		return tensor.SVDGrad(x, dout)
	})
	return rows
}()

var eigvalsRows = partsRow(&ir.OpRow{Name: "eigvals", Doc: "The eigenvalues of each square matrix of the last two axes by falling magnitude, as {re, im}. x: [.. n n]; re, im: [.. n].",
	Params: []ir.Param{arr("x", "an array")}, Example: "print eigvals([[3.0, 0.0], [0.0, 2.0]]).re\n# [2]\n# [3.0000 2.0000]"},
	[]string{"re", "im"}, "eigenvalues have none where they meet",
	func(c *ir.Call) ([]tensor.Type, error) {
		t, err := typeArg(c, 0)
		if err != nil {
			return nil, err
		}
		e, err := tensor.EigValsType(t)
		return []tensor.Type{e, e}, err
	},
	func(c *ir.Call) ([]*tensor.Array, error) {
		a, err := arrayArg(c, 0)
		if err != nil {
			return nil, err
		}
		re, im, err := tensor.EigVals(a)
		return []*tensor.Array{re, im}, err
	})
