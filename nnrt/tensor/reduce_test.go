package tensor

import (
	"math"
	"testing"
)

func ax(names ...string) []Ax {
	var out []Ax
	for _, n := range names {
		out = append(out, ByName(n))
	}
	return out
}

func TestReduce(t *testing.T) {
	nan := float32(math.NaN())
	x := digits("a b", 2, 3)
	r := raggedDigits(1, 2)
	truths, ids := r.As(Bool), r.As(I64)
	for _, c := range []struct {
		name string
		op   RedOp
		x    *Array
		axes []Ax
		want string
	}{
		{"all axes by default", Sum, x, nil, "36.0"},
		{"along the first", Sum, x, ax("a"), "[b=3]\n[10.0000 12.0000 14.0000]"},
		{"along the last", Mean, x, ax("b"), "[a=2]\n[ 1.0000 11.0000]"},
		{"by place", Mean, x, []Ax{{I: -2}}, "[b=3]\n[5.0000 6.0000 7.0000]"},
		{"a list of axes", Max, digits("a b c", 2, 2, 2), ax("c", "a"), "[b=2]\n[101.0000 111.0000]"},
		{"an axis given twice", Sum, x, ax("a", "a"), "error: sum: axis a is given twice"},
		{"an axis that is not there", Sum, x, ax("c"), `error: sum: no axis "c": axes are a b`},
		{"variance divides by n - 1", Var, vec("", 1, 2, 3, 4), nil, "1.6666666"},
		{"standard error", Sem, vec("", 1, 2, 3, 4), nil, "0.6454972"},
		{"variance of one", Std, vec("", 1), nil, "nan"},
		{"variance of nothing", Var, vec(""), nil, "nan"},
		{"2-norm", Norm, vec("", 3, 4), nil, "5.0"},
		{"median of an even number", Median, vec("", 4, 1, 3, 2), nil, "2.5"},
		{"median with nan", Median, vec("", 4, nan, 3), nil, "nan"},
		{"maximum with nan", Max, vec("", 4, nan, 3), nil, "nan"},
		{"mean of nothing", Mean, vec(""), nil, "nan"},
		{"sum of nothing", Sum, vec(""), nil, "0.0"},
		{"maximum of nothing", Max, vec(""), nil, "error: max: no numbers along axis 0 of shape [0]"},
		{"integers stay integers", Sum, ints(1, 2, 3), nil, "6"},
		{"product of integers", Prod, ints(2, 3, 7), nil, "42"},
		{"an integer sum that overflows", Sum, ints(math.MaxInt64, 1), nil, "error: sum: integer overflow: 9223372036854775807 + 1\nhint: make one side a float"},
		{"count", Count, vec("", 0, 1, 2), nil, "2"},
		{"any", Any, FromBool(nil, []int{2}, []bool{false, true}), nil, "True"},
		{"all", All, FromBool(nil, []int{2}, []bool{false, true}), nil, "False"},

		{"a ragged axis is each row's own", Mean, r, ax("pos"), "[batch=2 d=2]\n[[  0.0000   1.0000]\n [105.0000 106.0000]]"},
		{"beside a ragged axis", Sum, r, ax("d"), "[batch=2 pos=1|2]\n[[  1.0000]\n [201.0000 221.0000]]"},
		{"rows while another axis is ragged", Mean, r, ax("batch"), "error: mean: over batch while pos is ragged (lengths 1|2)\nhint: mean(mean(x, \"pos\"), \"batch\") takes each row's own first; mean(x, [\"batch\", \"pos\"]) takes all positions alike; or pad(x, value) first"},
		{"rows and positions alike", Mean, r, ax("batch", "pos"), "[d=2]\n[70.0000 71.0000]"},
		{"all of a ragged array", Sum, r, nil, "423.0"},
		{"truths of ragged rows are counted", Sum, truths, ax("d"), "[batch=2 pos=1|2]\n[[1]\n [2 2]]"},
		{"the share of truths along a ragged axis", Mean, truths, ax("pos"), "[batch=2 d=2]\n[[0.0000 1.0000]\n [1.0000 1.0000]]"},
		{"count along a ragged axis", Count, r, ax("pos"), "[batch=2 d=2]\n[[0 1]\n [2 2]]"},
		{"mean of ragged integers", Mean, ids, ax("pos"), "[batch=2 d=2]\n[[  0.0000   1.0000]\n [105.0000 106.0000]]"},
		{"any of ragged integers", Any, ids, ax("pos"), "[batch=2 d=2]\n[[False  True]\n [ True  True]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Reduce(c.op, c.x, c.axes)
			check(t, got, err, c.want)
			ty, terr := ReduceType(c.op, c.x.Type, c.axes)
			if err == nil && (terr != nil || !ty.Equal(got.Type)) {
				t.Errorf("ReduceType gives %v %v", ty, terr)
			}
		})
	}
}

