package kern

// source is the right side of a product: it gives parts of panels of 32 columns as [k][32].
type source interface {
	// part gives rows k0 to k0+k-1 of the panel that starts at column n0, and the distance of its
	// rows. It may use buf, of partSize.
	part(im *impl, buf []float32, n0, k0, k int) (b []float32, stride int)
}

// packed is a Mat as it lies.
type packed struct{ *Mat }

func (m packed) part(im *impl, buf []float32, n0, k0, k int) ([]float32, int) {
	at := (n0/panel*m.K + k0) * panel
	if m.Type == F32 {
		return m.w[at : at+k*panel], panel
	}
	im.widen(buf[:k*panel], m.h[at:at+k*panel])
	return buf, panel
}

// turned is a Mat transposed: its k are columns n0 to n1-1, its columns the rows.
type turned struct {
	*Mat
	n0 int
}

func (m turned) part(im *impl, buf []float32, n0, k0, k int) ([]float32, int) {
	rows := min(panel, m.K-n0)
	if rows < panel {
		clear(buf[:k*panel])
	}
	for i := 0; i < k; {
		col := m.n0 + k0 + i
		c := col % panel
		w := min(panel-c, k-i)
		if w == panel && rows == panel {
			m.square(im, buf[i*panel:], buf[partK*panel:], m.at(n0, k0+i))
		} else {
			m.turn(im, buf[i*panel:], col/panel, c, w, n0, rows)
		}
		i += w
	}
	return buf, panel
}

// at is the number that k and the column n come from.
func (m turned) at(n, k int) int {
	col := m.n0 + k
	return (col/panel*m.K+n)*panel + col%panel
}

// square writes 32 rows of a panel, which lie at at, as columns. It may use buf, [32][32].
func (m turned) square(im *impl, dst, buf []float32, at int) {
	if m.Type == F32 {
		im.turn(dst, m.w[at:], panel)
		return
	}
	im.widen(buf[:panel*panel], m.h[at:at+panel*panel])
	im.turn(dst, buf, panel)
}

// turn writes w columns from c of a panel as rows, for the k from n0.
func (m turned) turn(im *impl, dst []float32, p, c, w, n0, rows int) {
	var row [4][panel]float32
	at := (p*m.K+n0)*panel + c
	for r := 0; r < rows; r += 4 {
		var s [4][]float32
		for q := range s {
			i := at + min(r+q, rows-1)*panel
			if m.Type == BF16 {
				for x, h := range m.h[i : i+w] {
					row[q][x] = fromBF16(h)
				}
				s[q] = row[q][:w]
			} else {
				s[q] = m.w[i : i+w]
			}
		}
		put4(im, dst[r:], panel, min(4, rows-r), s[0], s[1], s[2], s[3])
	}
}

// raw is a matrix as a caller holds it: rows of k, or rows of n if transposed.
type raw struct {
	x          []float32
	k, n, ld   int
	transposed bool
}

func (m raw) part(im *impl, buf []float32, n0, k0, k int) ([]float32, int) {
	if !m.transposed && n0+panel <= m.n {
		return m.x[k0*m.ld+n0:], m.ld
	}
	m.pack(im, buf, n0, k0, k)
	return buf, panel
}

// pack copies rows k0 to k0+k-1 of the panel at column n0.
func (m raw) pack(im *impl, dst []float32, n0, k0, k int) {
	if k == 0 {
		return
	}
	w := min(panel, m.n-n0)
	if w < panel {
		clear(dst[:k*panel])
	}
	if !m.transposed {
		for i := range k {
			copy(dst[i*panel:], m.x[(k0+i)*m.ld+n0:][:w])
		}
		return
	}
	for c := 0; c < w; c += 4 {
		var s [4][]float32
		for q := range s {
			s[q] = m.x[(n0+min(c+q, w-1))*m.ld+k0:][:k]
		}
		put4(im, dst[c:], panel, min(4, w-c), s[0], s[1], s[2], s[3])
	}
}

// put4 is pack4 for at most four rows: memory beyond the last is left alone.
func put4(im *impl, dst []float32, ld, rows int, s0, s1, s2, s3 []float32) {
	if rows == 4 {
		im.pack4(dst, ld, s0, s1, s2, s3)
		return
	}
	for r, s := range [4][]float32{s0, s1, s2, s3} {
		if r >= rows {
			return
		}
		for i, x := range s {
			dst[i*ld+r] = x
		}
	}
}

// picked is some columns of a Mat.
type picked struct {
	*Mat
	cols []int32
}

func (m picked) part(_ *impl, buf []float32, n0, k0, k int) ([]float32, int) {
	cols := m.cols[n0:min(n0+panel, len(m.cols))]
	if len(cols) < panel {
		clear(buf[:k*panel])
	}
	for c, n := range cols {
		for i := range k {
			buf[i*panel+c] = m.At(k0+i, int(n))
		}
	}
	return buf, panel
}
