package exec

import (
	"fmt"

	"interp/ir"
	"interp/nnrt"
	"interp/nnrt/arch"
)

// setIndex finds a run's sets by their place.
type setIndex struct {
	run *ir.Run
	at  map[place][]int32 // in script order
}

func indexSets(r *ir.Run) setIndex {
	x := setIndex{r, map[place][]int32{}}
	for i := range r.Sets {
		p := place{r.Sets[i].Pt, r.Sets[i].Pos}
		x.at[p] = append(x.at[p], int32(i))
	}
	return x
}

// count is how many of a place's sets stand above a read that sees the first `after` of the run's.
func (x setIndex) count(pt arch.Point, pos, after int32) int32 {
	n := int32(0)
	for _, i := range x.at[place{pt, pos}] {
		if i < after {
			n++
		}
	}
	return n
}

// naiveRun is a run on its way.
type naiveRun struct {
	*ir.Run
	j      *job
	rt     Runtime
	a      *arch.Arch
	sets   setIndex
	reads  map[place][]pieceKey // pieces to be kept
	length int                  // positions that are read
	target int                  // tokens to be generated

	rows     [][][]float32 // of the pass under way: [point][position]; nil: it does not stand
	states   map[RowKey][]float32
	keep     bool // states are wanted
	standing int  // rows that stood after the last pass
	unknown  int  // rows that did not
	done     bool
	err      error
}

func newNaiveRun(j *job, r *ir.Run) *naiveRun {
	n := &naiveRun{Run: r, j: j, a: r.Model.Arch(), sets: indexSets(r), reads: map[place][]pieceKey{}, length: len(r.Tokens)}
	n.rt, _ = r.Model.(Runtime)
	return n
}

// generated says that all tokens wanted are there.
func (r *naiveRun) generated() bool {
	return r.Gen == nil || r.Gen.Stopped || len(r.Gen.Done) >= r.target
}

// positions of the run as far as it is known.
func (r *naiveRun) positions() int {
	n := len(r.Tokens)
	if r.Gen == nil {
		return n
	}
	if !r.generated() {
		return n + len(r.Gen.Done)
	}
	return min(n+len(r.Gen.Done), max(n, r.length))
}

// token at a position, of the prompt or generated.
func (r *naiveRun) token(pos int) int32 {
	if pos < len(r.Tokens) {
		return r.Tokens[pos]
	}
	return r.Gen.Done[pos-len(r.Tokens)]
}

// unreached is the error of reading a position that never comes to be.
func (r *naiveRun) unreached(pos int32) error {
	if !r.generated() || int(pos) < r.positions() {
		return r.err
	}
	n := 0
	if r.Gen != nil {
		n = len(r.Gen.Done)
	}
	return &ir.Error{Code: "E0407", Msg: fmt.Sprintf("step %d was not reached: tokens generated until the stop: %d", int(pos)-len(r.Tokens)+1, n)}
}

// advance takes the run as far as what is known allows: a pass, and one more for each token.
func (r *naiveRun) advance() error {
	if r.rt == nil {
		return fmt.Errorf("model %s cannot compute", r.Model.Name())
	}
	for {
		if err := r.pass(r.positions()); err != nil {
			return err
		}
		logits := r.last()
		if r.generated() || logits == nil {
			r.done = r.unknown == 0 && r.generated()
			r.rows = nil
			return nil
		}
		AddToken(r.Gen, Choose(logits, r.Gen, len(r.Gen.Done)))
	}
}

// last is the row of logits that the next token is chosen from; nil while it does not stand.
func (r *naiveRun) last() []float32 {
	at := r.rows[r.a.Logits()]
	return at[len(at)-1]
}

// pass is one forward over so many positions. Rows that need a value that is not known yet are left
// out, as is everything made of them.
func (r *naiveRun) pass(n int) error {
	r.rows = make([][][]float32, r.a.Points())
	r.standing, r.unknown = 0, 0
	for p := range arch.Point(r.a.Points()) {
		if err := r.j.ctx.Err(); err != nil {
			return err
		}
		r.rows[p] = make([][]float32, n)
		if r.a.Row(p).Arrive {
			continue
		}
		if err := r.point(p, n); err != nil {
			return err
		}
	}
	return nil
}

