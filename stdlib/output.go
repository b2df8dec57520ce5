package stdlib

import (
	"interp/internal/results"
	"interp/ir"
	"interp/nnrt/tensor"
)

// outputs show or name results. The machine puts their calls on the tape; they are written in order
// when their values are known.
var outputs = []*ir.OpRow{
	{Name: "heatmap", Output: true, Doc: "A picture of a matrix in diverging colours centred on 0; rows go down. Axes of length 1 are dropped. z: [y x].",
		Params: pictureParams(arr("z", "an array of two axes"), opt("x", nil, "labels of the columns"), opt("y", nil, "labels of the rows")), Infer: checkHeatmap, Example: "heatmap([[1.0, -1.0]], xaxis=\"Position\", yaxis=\"Layer\")"},
	{Name: "lines", Output: true, Doc: "Lines over a common axis. series: one array [x], several as a list or [line x].",
		Params: pictureParams(par("series", "an array, or a list of them"), opt("x", nil, "numbers or labels along the axis"), opt("names", nil, "of the lines")), Infer: checkSeries, Example: "lines([[1.0, 2.0], [2.0, 1.0]], names=[\"a\", \"b\"])"},
	{Name: "bars", Output: true, Doc: "Bars; several series stand side by side. series: [x], or several as a list or [series x].",
		Params: pictureParams(par("series", "an array, or a list of them"), opt("x", nil, "labels of the bars"), opt("names", nil, "of the series")), Infer: checkSeries, Example: "bars([1.0, 2.0], x=[\"a\", \"b\"])"},
	{Name: "scatter", Output: true, Doc: "Points. a, b: arrays of one shape.",
		Params: pictureParams(arr("a", "along the x axis"), arr("b", "along the y axis"), opt("labels", nil, "of the points")), Infer: checkScatter, Example: "scatter([1.0, 2.0], [2.0, 1.0])"},
	{Name: "table", Output: true, Doc: "A table: of a list of records, a column a field; of an array, its rows.",
		Params: []ir.Param{par("rows", "a list of records, or an array"), opt("title", "", "above the table"), opt("columns", nil, "names of the columns")}, Infer: nothing, Example: "table([{name: \"a\", n: 1}])"},
	{Name: "write", Output: true, Doc: "Adds a named result to the files of -o; the name is a new one.",
		Params: []ir.Param{par("name", "a string"), par("value", "any value")}, Infer: checkWrite, Example: "write(\"answer\", 42)"},
}

func pictureParams(ps ...ir.Param) []ir.Param {
	return append(ps, opt("xaxis", "", "title of the x axis"), opt("yaxis", "", "title of the y axis"), opt("title", "", "above the picture"))
}

func nothing(*ir.Call) (ir.Value, error) { return nil, nil }

// checkWrite wants a name that files can hold, before the run that makes the value.
func checkWrite(c *ir.Call) (ir.Value, error) {
	if _, lazy := c.Args[0].(*ir.Lazy); lazy {
		return nil, nil
	}
	name, err := stringArg(c, 0)
	if err != nil {
		return nil, err
	}
	if err := results.CheckName(name); err != nil {
		return nil, errf("write: %v", err)
	}
	return nil, nil
}

// siteRows speak of places in the model; the machine does them, since a place is no value.
var siteRows = []*ir.OpRow{
	{Name: "site", Special: true, Doc: "A site by its name as text: a hook name, a module path, or a short name with its layer.",
		Params: []ir.Param{par("name", "such as blocks.5.attn.hook_z, or z"), opt("layer", nil, "of a short name")}, Example: "invoke \"After John\" { save z = site(\"z\", 0) }\nprint z.axes\n# [\"batch\", \"pos\", \"head\", \"d_head\"]"},
	{Name: "grad", Special: true, Doc: "The gradient of one number with respect to an activation, or to param(name), in its shape.",
		Params: []ir.Param{par("metric", "one number"), par("site", "a site or param(name)")}, Example: "invoke \"After John\" {\n    save g = grad(lm_head.output[0, -1, 0], transformer.h[0].output)\n}\nprint g.axes\n# [\"batch\", \"pos\", \"d_model\"]"},
	detachRow,
}

// detachRow is a value as a constant of gradients.
var detachRow = func() *ir.OpRow {
	r := fn(&ir.OpRow{Name: "detach", NoGrad: "that is what it is for", Doc: "x, which gradients take for a constant. x: any shape; result: the same.",
		Params: []ir.Param{arr("x", "an array")}, Example: "print detach([1, 2])\n# [2]\n# [1 2]"},
		func(c *ir.Call) (tensor.Type, error) { return typeArg(c, 0) },
		func(c *ir.Call) (*tensor.Array, error) { return arrayArg(c, 0) })
	r.Maps = sameAxes
	return r
}()
