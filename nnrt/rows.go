package nnrt

import (
	"fmt"

	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// Rows is a request for rows of one point.
type Rows struct {
	Out  [][]float32   // where they go, each of the point's width
	Tok  []int32       // of each row, for the token embedding
	Pos  []int32       // of each row, for the position embedding
	In   [][][]float32 // rows of the point's inputs: [input][row], in the order of arch.Inputs
	Keys [][]KeyRun    // for points with Keys: what each query sees, positions 0 to its own
	Cols []int32       // logits alone: the columns wanted, in this order; nil: all
}

// KeyRun is a run of rows of keys and values.
type KeyRun = kern.KeyRun

// Back is a request for gradients through one point: from those of its rows to those of its inputs. No two
// rows of an input may go to the same memory; keys and values may.
type Back struct {
	Rows                // as in the forward computation; Out is needed by none
	D     [][]float32   // gradients of the rows
	DIn   [][][]float32 // added to: [input][row]; an input that is nil is left out
	DKeys [][]KeyRun    // added to: gradients of the keys and values; nil: left out, as is a run without Buf
}

// network is a model of one architecture with its weights.
type network interface {
	// units compute the points of a layer by their kinds: -1 the embeddings, the number of layers the
	// final points. The kind "attention" is scores, pattern and z at once.
	units(layer int) map[string]unit
}

// architecture is one row of the registry.
type architecture struct {
	title string
	table func(arch.Dims) (*arch.Arch, error)
	build func(Config) network
}

var architectures = map[string]architecture{
	"gpt2": {"GPT-2", arch.GPT2, newGPT2},
}

// unit computes a point of a layer.
func (m *Model) unit(layer int, kind string) (unit, error) {
	if m.units == nil {
		return nil, fmt.Errorf("model %s: %w", m.name, errNotLoaded)
	}
	if layer < -1 || layer+1 >= len(m.units) {
		return nil, fmt.Errorf("model %s: there is no layer %d", m.name, layer)
	}
	u, ok := m.units[layer+1][kind]
	if !ok {
		return nil, fmt.Errorf("model %s: no rows stand at %s", m.name, kind)
	}
	return u, nil
}

// Rows computes the rows of a point. A row has the same bits in any company.
func (m *Model) Rows(p arch.Point, r *Rows) error {
	u, err := m.unit(m.arch.Layer(p), m.arch.Row(p).Kind)
	if err != nil {
		return err
	}
	return u.rows(m.pool, r)
}

// Attention computes scores, pattern and z of a layer at once: In[0] are rows of q, Out rows of z. They
// have the bits that the three points have one after another.
func (m *Model) Attention(layer int, r *Rows) error {
	u, err := m.unit(layer, "attention")
	if err != nil {
		return err
	}
	return u.rows(m.pool, r)
}

// Back adds the gradients of a point's rows into those of its inputs, and of the keys and values that
// its queries saw.
func (m *Model) Back(p arch.Point, b *Back) error {
	u, err := m.unit(m.arch.Layer(p), m.arch.Row(p).Kind)
	if err != nil {
		return err
	}
	for i, into := range b.DIn {
		if into == nil {
			continue
		}
		if err := u.back(m.pool, i, b); err != nil {
			return err
		}
	}
	if b.DKeys != nil {
		return u.back(m.pool, toKeys, b)
	}
	return nil
}

// BackReads are the inputs whose rows Back reads at a point. Points with Keys read the keys and values
// too, and BackParam reads all inputs.
func (m *Model) BackReads(p arch.Point) ([]int, error) {
	u, err := m.unit(m.arch.Layer(p), m.arch.Row(p).Kind)
	if err != nil {
		return nil, err
	}
	return u.reads(), nil
}

// ParamPoints are the points whose rows a parameter is used for, ascending.
func (m *Model) ParamPoints(name string) ([]arch.Point, error) {
	_, file, err := m.weight(name)
	if err != nil {
		return nil, err
	}
	var out []arch.Point
	for p := range arch.Point(m.arch.Points()) {
		if _, ok := m.paramAt(p, file); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

// paramAt says whether the unit at a point uses a tensor, and as what: its weight or its bias.
func (m *Model) paramAt(p arch.Point, file string) (bias, ok bool) {
	u, err := m.unit(m.arch.Layer(p), m.arch.Row(p).Kind)
	if err != nil || u.layer() == nil {
		return false, false
	}
	name := m.layers[u.layer()]
	switch file {
	case m.names[name+".weight"]:
		return false, true
	case m.names[name+".bias"]:
		return true, true
	}
	return false, false
}

// BackParam adds the gradient of a parameter as it is used at a point into acc, which has the
// parameter's size: row by row, in the order given.
func (m *Model) BackParam(name string, p arch.Point, b *Back, acc []float32) error {
	w, file, err := m.weight(name)
	if err != nil {
		return err
	}
	bias, ok := m.paramAt(p, file)
	if !ok {
		return fmt.Errorf("model %s: %s is not used at %s", m.name, name, m.arch.PointName(p))
	}
	if len(acc) != size(w.Shape) {
		return fmt.Errorf("%s: room for %d numbers, want %d", name, len(acc), size(w.Shape))
	}
	u, err := m.unit(m.arch.Layer(p), m.arch.Row(p).Kind)
	if err != nil {
		return err
	}
	return u.backParam(m.pool, bias, b, acc)
}