func TestQuantile(t *testing.T) {
	got, err := Quantile(vec("x", 0, 10, 20, 30), 0.25, nil)
	check(t, got, err, "7.5")
	got, err = Quantile(raggedDigits(1, 2).As(I64), 0.5, ax("pos"))
	check(t, got, err, "[batch=2 d=2]\n[[  0.0000   1.0000]\n [105.0000 106.0000]]")
	_, err = Quantile(vec("x", 0, 10), 1.5, nil)
	check(t, nil, err, "error: quantile: q is 1.5, want a number from 0 to 1")
}

func TestReduceIsTheSameInParts(t *testing.T) {
	x := RandN(NewType(F32, []string{"a", "b", "c"}, []int{5, 37, 3}), NewKey(1))
	whole, err := Reduce(Sum, x, ax("b"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		one, _ := Index(x, []Ix{at(i), all(), at(2)})
		part, _ := Reduce(Sum, one, nil)
		want, _ := Index(whole, []Ix{at(i), at(2)})
		if !part.Equal(want) {
			t.Errorf("row %d: %v alone, %v in company", i, part, want)
		}
	}
}

func TestAlong(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name string
		op   AlongOp
		x    *Array
		axis []Ax
		want string
	}{
		{"softmax of equals", Softmax, vec("x", 3, 3), nil, "[x=2]\n[0.5000 0.5000]"},
		{"softmax with a masked entry", Softmax, vec("x", 0, -inf), nil, "[x=2]\n[1.0000 0.0000]"},
		{"softmax along the first", Softmax, digits("a b", 2, 1), ax("a"), "[a=2 b=1]\n[[0.0000]\n [1.0000]]"},
		{"logsumexp of large numbers", LogSumExp, vec("x", 1000, 1000), nil, "1000.6932"},
		{"logsumexp of nothing possible", LogSumExp, vec("x", -inf), nil, "-inf"},
		{"log_softmax", LogSoftmax, vec("x", 0, 0), nil, "[x=2]\n[-0.6931 -0.6931]"},
		{"argmax takes the lowest of equals", ArgMax, vec("x", 1, 3, 3), nil, "1"},
		{"argmax finds nan", ArgMax, vec("x", 1, nan, 3), nil, "1"},
		{"argmin", ArgMin, vec("x", 2, 1, 1), nil, "1"},
		{"argmin finds nan", ArgMin, vec("x", 2, 1, nan), nil, "2"},
		{"argmax of a ragged axis", ArgMax, raggedDigits(1, 2), ax("pos"), "[batch=2 d=2]\n[[0 0]\n [1 1]]"},
		{"sort puts nan last", Sort, vec("x", 2, nan, 1), nil, "[x=3]\n[1.0000 2.0000    nan]"},
		{"argsort is stable", ArgSort, vec("x", 2, 1, 2, 1), nil, "[x=4]\n[1 3 0 2]"},
		{"cumsum of integers", CumSum, ints(1, 2, 3), nil, "[3]\n[1 3 6]"},
		{"argmax of nothing", ArgMax, vec("x"), nil, "error: argmax: no numbers along axis x of shape [x=0]"},
		{"two axes", ArgMax, digits("a b", 2, 2), ax("a", "b"), "error: argmax: this works along one axis: got 2"},
		{"sort across ragged rows", Sort, raggedDigits(1, 2), ax("batch"), "error: sort: this works across the rows of axis batch, which differ in length\nhint: pad(x, value) makes all rows one length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Along(c.op, c.x, c.axis)
			check(t, got, err, c.want)
			ty, terr := AlongType(c.op, c.x.Type, c.axis)
			if err == nil && (terr != nil || !ty.Equal(got.Type)) {
				t.Errorf("AlongType gives %v %v", ty, terr)
			}
		})
	}
}

func TestTopK(t *testing.T) {
	v, i, err := TopK(vec("x", 1, 5, 3, 5), 3, nil)
	check(t, v, err, "[3]\n[5.0000 5.0000 3.0000]")
	check(t, i, err, "[3]\n[1 3 2]")
	_, _, err = TopK(vec("x", 1), 2, nil)
	check(t, nil, err, "error: topk: k is 2, axis x has 1")
	big := RandN(NewType(F32, []string{"x"}, []int{500}), NewKey(3))
	_, few, _ := TopK(big, 64, nil)
	_, many, _ := TopK(big, 65, nil)
	head, _ := Index(many, []Ix{from(0, 64)})
	if !few.Equal(head) {
		t.Error("the two ways of finding the greatest differ")
	}
}
