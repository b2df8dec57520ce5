// Package nn has the layers that transformers are made of, one a file. A layer holds its weights,
// computes rows from rows and, in reverse, adds what a gradient of its rows means for its inputs.
//
//	forward   out[r] = layer(in[r])             rows of one call are independent of one another
//	reverse   dx[r] += layer'(x[r])^T dy[r]     added into what stands there, in the order of the rows
//
// Rows are slices of float32; a call takes any number of them and gives each the same bits as alone.
// What is summed runs in one fixed order: over inputs ascending forward, over outputs ascending in
// reverse, over rows as given for weights. All matrix products go through kern's one door.
package nn

import "interp/nnrt/kern"

// Source gives a layer its tensors at load. Which there are and their shapes have been checked.
type Source interface {
	// Shape is a tensor's shape; nil: there is none of that name.
	Shape(name string) []int
	// Read gives a tensor's numbers, row-major, in memory that is good until the next Read.
	Read(name string) ([]float32, error)
	// Pack makes the matrix of a linear layer, [k, n], of memory that may change afterwards.
	// Transposed says that src is [n, k].
	Pack(k, n int, src []float32, transposed bool) *kern.Mat
	// Lender gives reads of single rows, also after loading.
	Lender(name string) Lender
}

// Lender reads rows of one large tensor when they are wanted.
type Lender interface {
	// ReadRows gives rows from to to-1 in fresh memory.
	ReadRows(from, to int) ([]float32, error)
	// Pack is as in Source.
	Pack(k, n int, src []float32, transposed bool) *kern.Mat
}

// Layer is a part of a model that has weights.
type Layer interface {
	// Load reads the weights that stand under the layer's name.
	Load(src Source, name string) error
}

// own reads a tensor into memory of its own.
func own(src Source, name string) ([]float32, error) {
	x, err := src.Read(name)
	if err != nil {
		return nil, err
	}
	return append([]float32(nil), x...), nil
}

// Add is the sum of rows, as a residual connection makes it. out, a, b: [rows][width].
func Add(p *kern.Pool, out, a, b [][]float32) {
	eachRow(p, out, func(r int) { kern.Add(out[r], a[r], b[r]) })
}

// AddTo adds rows to others. acc, d: [rows][width].
func AddTo(p *kern.Pool, acc, d [][]float32) {
	eachRow(p, acc, func(r int) { kern.Add(acc[r], acc[r], d[r]) })
}

// grain is how many numbers a worker takes at a time.
const grain = 1 << 14

// eachRow calls f for every row, several at a time. Rows must not share what f writes.
func eachRow(p *kern.Pool, rows [][]float32, f func(r int)) {
	if len(rows) == 0 {
		return
	}
	n := max(1, grain/max(1, len(rows[0])))
	p.Run((len(rows)+n-1)/n, func(_, i int) {
		for r := i * n; r < min((i+1)*n, len(rows)); r++ {
			f(r)
		}
	})
}
