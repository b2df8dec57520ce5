package nnrt

import (
	"fmt"
	"slices"
	"testing"

	"interp/internal/parity"
	"interp/nnrt/arch"
)

// near is the relative distance from the recordings that rounding in float32 may make.
const near = 2e-5

// recorded are the sites that testdata/parity holds, in the order of computation, and the kinds of
// their points; a layer of -2 is every layer, -3 the final points.
var recorded = []struct{ name, kind string }{
	{"h.%d.resid_pre", "resid_pre"},
	{"h.%d.ln_1.out", "ln1"},
	{"h.%d.attn.pattern", "pattern"},
	{"h.%d.attn.z", "z"},
	{"h.%d.attn.out", "attn_out"},
	{"h.%d.mlp.out", "mlp_out"},
}

var recordedFinal = []struct{ name, kind string }{
	{"resid_final", "resid_pre"},
	{"ln_f.out", "lnf"},
	{"logits", "logits"},
}

// sitePoint is a recorded name and its point.
type sitePoint struct {
	name string
	pt   arch.Point
}

// recordedSites lists them in the order of computation.
func recordedSites(a *arch.Arch) []sitePoint {
	var out []sitePoint
	for l := range a.Dims.Layers {
		for _, s := range recorded {
			p, _ := a.Named(l, s.kind)
			out = append(out, sitePoint{fmt.Sprintf(s.name, l), p})
		}
	}
	for _, s := range recordedFinal {
		p, _ := a.Named(a.Dims.Layers, s.kind)
		out = append(out, sitePoint{s.name, p})
	}
	return out
}

// flat lays the rows of a point out as it was recorded: scores and patterns as [head query key].
func flat(a *arch.Arch, p arch.Point, rows [][]float32) []float32 {
	if a.Row(p).Kind != "pattern" {
		return slices.Concat(rows...)
	}
	n, h := len(rows), a.Dims.Heads
	out := make([]float32, h*n*n)
	for q, row := range rows {
		for i := range h {
			copy(out[(i*n+q)*n:], row[i*(q+1):(i+1)*(q+1)])
		}
	}
	return out
}

func TestForwardAgreesWithEveryRecordedActivation(t *testing.T) {
	m := open(t, "parity")
	cases, refs := parity.Load(t)
	for name, prompts := range cases.Inputs {
		t.Run(name, func(t *testing.T) {
			var all [][][][]float32
			for _, ids := range prompts {
				all = append(all, dense(t, m, ids))
			}
			for _, s := range recordedSites(m.Arch()) {
				ref, ok := refs[name+"/"+s.name]
				if !ok {
					if name == "ctx64" { // patterns of 64 tokens were not kept
						continue
					}
					t.Fatalf("%s was not recorded", s.name)
				}
				var got []float32
				for _, rows := range all {
					got = append(got, flat(m.Arch(), s.pt, rows[s.pt])...)
				}
				if d := parity.Distance(got, ref.Data); !(d <= near) {
					t.Fatalf("%s is the first to diverge: relative distance %.2g, want at most %.0g", s.name, d, near)
				}
			}
		})
	}
}

func TestGreedyDecodingAgreesToken(t *testing.T) {
	m := open(t, "parity")
	cases, _ := parity.Load(t)
	for name, want := range cases.Greedy {
		t.Run(name, func(t *testing.T) {
			ids := slices.Clone(cases.Inputs[name][0])
			for k, id := range want.Tokens {
				rows := dense(t, m, ids)
				logits := rows[m.Arch().Logits()][len(ids)-1]
				if got := int32(slices.Index(logits, slices.Max(logits))); got != id {
					t.Fatalf("token %d: got %d, want %d", k, got, id)
				}
				ids = append(ids, id)
			}
		})
	}
}
