package plan

import (
	"interp/nnrt/arch"
)

// Report is what people read of the planned work: states and operations, dense and planned, by layer
// and stage.
type Report struct {
	Models                     []ModelReport
	NoOps                      []NoOp
	StatesDense, StatesPlanned int64
	FlopsDense, FlopsPlanned   int64
	Modules                    int64 // of both: operations of modules that the script applies to values
	Gradients                  int64 // whose reverse passes are not counted
	Passes, Chunks             int64
	PeakBytes                  int64
}

// ModelReport is the part of one model.
type ModelReport struct {
	Name          string
	Layers        []LayerReport
	LogitsDense   int64 // numbers of rows of logits
	LogitsPlanned int64
	LogitFlops    int64 // of each
}

// LayerReport is one block.
type LayerReport struct{ Stages []StageReport }

// StageReport is one of the four stages of a block: rows that complete it, and what all points that
// lead to it cost.
type StageReport struct {
	Stage                      arch.Stage
	StatesDense, StatesPlanned int64
	FlopsDense, FlopsPlanned   int64
}

// NewReport puts two costs side by side.
func NewReport(t *Table, dense, planned Cost) *Report {
	r := &Report{Modules: planned.Modules, StatesDense: dense.States(t), StatesPlanned: planned.States(t), FlopsDense: dense.Flops(t), FlopsPlanned: planned.Flops(t)}
	for m, o := range t.orders {
		if m >= len(dense.Rows) || m >= len(planned.Rows) {
			break
		}
		mr := ModelReport{Name: t.models[m].Name(), LogitsDense: dense.Logits[m], LogitsPlanned: planned.Logits[m], LogitFlops: 2 * int64(o.a.Dims.DModel)}
		for l := range o.layers {
			mr.Layers = append(mr.Layers, layerReport(t, m, l, dense, planned))
		}
		r.Models = append(r.Models, mr)
	}
	return r
}

func layerReport(t *Table, m, l int, dense, planned Cost) LayerReport {
	var out LayerReport
	var s StageReport
	o := t.orders[m]
	for p := o.a.At(l, 0); o.layer(p) == l; p++ {
		s.FlopsDense += dense.at(t, m, p)
		s.FlopsPlanned += planned.at(t, m, p)
		if s.Stage = o.a.Row(p).Stage; s.Stage != arch.None {
			s.StatesDense, s.StatesPlanned = dense.Rows[m][p], planned.Rows[m][p]
			out.Stages = append(out.Stages, s)
			s = StageReport{}
		}
	}
	return out
}

// Peak is an estimate of the most bytes of rows that live at once: of rows that nobody holds on to,
// with attention's scores and patterns fused.
func (p *Plan) Peak() int64 {
	var peak int64
	for pass := range p.Passes {
		for m, o := range p.t.orders {
			bytes := make([]int64, o.n)
			for s := range o.n {
				if !o.wide[s] && !o.places[s].arrive && s != o.n-1 {
					bytes[s] = int64(4*o.a.Width(s, 0)) * int64(len(p.lists[p.step(pass, int16(m), s)]))
				}
			}
			live, from := int64(0), arch.Point(0)
			for s := range o.n {
				live += bytes[s]
				peak = max(peak, live)
				for q := from; q <= s; q++ {
					if o.last[q] == s {
						live -= bytes[q]
					}
				}
				if s > o.block0() { // nobody reads further back than a block
					from = max(from, s-2*arch.Point(len(o.a.Block)))
				}
			}
		}
	}
	return peak
}

func (o *order) block0() arch.Point { return o.a.At(0, 0) }
