package tensor

import "slices"

// CrossEntropyType is the type of CrossEntropy.
func CrossEntropyType(logits, ids Type) (Type, error) {
	return crossType(logits, ids, false)
}

func crossType(logits, ids Type, exact bool) (Type, error) {
	e, err := planCross(logits, ids)
	if err != nil {
		return Type{}, opError(opName("cross_entropy"), err)
	}
	e.exact = exact
	t, err := e.typeOf(logits, ids)
	return t, opError(opName("cross_entropy"), err)
}

// CrossEntropy is -log p of ids along the last axis. ids meet the other axes as in arithmetic.
//
//	logits: [batch pos d_vocab], ids: [batch pos]; result: [batch pos]
func CrossEntropy(logits, ids *Array) (*Array, error) {
	e, err := planCross(logits.Type, ids.Type)
	if err != nil {
		return nil, opError(opName("cross_entropy"), err)
	}
	out, err := e.run(logits, ids)
	return out, opError(opName("cross_entropy"), err)
}

// cross is how ids meet the axes before the last of logits.
type cross struct {
	meet  Meeting
	exact bool // the last axis of ids does not broadcast
}

func planCross(logits, ids Type) (c cross, err error) {
	if logits.Rank() == 0 {
		return c, errf("got a single number, want logits")
	}
	if logits.lens(logits.Rank()-1) != nil {
		return c, errf("the last axis of %s is ragged", logits)
	}
	if ids.DT == F32 {
		return c, errf("ids are %s, want integers", ids.DT)
	}
	lead := withoutLast(logits)
	if ids.Rank() > lead.Rank() {
		return c, errf("ids have shape %s, logits %s", ids, logits).hint("one id for each row of logits")
	}
	c.meet, err = Meet(lead, ids)
	return c, err
}

// withoutLast drops the last axis, which is not ragged.
func withoutLast(t Type) Type {
	n := t.Rank() - 1
	return Type{DT: t.DT, Axes: slices.Clone(t.Axes[:n]), Dims: slices.Clone(t.Dims[:n]), Rag: t.Rag}
}

func (c cross) infer(ts []Type) (Type, error) {
	lead := withoutLast(ts[0])
	t, err := c.meet.shape([]Type{lead, ts[1]})
	if err == nil && !slices.Equal(t.Dims, lead.Dims) {
		err = errf("ids have shape %s, logits %s", ts[1], ts[0]).hint("one id for each row of logits")
	}
	if n := ts[1].Rank(); err == nil && c.exact && ts[1].Dims[n-1] != lead.Dims[lead.Rank()-1] {
		err = errf("%d ids for %d positions", ts[1].Dims[n-1], lead.Dims[lead.Rank()-1])
	}
	return t.with(F32), err
}

func (c cross) typeOf(logits, ids Type) (Type, error) {
	ts := []Type{logits, ids}
	if !anyRagged(ts) {
		return c.infer(ts)
	}
	l, err := c.meet.lifting([]Type{withoutLast(logits), ids})
	if err != nil {
		return Type{}, err
	}
	return l.typeOf(ts, c.infer)
}

func (c cross) run(logits, ids *Array) (*Array, error) {
	xs := []*Array{logits, ids}
	ts := types(xs)
	if !anyRagged(ts) {
		t, err := c.infer(ts)
		if err != nil {
			return nil, err
		}
		return c.eval(t, xs)
	}
	l, err := c.meet.lifting([]Type{withoutLast(logits.Type), ids.Type})
	if err != nil {
		return nil, err
	}
	return l.run(xs, c.infer, c.eval)
}

func (c cross) eval(out Type, xs []*Array) (*Array, error) {
	x := xs[0].F32()
	n := xs[0].Dims[xs[0].Rank()-1]
	ids := broadcast(xs[1].As(I64), c.meet.Maps[1], out).ints()
	data := make([]float32, out.Size())
	for i, id := range ids {
		j, err := idIn(xs[0].Type, xs[0].Rank()-1, id)
		if err != nil {
			return nil, err
		}
		row := x[i*n : (i+1)*n]
		data[i] = float32(logSumExp(row) - float64(row[j]))
	}
	return wrap(out, data), nil
}

// LossType is the type of Loss.
func LossType(logits, ids Type) (Type, error) {
	x, y, err := lossIndex(logits, ids)
	if err != nil {
		return Type{}, err
	}
	if _, err := crossType(logits, ids, true); err != nil {
		return Type{}, opError(opName("loss"), err)
	}
	tx, err := IndexType(logits, x)
	if err != nil {
		return Type{}, opError(opName("loss"), err)
	}
	ty, err := IndexType(ids, y)
	if err != nil {
		return Type{}, opError(opName("loss"), err)
	}
	t, err := CrossEntropyType(tx, ty)
	if err != nil {
		return Type{}, opError(opName("loss"), err)
	}
	return ReduceType(Mean, t, []Ax{{I: -1}})
}

// Loss is the mean next-token loss over each row's own positions: the logits at a position are
// judged by the id at the next.
//
//	logits: [batch pos d_vocab], ids: [batch pos]; result: [batch]
func Loss(logits, ids *Array) (*Array, error) {
	if _, err := LossType(logits.Type, ids.Type); err != nil {
		return nil, err
	}
	x, y, err := lossIndex(logits.Type, ids.Type)
	if err != nil {
		return nil, err
	}
	at, err := Index(logits, x)
	if err != nil {
		return nil, opError(opName("loss"), err)
	}
	next, err := Index(ids, y)
	if err != nil {
		return nil, opError(opName("loss"), err)
	}
	each, err := CrossEntropy(at, next)
	if err != nil {
		return nil, opError(opName("loss"), err)
	}
	return Reduce(Mean, each, []Ax{{I: -1}})
}

// lossIndex takes all positions but the last of logits, and all but the first of ids.
func lossIndex(logits, ids Type) (x, y []Ix, err error) {
	if logits.Rank() < 2 || ids.Rank() < 1 {
		return nil, nil, errf("loss: logits have shape %s and ids %s, want [batch pos d_vocab] and [batch pos]", logits, ids)
	}
	x = []Ix{{Kind: Ellipsis}, {Kind: Slice, Hi: -1, HasHi: true}, {Kind: Slice}}
	y = []Ix{{Kind: Ellipsis}, {Kind: Slice, Lo: 1, HasLo: true}}
	return x, y, nil
}