// point computes the rows of a point and applies its sets.
func (r *naiveRun) point(p arch.Point, n int) error {
	req, at := r.request(p, n)
	if len(at) > 0 {
		if err := r.rt.Rows(p, req); err != nil {
			return err
		}
	}
	r.j.e.count(r.a, p, at)
	for i, pos := range at {
		r.rows[p][pos] = req.Out[i]
	}
	for pos := range int32(n) {
		row, err := r.apply(p, pos, r.rows[p][pos])
		if err != nil {
			return err
		}
		if r.rows[p][pos] = row; row == nil {
			r.unknown++
		} else {
			r.standing++
		}
	}
	return nil
}

// request collects the rows that can be computed at p and their positions.
func (r *naiveRun) request(p arch.Point, n int) (*nnrt.Rows, []int) {
	ins := r.a.Inputs(p)
	req := &nnrt.Rows{In: make([][][]float32, len(ins))}
	var keys []nnrt.KeyRun
	if r.a.Row(p).Keys {
		keys = oneByOne(r.rows[r.a.KV(r.a.Layer(p))])
	}
	var at []int
	for pos := range n {
		if r.a.Row(p).Keys {
			if pos >= len(keys) {
				break
			}
			if !r.stands(ins, pos) {
				continue
			}
			req.Keys = append(req.Keys, keys[:pos+1])
		} else if !r.stands(ins, pos) {
			continue
		}
		at = append(at, pos)
		for i, q := range ins {
			req.In[i] = append(req.In[i], r.rows[q][pos])
		}
		req.Tok, req.Pos = append(req.Tok, r.token(pos)), append(req.Pos, int32(pos))
		req.Out = append(req.Out, make([]float32, r.a.Width(p, pos)))
	}
	return req, at
}

func (r *naiveRun) stands(points []arch.Point, pos int) bool {
	for _, q := range points {
		if r.rows[q][pos] == nil {
			return false
		}
	}
	return true
}

// oneByOne is a run of keys for each row of keys and values, up to the first that does not stand.
func oneByOne(kv [][]float32) []nnrt.KeyRun {
	var runs []nnrt.KeyRun
	for _, row := range kv {
		if row == nil {
			break
		}
		runs = append(runs, nnrt.KeyRun{Buf: row, N: 1, Stride: len(row)})
	}
	return runs
}

// apply takes a row through its sets, in order, and keeps what is read of it in between. The row is
// nil while it does not stand; a set of all of it makes it stand.
func (r *naiveRun) apply(p arch.Point, pos int32, row []float32) ([]float32, error) {
	sets := r.sets.at[place{p, pos}]
	r.keepRow(RowKey{r.ID, p, pos, 0}, row)
	for k, i := range sets {
		s := &r.Sets[i]
		width := r.a.Width(p, int(pos))
		x, ok, err := r.j.numbers(s, s.Sl.Len(width))
		switch {
		case err != nil:
			r.err, ok = err, false
			row = nil
		case !ok:
			row = nil
		case s.Sl.Whole():
			row = append([]float32(nil), x...)
		case row != nil:
			row = append([]float32(nil), row...)
			s.Sl.Put(row, x)
		}
		r.keepRow(RowKey{r.ID, p, pos, int32(k) + 1}, row)
	}
	return row, nil
}

// keepRow copies what is read of a row.
func (r *naiveRun) keepRow(k RowKey, row []float32) {
	if row == nil {
		return
	}
	if r.keep {
		r.states[k] = row
	}
	for _, key := range r.reads[k.row()] {
		if key.RowKey != k || r.j.got[key] != nil {
			continue
		}
		x := make([]float32, key.Sl.Len(len(row)))
		key.Sl.Take(x, row)
		r.j.got[key] = x
	}
}

// count adds the cost of rows to the statistics.
func (e *Naive) count(a *arch.Arch, p arch.Point, at []int) {
	flops := int64(0)
	for _, pos := range at {
		flops += a.Flops(p, pos)
	}
	if p == a.Logits() {
		flops = 2 * int64(a.Dims.DModel) * int64(a.Dims.DVocab) * int64(len(at))
	}
	if a.Row(p).Stage != arch.None {
		e.stats.StatesDense += int64(len(at))
		e.stats.StatesPlanned += int64(len(at))
	}
	e.stats.FlopsDense += flops
	e.stats.FlopsPlanned += flops
}
