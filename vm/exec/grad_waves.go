package exec

import "fmt"

// levels finds the wave of every state: one more than that of a use which comes later in the order of
// a wave, points descending and at a point most sets first.
func (q *gradient) levels() error {
	if !q.backwards() {
		return nil
	}
	most := int32(1) // waves that there can be, for each opens at a set
	for _, r := range q.runs {
		most += int32(len(r.written))
	}
	for changed := true; changed; {
		changed = false
		for _, id := range q.ids {
			r := q.runs[id]
			for s := len(r.need) - 1; s >= 0; s-- {
				if r.need[s] {
					changed = q.level(stateRef{r, int32(s)}) || changed
				}
				if r.level[s] > most {
					return fmt.Errorf("grad: a set depends on what it changes")
				}
			}
		}
	}
	return nil
}

// backwards says that some set reads a row that comes before its own in a wave.
func (q *gradient) backwards() bool {
	for _, r := range q.runs {
		for s, uses := range r.uses {
			for _, u := range uses {
				if u.set != nil && later(u.set.run.key(u.set.state), r.key(int32(s))) {
					return true
				}
			}
		}
	}
	return false
}

// later says that in a wave the row c does not come before the row k.
func later(c, k RowKey) bool { return c.Pt < k.Pt || c.Pt == k.Pt && c.N <= k.N }

func (q *gradient) level(x stateRef) bool {
	k, lv := x.r.key(x.s), int32(0)
	for _, c := range q.flowsInto(x, nil) {
		if !c.r.need[c.s] {
			continue
		}
		l := c.r.level[c.s]
		if later(c.r.key(c.s), k) {
			l++
		}
		lv = max(lv, l)
	}
	if lv == x.r.level[x.s] {
		return false
	}
	x.r.level[x.s] = lv
	return true
}
