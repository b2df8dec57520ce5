package exec

import (
	"fmt"

	"interp/ir"
)

// parts cuts the runs of a metric where no set ties one side to the other, so that a part's rows fit
// into a limit as far as that goes. Runs stay in order, so that sums over them keep theirs.
func (q *gradient) parts(limit int64) []*part {
	ties := q.ties()
	out := []*part{{gradient: q, first: true}}
	room, end := limit, 0
	for i := 0; i < len(q.ids); i = end {
		end = i + 1
		for k := i; k < end; k++ {
			end = max(end, ties[k]+1)
		}
		last := out[len(out)-1]
		tied := &part{gradient: q, ids: q.ids[i:end]}
		if n := tied.bytes(); n > room && len(last.ids) > 0 {
			out, room = append(out, tied), limit-n
		} else {
			last.ids, room = append(last.ids, tied.ids...), room-n
		}
	}
	return out
}

// ties gives for each run the last one that a set ties it to.
func (q *gradient) ties() []int {
	place := map[ir.RunID]int{}
	for i, id := range q.ids {
		place[id] = i
	}
	out := make([]int, len(q.ids))
	for i, id := range q.ids {
		for _, w := range q.runs[id].written {
			for _, u := range w.reads {
				for _, r := range u.runs {
					if r != nil {
						k := place[r.ID]
						out[min(i, k)] = max(out[min(i, k)], i, k)
					}
				}
			}
		}
	}
	return out
}

// bytes are those of the rows that a part reads and makes.
func (p *part) bytes() int64 {
	n := int64(0)
	for _, id := range p.ids {
		r := p.runs[id]
		for s, need := range r.need {
			if need {
				k := r.key(int32(s))
				n += passBytes(r.a, r.reads, k.Pt, k.Pos)
			}
		}
	}
	return n
}

// tooMuch refuses a reverse pass of which one part takes more than most bytes; 0: any.
func tooMuch(parts []*part, most int64) error {
	for _, p := range parts {
		if n := p.bytes(); most > 0 && n > most {
			return &ir.Error{Code: "E0417", Msg: fmt.Sprintf("the reverse pass of a gradient takes %s of memory for the rows it goes through, -mem allows %s", sizeText(n), sizeText(most)),
				Hint: "allow more with -mem, or take gradients of shorter prompts, or of sites higher up"}
		}
	}
	return nil
}

// free lets go of the adjoints.
func (p *part) free() {
	for _, id := range p.ids {
		p.runs[id].adj, p.runs[id].uses, p.runs[id].flow = nil, nil, nil
	}
}
