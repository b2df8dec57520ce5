package draw

import (
	"fmt"

	"interp/internal/results"
)

func newHeatmap(c *call) (Picture, error) {
	a := asDense(c.arg("z"))
	if a == nil {
		return nil, fmt.Errorf("heatmap: got %s, want an array of two axes\nhint: pad(x, nan) makes rows of one length", kindOf(c.arg("z")))
	}
	shape := a.Shape
	a = a.squeeze(2)
	for len(a.Shape) < 2 {
		a.Shape, a.Axes = append([]int{1}, a.Shape...), append([]string{""}, a.Axes...)
	}
	if len(a.Shape) > 2 {
		return nil, fmt.Errorf("heatmap: got an array of shape %v, want two axes longer than 1\nhint: index or average the others away", shape)
	}
	yaxis, ylabels := a.axis(0)
	xaxis, xlabels := a.axis(1)
	h := &Heatmap{Z: a.rows()}
	var err error
	if h.XLabels, err = c.texts("x", xlabels); err != nil {
		return nil, err
	}
	if h.YLabels, err = c.texts("y", ylabels); err != nil {
		return nil, err
	}
	t, err := c.titles(xaxis, yaxis)
	h.Title, h.XAxis, h.YAxis = t[0], t[1], t[2]
	return h, err
}

// plotted is the numbers of lines and bars with what their array says of them.
type plotted struct {
	series [][]float64
	labels []string // along x
	axis   string   // of x
	names  []string // of the series
}

// series is one array [x], several as [series x], or a list of [x].
func (c *call) series() (*plotted, error) {
	v := c.arg("series")
	if a := asDense(v); a != nil {
		return c.matrix(a)
	}
	if a := results.AsArray(v); a != nil {
		return c.ragged(a)
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: got %s, want an array or a list of arrays", c.kind, kindOf(v))
	}
	p := &plotted{}
	for i, e := range list {
		a := asDense(e)
		if a != nil {
			a = a.squeeze(1)
		}
		if a == nil || len(a.Shape) != 1 {
			return nil, fmt.Errorf("%s: series %d: got %s, want an array of one axis", c.kind, i, kindOf(e))
		}
		if i == 0 {
			p.axis, p.labels = a.axis(0)
		}
		p.series = append(p.series, a.all())
	}
	return p, nil
}

func (c *call) matrix(a *dense) (*plotted, error) {
	shape := a.Shape
	if a = a.squeeze(2); len(a.Shape) == 2 && a.Shape[1] == 1 && a.Shape[0] > 1 {
		a = a.squeeze(1)
	}
	switch len(a.Shape) {
	case 0:
		return &plotted{series: [][]float64{a.all()}}, nil
	case 1:
		p := &plotted{series: [][]float64{a.all()}}
		p.axis, p.labels = a.axis(0)
		return p, nil
	case 2:
		p := &plotted{series: a.rows()}
		p.axis, p.labels = a.axis(1)
		p.names = namesAlong(a)
		return p, nil
	}
	return nil, fmt.Errorf("%s: got an array of shape %v, want one axis, or two: [series x]\nhint: index or average the others away", c.kind, shape)
}

// namesAlong are names for the rows of a matrix: its labels, else the axis with a number. One row
// without a label needs none.
func namesAlong(a *dense) []string {
	name, labels := a.axis(0)
	if labels != nil || name == "" || a.Shape[0] < 2 {
		return labels
	}
	out := indices(a.Shape[0])
	for i := range out {
		out[i] = name + " " + out[i]
	}
	return out
}

// ragged makes a series of each row.
func (c *call) ragged(a *results.Array) (*plotted, error) {
	p := &plotted{}
	var err error
	a.EachRow(func(i int, r *results.Array) {
		row := (&dense{r}).squeeze(1)
		if len(row.Shape) != 1 {
			err = fmt.Errorf("%s: row %d has the shape %v, want one axis", c.kind, i, row.Shape)
			return
		}
		p.axis = row.Axes[0]
		p.series = append(p.series, row.all())
	})
	return p, err
}

func newLines(c *call) (Picture, error) {
	p, err := c.series()
	if err != nil {
		return nil, err
	}
	l := &Lines{Series: p.series}
	if x := asDense(c.arg("x")); x != nil && c.arg("x") != nil {
		l.X = x.all()
	} else if l.XLabels, err = c.texts("x", p.labels); err != nil {
		return nil, err
	}
	if l.Names, err = c.texts("names", p.names); err != nil {
		return nil, err
	}
	t, err := c.titles(p.axis, "")
	l.Title, l.XAxis, l.YAxis = t[0], t[1], t[2]
	return l, err
}

func newBars(c *call) (Picture, error) {
	p, err := c.series()
	if err != nil {
		return nil, err
	}
	b := &Bars{Series: p.series}
	if b.Labels, err = c.texts("x", p.labels); err != nil {
		return nil, err
	}
	if b.Names, err = c.texts("names", p.names); err != nil {
		return nil, err
	}
	t, err := c.titles(p.axis, "")
	b.Title, b.XAxis, b.YAxis = t[0], t[1], t[2]
	return b, err
}

func newScatter(c *call) (Picture, error) {
	a, b := asDense(c.arg("a")), asDense(c.arg("b"))
	for i, x := range []*dense{a, b} {
		if name := []string{"a", "b"}[i]; x == nil {
			return nil, fmt.Errorf("scatter: %s: got %s, want an array", name, kindOf(c.arg(name)))
		}
	}
	p := &Scatter{A: a.all(), B: b.all()}
	var along []string
	if len(a.Shape) == 1 {
		_, along = a.squeeze(1).axis(0)
	}
	var err error
	if p.Labels, err = c.texts("labels", along); err != nil {
		return nil, err
	}
	t, err := c.titles("", "")
	p.Title, p.XAxis, p.YAxis = t[0], t[1], t[2]
	return p, err
}
