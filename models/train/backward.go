package main

import "interp/nnrt/kern"

// backward computes the gradients of the parameters from those of the logits, which loss left in the
// tape. Sums over tokens go in the order of the tokens, whatever the number of workers.
func (m *model) backward(p *kern.Pool, b *batch, t *tape) {
	for _, x := range m.params {
		clear(x.g)
	}
	width := m.d.DModel
	wipe(p, t.dx, t.dnarr)
	p.MatMulT(t.dnarr, t.logits, m.head, kern.Opts{})
	p.AddOuter(m.wte.g, width, t.logits, t.out.out)
	m.lnf.backward(p, t, &t.out)
	for l := len(m.blocks) - 1; l >= 0; l-- {
		h, s := &m.blocks[l], &t.blocks[l]
		wipe(p, t.dwide, t.dpre, t.dnarr)
		h.down.backward(p, t, t.dwide, s.post, t.dx)
		each(p, t.n, func(r int) { kern.GELUNewBack(t.dpre[r], s.pre[r], t.dwide[r]) })
		h.up.backward(p, t, t.dnarr, s.ln2.out, t.dpre)
		h.ln2.backward(p, t, &s.ln2)

		wipe(p, t.dnarr, t.dqkv.rows)
		h.proj.backward(p, t, t.dnarr, s.z, t.dx)
		m.attendBack(p, b, t, s)
		wipe(p, t.dnarr)
		h.qkv.backward(p, t, t.dnarr, s.ln1.out, t.dqkv.rows)
		h.ln1.backward(p, t, &s.ln1)
	}
	for r, d := range t.dx {
		i, at := int(b.tokens[r])*width, r%b.length*width
		kern.Add(m.wte.g[i:i+width], m.wte.g[i:i+width], d)
		kern.Add(m.wpe.g[at:at+width], m.wpe.g[at:at+width], d)
	}
}

// wipe sets rows to zero.
func wipe(p *kern.Pool, lists ...[][]float32) {
	for _, list := range lists {
		each(p, len(list), func(r int) { clear(list[r]) })
	}
}

// backward adds the gradients of the inputs, the weights and the bias.
func (l *linear) backward(p *kern.Pool, t *tape, dx, x, dy [][]float32) {
	p.MatMulT(dx, dy, l.mat, kern.Opts{})
	p.AddOuter(l.w.g, l.w.shape[1], x, dy)
	p.AddOuter(l.b.g, len(l.b.g), t.ones, dy)
}

// backward adds the gradient of the rows in t.dnarr to that of the residual stream.
//
//	dx_i = (g_i - mean(g) - hat_i mean(g hat)) / scale   with g_i = dy_i w_i
func (n *norm) backward(p *kern.Pool, t *tape, s *normTape) {
	width := float32(len(n.w.x))
	each(p, t.n, func(r int) {
		g, dy, hat, dx := t.prod[r], t.dnarr[r], s.hat[r], t.dx[r]
		kern.Mul(g, dy, n.w.x)
		mean, along := kern.Mean(g), kern.Dot(g, hat)/width
		for i, v := range g {
			dx[i] += (v - mean - float32(hat[i]*along)) / s.scale[r]
		}
		kern.Mul(g, dy, hat)
	})
	p.AddOuter(n.w.g, len(n.w.g), t.ones, t.prod)
	p.AddOuter(n.b.g, len(n.b.g), t.ones, t.dnarr)
}

// attendBack adds the gradients of queries, keys and values, from those of z in t.dnarr. A worker has
// a whole row of the batch, since its queries add to the same keys.
func (m *model) attendBack(p *kern.Pool, b *batch, t *tape, s *blockTape) {
	h, dim, scale := m.d.Heads, m.d.DHead, m.scoreScale()
	p.Run(t.n/b.length, func(_, i int) {
		dp, ds := make([]float32, h*b.length), make([]float32, h*b.length)
		for r := i * b.length; r < (i+1)*b.length; r++ {
			keys, dkeys := m.keys(s.qkv, r, b.length), m.keys(t.dqkv, r, b.length)
			n := keys[0].N
			dp, ds, pattern := dp[:h*n], ds[:h*n], s.pattern[r][:h*n]
			clear(dp)
			clear(ds)
			kern.MixBack(dp, keys, t.dnarr[r], h, h, dim)
			kern.MixBackKeys(dkeys, pattern, t.dnarr[r], h, h, dim)
			for a := range h {
				kern.SoftmaxBack(ds[a*n:(a+1)*n], pattern[a*n:(a+1)*n], dp[a*n:(a+1)*n])
			}
			q := s.qkv.rows[r][:h*dim]
			kern.ScoresBack(t.dqkv.rows[r][:h*dim], keys, ds, h, h, dim, scale)
			kern.ScoresBackKeys(dkeys, q, ds, h, h, dim, scale)
		}
	})
}
