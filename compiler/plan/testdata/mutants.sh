#!/bin/sh
# Plants bugs one at a time, in an overlay, and says whether the property tests find them. Run it in the
# repository. Those marked "same" change no result (a canonical form, a redundant check) or are too rare
# for the count of scripts; any other survivor is a hole in the test. Of 32 bugs, 28 are found.
#
#	sh compiler/plan/testdata/mutants.sh [scripts]
cd "$(dirname "$0")/../../.." || exit 2
scripts=${1:-6000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
run() { # expectation, name, file, sed expression
	sed "$4" "$3" >"$dir/mutant.go"
	if cmp -s "$dir/mutant.go" "$3"; then
		echo "ERROR     $2: the expression matches nothing in $3"
		failed=1
		return
	fi
	echo "{\"Replace\": {\"$PWD/$3\": \"$dir/mutant.go\"}}" >"$dir/overlay.json"
	if N=$scripts go test -vet=off -overlay "$dir/overlay.json" -run "$test" "./$package" >"$dir/out" 2>&1; then
		echo "SURVIVED  $2 (expected: $1)"
		[ "$1" = same ] || failed=1
	elif grep -q 'build failed' "$dir/out"; then
		echo "ERROR     $2: it does not compile"
		failed=1
	else
		echo "found     $2: $( (grep -m1 -o 'seed [0-9]*: .*\|stack exceeds.*\|fatal error.*' "$dir/out" || grep -m1 -o 'FAIL: .*/.*' "$dir/out") | cut -c1-60)"
	fi
}

package=compiler/plan test=ColumnsEqualNaive
p=$package
run found "an edit of keys is seen a block late" $p/derive.go 's/if l < o.layers \&\& !o.places\[p\].dep.*{/} else if l < o.layers \&\& (o.a.Row(p).KV || !o.places[p].dep[o.places[o.kv[l]].k]) {/; s/^	} else } else/	} else/'
run found "later columns see scores one block early" $p/derive.go 's/\(!o.places\[p\].dep\[o.places\[o.kv\[l\]\].k\]\)/!o.wide[p] \&\& \1/'
run found "base keeps the prefix as it is" $p/cols.go 's/q = t.strip(prev, n.fork)/q = prev/'
run found "strip keeps own edits of earlier columns" $p/cols.go 's/for l != 0 \&\& o.vis(t.lists\[l\].edit.Pt) >= f {/for o == nil {/'
run found "fewer points in the future key" $p/cols.go 's/p := o.a.At(layer, 0) + 1; p < o.arrival\[layer\]; p++ {/p := o.arrival[layer]; p < o.arrival[layer]; p++ {/'
run same "root ignores who supplies this layer's keys" $p/cols.go 's/ \&\& t.owner(kv, c) == t.owner(kv, n.alias))/)/'
run same "alias through resid_mid may jump to any column" $p/cols.go 's/ok \&\& (c == g || o.startsBlock(f))/ok/'
run found "aliases go on through the next attention" $p/cols.go 's/n.alias, n.until = g, o.until(f)$/n.alias, n.until = g, o.until(f)+4/'
run found "queries follow edited keys" $p/cols.go 's/ || p > n.fork \&\& !t.orders\[n.model\].follows(n.fork, p))/)/'
run same "equal slices stand in script order only" $p/values.go 's/if x := t.lists\[l\].edit; x.Sl != e.Sl {/if x := t.lists[l].edit; true {/'
run found "sets sink below overlapping ones" $p/values.go 's/ \&\& !t.overlap(same\[at\].Sl, e.Sl) {/ {/'
run found "slices overlap only where they begin" $p/values.go 's/hit = hit || seen/hit = hit || k == 0 \&\& seen/'
run found "nested ranges are one whenever they may" $p/values.go 's/r\[k\].s == x.n\*x.s {/true {/'
run found "no-op proof ignores overlapping sets" $p/lower.go 's/} else if b.overlap(e.Sl, sl) {/} else if false {/'
run same "no-op proof ignores the slice" $p/lower.go 's/ || x.c != int32(sl) {/ {/'
run found "a set whole wants nothing beside it" $p/demand.go 's/p.raise(n.base, o.under(n.fork))$/_ = o.under/'
run found "keys wanted one layer short" $p/demand.go 's/p.keys\[c\], p.keysLo\[c\] = max(p.keys\[c\], hi)/p.keys[c], p.keysLo[c] = max(p.keys[c], hi-1)/'
run found "what was evicted is thought to be there" $p/planner.go 's/^	if p.have.Row(c, s) {/	if p.have.Column(c) {/'
run found "kept rows ask for no inputs" $p/demand.go 's/^			p.want(c, q)$/			_ = q/'
run found "backward edge in the same pass" $p/passes.go 's/return w.pass + 1/return w.pass/'
run found "pass ignores the prefix" $p/passes.go 's/^		up(n.prev)/		_ = n.prev/'
run found "pass ignores what kept columns ask of others" $p/passes.go 's/p.inputLevels(c, n, o, up)/_ = p/'
run found "read after a set sees the old value" internal/toy/naive.go 's/s.Pt == p \&\& int32(i) < after {/s.Pt == p \&\& int32(i)+1 < after {/'

package=vm/exec test=BatchedEqualsReference
p=$package
run found "queries are freed before attention" $p/batched_run.go 's/if s.wide\[s.last\[p\]\] {/if false {/'
run found "rows on hold are freed" $p/batched_place.go 's/case x.holds\[s\] > 0 \&\& /case x.holds[s] > 1<<20 \&\& /'
run found "attention is fused though someone reads its pattern" $p/batched_step.go 's/ || x.p.Wide(c, p) {/ || x.p.Wide(c, p) \&\& false {/'
run found "some logits are made where a set needs all" $p/batched_logits.go 's/if !whole {/if whole == whole {/'
run found "a key's row is left to the pool while it is held" $p/batched_place.go 's/copy(own.buf, r.row())/_ = own/'
run found "what later chunks read is not kept and thought to be" $p/batched_chunk.go 's/return k != nil \&\& k.rows\[p\] != nil/return k != nil/'

package=internal/behave test=Found
run found "a row sees sets that it does not follow from" compiler/plan/runs.go 's/return f < p \&\& !r.o.follows(f, p)/return f > p \&\& !r.o.follows(f, p)/'
run found "rows of logits are freed before they are copied" $p/batched_step.go 's/if m.last\[pt\] != pt {/if m.last[pt] == pt {/'
run found "an index stays outside of ragged values" vm/index.go 's/push = m.pushPrompt/push = func(*ir.Call, tensor.Type, []tensor.Sel, diag.Span) (ir.Value, bool, error) { return nil, false, nil }/'
exit $failed
