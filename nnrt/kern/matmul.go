package kern

import "fmt"

// Act is an activation that MatMul can apply while the numbers are at hand.
type Act uint8

// The activations.
const (
	None Act = iota
	ActGELUNew
	ActGELU
	ActReLU
)

var actUnary = [...]unary{ActGELUNew: uGELUNew, ActGELU: uGELU}

// Opts says what MatMul does besides the product. The order is fixed: the sum, the bias, the
// activation, the residual, with a rounding each; leaving them to separate calls gives the same bits.
type Opts struct {
	Bias   []float32   // [N1-N0], added to every row; nil: none
	Add    [][]float32 // [rows][N1-N0], a residual; nil: none
	Act    Act
	N0, N1 int // columns of the matrix wanted; N1 = 0: to the last
}

func (o Opts) columns(n int) (int, int) {
	if o.N1 == 0 {
		o.N1 = n
	}
	if o.N0 < 0 || o.N1 > n || o.N0 > o.N1 {
		panic(fmt.Sprintf("kern: columns %d to %d of %d", o.N0, o.N1, n))
	}
	return o.N0, o.N1
}

// MatMul computes out = act(in b + bias) + add. in: [rows][K]; out: [rows][N1-N0].
func (p *Pool) MatMul(out, in [][]float32, b *Mat, o Opts) {
	n0, n1 := o.columns(b.N)
	checkRows("in", in, len(in), b.K)
	checkRows("out", out, len(in), n1-n0)
	p.product(out, in, packed{b}, b.K, n0, n1, o)
}

// MatMulCols computes the columns cols of MatMul, in that order, with the same bits and at the cost
// of those columns. in: [rows][K]; out: [rows][cols].
func (p *Pool) MatMulCols(out, in [][]float32, b *Mat, cols []int32, o Opts) {
	checkRows("in", in, len(in), b.K)
	checkRows("out", out, len(in), len(cols))
	for _, c := range cols {
		if c < 0 || int(c) >= b.N {
			panic(fmt.Sprintf("kern: column %d of %d", c, b.N))
		}
	}
	p.product(out, in, picked{b, cols}, b.K, 0, len(cols), o)
}

// MatMulT adds to dx the product of dy with columns N0 to N1-1 of b transposed, over n ascending into
// what stands in dx. Of o only the columns count. dy: [rows][N1-N0]; dx: [rows][K].
func (p *Pool) MatMulT(dx, dy [][]float32, b *Mat, o Opts) {
	n0, n1 := o.columns(b.N)
	checkRows("dy", dy, len(dy), n1-n0)
	checkRows("dx", dx, len(dy), b.K)
	g := gemm{pool: p, a: rowsOf(dy), b: turned{b, n0}, c: dx, m: len(dy), k: n1 - n0, n1: b.K, acc: true}
	g.run()
}

// MatMulRaw computes c = a b on plain matrices, in the order of MatMul. a: m rows of k numbers, lda
// apart; b: k rows of n, ldb apart; c: m rows of n, ldc apart.
func (p *Pool) MatMulRaw(m, k, n int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	checkSource(m, k, len(a), lda, false)
	checkSource(k, n, len(b), ldb, false)
	checkSource(m, n, len(c), ldc, false)
	p.product(cut(c, m, n, ldc), cut(a, m, k, lda), raw{b, k, n, ldb, false}, k, 0, n, Opts{})
}

// AddOuter adds the gradient of a matrix of weights: dw[k][n] += x[r][k] dy[r][n], over r ascending
// into what stands in dw, so that rows may come in any number of calls. dw: [K] rows, ld apart, of N;
// x: [rows][K]; dy: [rows][N].
func (p *Pool) AddOuter(dw []float32, ld int, x, dy [][]float32) {
	if len(x) != len(dy) {
		panic(fmt.Sprintf("kern: %d rows of x and %d of dy", len(x), len(dy)))
	}
	if len(x) == 0 {
		return
	}
	k, n := len(x[0]), len(dy[0])
	checkRows("x", x, len(x), k)
	checkRows("dy", dy, len(x), n)
	checkSource(k, n, len(dw), ld, false)
	g := gemm{pool: p, a: colsOf(x), b: stack(dy), c: cut(dw, k, n, ld), m: k, k: len(x), n1: n, acc: true}
	g.run()
}

// product is a product with what Opts asks for.
func (p *Pool) product(out, in [][]float32, b source, k, n0, n1 int, o Opts) {
	g := gemm{pool: p, a: rowsOf(in), b: b, c: out, m: len(in), k: k, n0: n0, n1: n1}
	if o.Bias != nil && len(o.Bias) < n1-n0 {
		panic(fmt.Sprintf("kern: a bias of %d for %d columns", len(o.Bias), n1-n0))
	}
	if o.Add != nil {
		checkRows("add", o.Add, len(in), n1-n0)
	}
	if o.Bias != nil || o.Add != nil || o.Act != None {
		g.finish = o.finish(p.impl, out, n0)
	}
	g.run()
}

func (o Opts) finish(im *impl, out [][]float32, at int) func(row, n0, n1 int) {
	return func(r, n0, n1 int) {
		n0, n1 = n0-at, n1-at
		y := out[r][n0:n1]
		if o.Bias != nil {
			im.add(y, y, o.Bias[n0:n1])
		}
		switch o.Act {
		case None:
		case ActReLU:
			ReLU(y, y)
		default:
			im.unary[actUnary[o.Act]](y, y)
		}
		if o.Add != nil {
			im.add(y, y, o.Add[r][n0:n1])
		}
	}
}

// colsOf is A transposed: its rows are the columns of x.
type colsOf [][]float32

func (x colsOf) pack(_ *impl, dst []float32, t tileAt, m0, k0, k int) {
	at := m0 + t.row
	for i := range k {
		copy(dst[i*t.as:], x[k0+i][at:at+t.rows])
	}
}

// stack is B as rows of k.
type stack [][]float32

func (y stack) part(_ *impl, buf []float32, n0, k0, k int) ([]float32, int) {
	for i := range k {
		row, to := y[k0+i][n0:], (*[panel]float32)(buf[i*panel:])
		if len(row) >= panel {
			*to = *(*[panel]float32)(row)
		} else {
			clear(to[copy(to[:], row):])
		}
	}
	return buf, panel
}

// cut makes rows of a matrix.
func cut(x []float32, rows, width, ld int) [][]float32 {
	out := make([][]float32, rows)
	for r := range out {
		out[r] = x[r*ld : r*ld+width : r*ld+width]
	}
	return out
}

func checkRows(what string, x [][]float32, rows, width int) {
	if len(x) < rows {
		panic(fmt.Sprintf("kern: %s has %d rows, want %d", what, len(x), rows))
	}
	for r, row := range x[:rows] {
		if len(row) < width {
			panic(fmt.Sprintf("kern: row %d of %s has %d numbers, want %d", r, what, len(row), width))
		}
	}
}
