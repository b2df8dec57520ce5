package exec

import (
	"cmp"
	"math"
	"slices"

	"interp/ir"
)

// Choose is the token that a run generates from logits at a step. With temperature 0 it is the
// highest, of equals the lowest id. Otherwise it is drawn from the softmax of the logits over the
// temperature, cut to the TopK highest and then to the fewest that make up TopP. The draw is a
// function of seed, key and step alone.
//
//	logits: [d_vocab]
func Choose(logits []float32, g *ir.Gen, step int) int32 {
	if !(g.Temperature > 0) {
		return highest(logits)
	}
	ids := nucleus(logits, g)
	top := float64(logits[ids[0]])
	weight := make([]float64, len(ids))
	sum := 0.0
	for i, id := range ids {
		weight[i] = math.Exp((float64(logits[id]) - top) / g.Temperature)
		sum += weight[i]
	}
	if !(sum > 0) || math.IsInf(sum, 0) { // not numbers to draw by
		return ids[0]
	}
	at := uniform(g.Seed, g.Key, uint64(step)) * sum
	for i, w := range weight {
		if at -= w; at < 0 {
			return ids[i]
		}
	}
	return ids[len(ids)-1]
}

func highest(logits []float32) int32 {
	best := int32(0)
	for i, v := range logits {
		if v > logits[best] || logits[best] != logits[best] && v == v {
			best = int32(i)
		}
	}
	return best
}

// nucleus are the ids to draw from, by falling logit.
func nucleus(logits []float32, g *ir.Gen) []int32 {
	ids := make([]int32, len(logits))
	for i := range ids {
		ids[i] = int32(i)
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b)) // not-a-number sorts lowest
	})
	if g.TopK > 0 && g.TopK < len(ids) {
		ids = ids[:g.TopK]
	}
	if !(g.TopP > 0 && g.TopP < 1) {
		return ids
	}
	sum, top := 0.0, float64(logits[ids[0]])
	p := make([]float64, len(ids))
	for i, id := range ids {
		p[i] = math.Exp((float64(logits[id]) - top) / g.Temperature)
		sum += p[i]
	}
	part := 0.0
	for i := range ids {
		if part += p[i]; part >= g.TopP*sum {
			return ids[:i+1]
		}
	}
	return ids
}

// uniform is a number in [0, 1) by key.
func uniform(parts ...uint64) float64 { return float64(ir.Mix(parts...)>>11) / (1 << 53) }

// AddToken appends a chosen token to what a run generated and ends it where it says so.
func AddToken(g *ir.Gen, id int32) {
	g.Done = append(g.Done, id)
	g.Stopped = len(g.Done) >= g.N || slices.Contains(g.Stop, id)
}

// Generated is the value of an NTokens node: the ids that its runs generated so far, a list for one
// prompt. For a list of prompts, which a node with Param "rows" or several pieces stands for, it is a
// list of lists.
func Generated(g *ir.Graph, n *ir.Node) ir.Value {
	rows := make([]ir.Value, len(n.View.Pieces))
	for i, p := range n.View.Pieces {
		var ids []ir.Value
		if gen := g.Runs[p.Run].Gen; gen != nil {
			for _, id := range gen.Done {
				ids = append(ids, int64(id))
			}
		}
		rows[i] = &ir.List{Items: ids}
	}
	if len(rows) == 1 && n.Param != "rows" {
		return rows[0]
	}
	return &ir.List{Items: rows}
}
