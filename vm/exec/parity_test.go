package exec

import (
	"fmt"
	"testing"

	"interp/internal/parity"
	"interp/ir"
	"interp/nnrt/arch"
)

// gradSites are the recorded gradients and their points.
func gradSites(s *script) map[string]arch.Point {
	out := map[string]arch.Point{}
	layers := s.m.Arch().Dims.Layers
	for l := range layers {
		for name, kind := range map[string]string{"resid_pre": "resid_pre", "ln_1.out": "ln1", "attn.pattern": "pattern", "attn.z": "z", "attn.out": "attn_out", "mlp.out": "mlp_out"} {
			out[fmt.Sprintf("h.%d.%s", l, name)] = s.pt(l, kind)
		}
	}
	out["resid_final"], out["ln_f.out"] = s.pt(layers, "resid_pre"), s.pt(layers, "lnf")
	return out
}

// attnView is a view of scores or patterns as [head query key].
func attnView(s *script, r *ir.Run, p arch.Point) *ir.View {
	v, n, h := s.site(r, p), len(r.Tokens), s.m.Arch().Dims.Heads
	for q := range n {
		for i := range h {
			for k := range q + 1 {
				v.Scatter = append(v.Scatter, int32((i*n+q)*n+k))
			}
		}
	}
	return v
}

// causal clears what stands beyond the query in [head query key].
func causal(x []float64, n int) {
	for i := range x {
		if k, q := i%n, i/n%n; k > q {
			x[i] = 0
		}
	}
}

func TestGradientsAgreeWithEveryRecordedOne(t *testing.T) {
	m := openModel(t, "parity")
	cases, refs := parity.Load(t)
	for _, name := range []string{"len16_clean", "len16_corr"} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, m)
			r := s.run(cases.Inputs[name][0])
			metric := s.diff(r, cases.Answer, cases.Wrong)
			sites := gradSites(s)
			var names []string
			var ids []ir.NodeID
			for site, p := range sites {
				v := s.site(r, p)
				if m.Arch().Row(p).Kind == "pattern" {
					v = attnView(s, r, p)
				}
				id := s.grad(metric, v)
				if n := len(r.Tokens); v.Scatter != nil {
					s.g.Nodes[id].Type.Dims = []int{m.Arch().Dims.Heads * n * n}
				}
				names, ids = append(names, site), append(ids, id)
			}
			for i, got := range s.eval(NewNaive(Options{}), ids...) {
				ref, ok := refs["grad/"+name+"/"+names[i]]
				if !ok {
					t.Fatalf("%s was not recorded", names[i])
				}
				if m.Arch().Row(sites[names[i]]).Kind == "pattern" {
					causal(ref.Data, len(r.Tokens)) // what is beyond the query is the machine's to add
				}
				if d := parity.Distance(got, ref.Data); !(d <= 1e-4) {
					t.Errorf("%s: relative distance %.2g, want at most 1e-4", names[i], d)
				}
			}
		})
	}
}
