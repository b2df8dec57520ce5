package nn

import (
	"sync"

	"interp/nnrt/kern"
)

// Table is a matrix of one row a token, [tokens, width]: an embedding, an unembedding, or both. It is
// large and little of it is needed at a time, so it is not loaded: rows are read when they are looked
// up. A logit is the product with one row, so a few logits need a few rows too; only the first call
// for all logits packs the whole, in blocks of the vocabulary.
type Table struct {
	N, Width int
	rows     Lender
	once     sync.Once
	blocks   []*kern.Mat // of tableBlock tokens each, [width, tokens]
	err      error
}

// tableBlock is how many tokens are read and packed at a time.
const tableBlock = 4096

// Load finds name.weight; it reads nothing yet.
func (t *Table) Load(src Source, name string) error {
	shape := src.Shape(name + ".weight")
	t.N, t.Width = shape[0], shape[1]
	t.rows = src.Lender(name + ".weight")
	return nil
}

// Rows looks up rows. out: [rows][width].
func (t *Table) Rows(out [][]float32, ids []int32) error {
	for r, id := range ids {
		x, err := t.rows.ReadRows(int(id), int(id)+1)
		if err != nil {
			return err
		}
		copy(out[r], x)
	}
	return nil
}

// Logits are the products of inputs with the rows of tokens: those named by cols, in that order, or
// all where cols is nil. A logit has the same bits either way. in: [rows][width]; out: [rows][cols].
func (t *Table) Logits(p *kern.Pool, out, in [][]float32, cols []int32) error {
	if cols != nil {
		w, err := t.gather(cols)
		if err != nil {
			return err
		}
		p.MatMul(out, in, t.rows.Pack(t.Width, len(cols), w, true), kern.Opts{})
		return nil
	}
	blocks, err := t.packed()
	if err != nil {
		return err
	}
	part := make([][]float32, len(out))
	for b, w := range blocks {
		at := b * tableBlock
		for r := range out {
			part[r] = out[r][at:min(at+tableBlock, t.N)]
		}
		p.MatMul(part, in, w, kern.Opts{})
	}
	return nil
}

// gather reads the rows of some tokens. Neighbours are read together. result: [cols width].
func (t *Table) gather(cols []int32) ([]float32, error) {
	w := make([]float32, len(cols)*t.Width)
	for i := 0; i < len(cols); {
		n := 1
		for i+n < len(cols) && n < tableBlock && cols[i+n] == cols[i]+int32(n) {
			n++
		}
		x, err := t.rows.ReadRows(int(cols[i]), int(cols[i])+n)
		if err != nil {
			return nil, err
		}
		copy(w[i*t.Width:], x)
		i += n
	}
	return w, nil
}

// packed is the whole table, transposed, made once.
func (t *Table) packed() ([]*kern.Mat, error) {
	t.once.Do(func() {
		for at := 0; at < t.N; at += tableBlock {
			n := min(tableBlock, t.N-at)
			x, err := t.rows.ReadRows(at, at+n)
			if err != nil {
				t.err = err
				return
			}
			t.blocks = append(t.blocks, t.rows.Pack(t.Width, n, x, true))
		}
	})
	return t.blocks, t.err
}

// manyCols is from how many columns on the gradient of logits goes through the whole table. It is
// decided row by row, so that a row's bits do not depend on others.
const manyCols = 1024

// LogitsBack adds the inputs' gradients. Columns that were not read have none. dx: [rows][width];
// dy: [rows][cols].
func (t *Table) LogitsBack(p *kern.Pool, dx, dy [][]float32, cols []int32) error {
	if cols == nil || len(cols) > manyCols {
		return t.allBack(p, dx, dy, cols)
	}
	w, err := t.gather(cols)
	if err != nil {
		return err
	}
	for r, d := range dy {
		for i, g := range d {
			kern.Axpy(dx[r], g, w[i*t.Width:(i+1)*t.Width])
		}
	}
	return nil
}

func (t *Table) allBack(p *kern.Pool, dx, dy [][]float32, cols []int32) error {
	blocks, err := t.packed()
	if err != nil {
		return err
	}
	if cols != nil {
		wide := make([][]float32, len(dy))
		for r, d := range dy {
			wide[r] = make([]float32, t.N)
			for i, v := range cols {
				wide[r][v] = d[i]
			}
		}
		dy = wide
	}
	part := make([][]float32, len(dy))
	for b, w := range blocks {
		at := b * tableBlock
		for r := range dy {
			part[r] = dy[r][at:min(at+tableBlock, t.N)]
		}
		p.MatMulT(dx, part, w, kern.Opts{})
	}
	return nil
}

// RowsBackParam adds the gradients of looked-up rows, in order. acc: [tokens width]; dy: [rows][width].
func (t *Table) RowsBackParam(acc []float32, ids []int32, dy [][]float32) {
	for r, id := range ids {
		to := acc[int(id)*t.Width:][:t.Width]
		kern.Add(to, to, dy[r])
	}
}

// LogitsBackParam adds the table's gradients as an unembedding, row by row. acc: [tokens width];
// x: [rows][width]; dy: [rows][cols].
func (t *Table) LogitsBackParam(acc []float32, x, dy [][]float32, cols []int32) {
	for r, d := range dy {
		for i, g := range d {
			v := i
			if cols != nil {
				v = int(cols[i])
			}
			kern.Axpy(acc[v*t.Width:][:t.Width], g, x[r])
		}
	}
}
