package stdlib

import (
	"interp/ir"
	"interp/nnrt/tensor"
)

// bootstrapRows is bootstrap and the rows of its bounds; its mean is that of mean.
var bootstrapRows = func() []*ir.OpRow {
	r := &ir.OpRow{Name: "bootstrap", Doc: "The mean and the bounds of the middle 95 in 100 of the means of n resamples, as {mean, low, high}; keyed by the seed. x: [.. k ..]; each field: the axes left.",
		Params: []ir.Param{arr("x", "an array"), axisAll, opt("n", int64(1000), "how many resamples"), seedPar}, Example: "r = bootstrap([1.0, 1.0], 0, 10)\nprint r.mean, r.low, r.high\n# 1.0 1.0 1.0"}
	bounds := []*ir.OpRow{boundRow("bootstrap low", 0.025, r.Params), boundRow("bootstrap high", 0.975, r.Params)}
	composed(r, func(c *ir.Call) (ir.Value, error) {
		mean, err := call(c, "mean", c.Args[0], c.Args[1])
		if err != nil {
			return nil, err
		}
		rest, err := recordOfRows(c, []string{"low", "high"}, bounds)
		if err != nil {
			return nil, err
		}
		return &ir.Record{Keys: []string{"mean", "low", "high"}, Vals: append([]ir.Value{mean}, rest.(*ir.Record).Vals...)}, nil
	})
	return append([]*ir.OpRow{r}, bounds...)
}()

// boundRow is the quantile q of the resampled means.
func boundRow(name string, q float64, params []ir.Param) *ir.OpRow {
	return fn(&ir.OpRow{Name: name, Hidden: true, Params: params, NoGrad: "it resamples; mean(x) has one"},
		func(c *ir.Call) (tensor.Type, error) {
			t, err := typeArg(c, 0)
			if err != nil {
				return t, err
			}
			axes, err := axesArg(c, 1)
			if err != nil {
				return t, err
			}
			return tensor.ReduceType(tensor.Mean, t, axes)
		},
		func(c *ir.Call) (*tensor.Array, error) {
			a, err := arrayArg(c, 0)
			if err != nil {
				return nil, err
			}
			axes, err := axesArg(c, 1)
			if err != nil {
				return nil, err
			}
			n, err := intArg(c, 2)
			if err != nil {
				return nil, err
			}
			if n < 1 || n > 1_000_000 {
				return nil, errf("bootstrap: n is %d, want 1 to 1000000", n)
			}
			if err := charge(c, int(min(n*int64(a.Size()), 1<<53))); err != nil {
				return nil, err
			}
			k, err := key(c, 3)
			if err != nil {
				return nil, err
			}
			return tensor.Bootstrap(a, axes, int(n), q, k)
		})
}
