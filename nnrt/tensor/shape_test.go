package tensor

import "testing"

// op is an operation given its arguments.
type op func() (*Array, error)

func runOps(t *testing.T, cases []struct {
	name string
	op   op
	want string
}) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.op()
			check(t, got, err, c.want)
		})
	}
}

func TestShapes(t *testing.T) {
	x := digits("a b", 2, 3)
	r := raggedDigits(1, 2)
	nine := Float(9)
	runOps(t, []struct {
		name string
		op   op
		want string
	}{
		{"reshape keeps the names it can", func() (*Array, error) { return Reshape(digits("a b c", 2, 2, 2), []int{2, 4}) }, "[a=2 4]\n[[  0.0000   1.0000  10.0000  11.0000]\n [100.0000 101.0000 110.0000 111.0000]]"},
		{"reshape works one length out", func() (*Array, error) { return Reshape(x, []int{-1}) }, "[6]\n[ 0.0000  1.0000  2.0000 10.0000 11.0000 12.0000]"},
		{"reshape to another size", func() (*Array, error) { return Reshape(x, []int{4, -1}) }, "error: reshape: shape [a=2 b=3] has 6 numbers, want [4 -1]"},
		{"reshape of a ragged array", func() (*Array, error) { return Reshape(r, []int{-1}) }, "error: reshape: axis pos is ragged\nhint: pad(x, value) makes all rows one length"},
		{"transpose swaps two", func() (*Array, error) { return transposed(x, false, "a", "b") }, "[b=3 a=2]\n[[ 0.0000 10.0000]\n [ 1.0000 11.0000]\n [ 2.0000 12.0000]]"},
		{"transpose to the order there is", func() (*Array, error) { return transposed(x, true, "a", "b") }, "[a=2 b=3]\n[[ 0.0000  1.0000  2.0000]\n [10.0000 11.0000 12.0000]]"},
		{"transpose to another order", func() (*Array, error) { return transposed(x, true, "b", "a") }, "[b=3 a=2]\n[[ 0.0000 10.0000]\n [ 1.0000 11.0000]\n [ 2.0000 12.0000]]"},
		{"transpose beside a ragged axis", func() (*Array, error) { return transposed(r, false, "pos", "d") }, "[batch=2 d=2 pos=1|2]\n[[[  0.0000]\n  [  1.0000]]\n\n [[100.0000 110.0000]\n  [101.0000 111.0000]]]"},
		{"a ragged axis before its rows", func() (*Array, error) { return transposed(r, false, "batch", "pos") }, "error: transpose: the ragged axis pos cannot come before axis batch, on which its lengths depend\nhint: pad(x, value) makes all rows one length"},
		{"squeeze", func() (*Array, error) { return Squeeze(digits("a b c", 1, 2, 1), nil) }, "[b=2]\n[ 0.0000 10.0000]"},
		{"squeeze a longer axis", func() (*Array, error) { return Squeeze(x, ax("a")) }, "error: squeeze: axis a of shape [a=2 b=3] is not of length 1"},
		{"expand", func() (*Array, error) { return Expand(vec("a", 1, 2), "b", -1) }, "[a=2 b=1]\n[[1.0000]\n [2.0000]]"},
		{"expand before ragged rows", func() (*Array, error) { return Expand(r, "layer", 0) }, "[layer=1 batch=2 pos=1|2 d=2]\n[[[[  0.0000   1.0000]]\n\n  [[100.0000 101.0000]\n   [110.0000 111.0000]]]]"},
		{"rename", func() (*Array, error) { return Rename(vec("a", 1), ByName("a"), "b") }, "[b=1]\n[1.0000]"},
		{"rename to a name in use", func() (*Array, error) { return Rename(x, ByName("a"), "b") }, "error: rename: there is an axis b already: [a=2 b=3]"},
		{"flip", func() (*Array, error) { return Flip(vec("a", 1, 2, 3), ax("a")) }, "[a=3]\n[3.0000 2.0000 1.0000]"},
		{"flip all axes", func() (*Array, error) { return Flip(x, nil) }, "[a=2 b=3]\n[[12.0000 11.0000 10.0000]\n [ 2.0000  1.0000  0.0000]]"},
		{"flip a ragged axis and its rows", func() (*Array, error) { return Flip(r, ax("batch", "pos")) }, "[batch=2 pos=2|1 d=2]\n[[[110.0000 111.0000]\n  [100.0000 101.0000]]\n\n [[  0.0000   1.0000]]]"},
		{"flip a ragged axis", func() (*Array, error) { return Flip(r, ax("pos")) }, "[batch=2 pos=1|2 d=2]\n[[[  0.0000   1.0000]]\n\n [[110.0000 111.0000]\n  [100.0000 101.0000]]]"},
		{"tile", func() (*Array, error) { return Tile(digits("a b", 2, 1), 2, ByName("b")) }, "[a=2 b=2]\n[[ 0.0000  0.0000]\n [10.0000 10.0000]]"},
		{"pad", func() (*Array, error) { return Pad(r, nine) }, "[batch=2 pos=2 d=2]\n[[[  0.0000   1.0000]\n  [  9.0000   9.0000]]\n\n [[100.0000 101.0000]\n  [110.0000 111.0000]]]"},
		{"stack in front", func() (*Array, error) { return Stack([]*Array{vec("a", 1, 2), vec("a", 3, 4)}, 0) }, "[2 a=2]\n[[1.0000 2.0000]\n [3.0000 4.0000]]"},
		{"stack behind", func() (*Array, error) { return Stack([]*Array{vec("a", 1, 2), vec("a", 3, 4)}, -1) }, "[a=2 2]\n[[1.0000 3.0000]\n [2.0000 4.0000]]"},
		{"stack other shapes", func() (*Array, error) { return Stack([]*Array{vec("a", 1, 2), vec("a", 3)}, 0) }, "error: stack: entry 0 has shape [a=2], entry 1 has [a=1]"},
		{"stack rows of positions", func() (*Array, error) { return Stack([]*Array{vec("pos", 1, 2), vec("pos", 3)}, 0) }, "[2 pos=2|1]\n[[1.0000 2.0000]\n [3.0000]]"},
		{"stack ragged arrays", func() (*Array, error) { return Stack([]*Array{r, r}, 0) }, "[2 batch=2 pos=1|2 d=2]\n[[[[  0.0000   1.0000]]\n\n  [[100.0000 101.0000]\n   [110.0000 111.0000]]]\n\n\n [[[  0.0000   1.0000]]\n\n  [[100.0000 101.0000]\n   [110.0000 111.0000]]]]"},
		{"concat", func() (*Array, error) { return Concat([]*Array{digits("a b", 2, 1), x}, ByName("b")) }, "[a=2 b=4]\n[[ 0.0000  0.0000  1.0000  2.0000]\n [10.0000 10.0000 11.0000 12.0000]]"},
		{"concat rows of positions", func() (*Array, error) {
			return Concat([]*Array{digits("batch pos", 1, 2), digits("batch pos", 1, 1)}, ByName("batch"))
		}, "[batch=2 pos=2|1]\n[[0.0000 1.0000]\n [0.0000]]"},
		{"concat ragged positions", func() (*Array, error) { return Concat([]*Array{r, r}, ByName("pos")) }, "[batch=2 pos=2|4 d=2]\n[[[  0.0000   1.0000]\n  [  0.0000   1.0000]]\n\n [[100.0000 101.0000]\n  [110.0000 111.0000]\n  [100.0000 101.0000]\n  [110.0000 111.0000]]]"},
		{"concat that does not fit", func() (*Array, error) { return Concat([]*Array{x, digits("a b", 2, 2)}, ByName("a")) }, "error: concat: entry 0 has shape [a=2 b=3], entry 1 has [a=2 b=2]"},
		{"a diagonal", func() (*Array, error) { return Diag(digits("query key", 3, 3), -1, nil) }, "[query=2]\n[10.0000 21.0000]"},
		{"a diagonal of other axes", func() (*Array, error) { return Diag(digits("a b c", 2, 2, 2), 0, ax("a", "c")) }, "[b=2 a=2]\n[[  0.0000 101.0000]\n [ 10.0000 111.0000]]"},
		{"a matrix of a diagonal", func() (*Array, error) { return Diag(vec("a", 1, 2), 1, nil) }, "[a=3 3]\n[[0.0000 1.0000 0.0000]\n [0.0000 0.0000 2.0000]\n [0.0000 0.0000 0.0000]]"},
	})
}

func TestSelection(t *testing.T) {
	x := digits("batch pos v", 2, 2, 3)
	r := raggedDigits(1, 2)
	truth := FromBool(nil, []int{2}, []bool{true, false})
	runOps(t, []struct {
		name string
		op   op
		want string
	}{
		{"pick one id", func() (*Array, error) { return Pick(x, Int(-1)) }, "[batch=2 pos=2]\n[[  2.0000  12.0000]\n [102.0000 112.0000]]"},
		{"pick one id a row", func() (*Array, error) { return Pick(x, ints(0, 2)) }, "[batch=2 pos=2]\n[[  0.0000  10.0000]\n [102.0000 112.0000]]"},
		{"pick in ragged rows", func() (*Array, error) { return Pick(r, ints(0, 1)) }, "[batch=2 pos=1|2]\n[[  0.0000]\n [101.0000 111.0000]]"},
		{"pick of a vector", func() (*Array, error) { return Pick(vec("v", 5, 6), Int(1)) }, "6.0"},
		{"pick with too many ids", func() (*Array, error) { return Pick(x, ints(0, 1, 2)) }, "error: pick: 3 ids for 2 rows of axis batch"},
		{"pick past the end", func() (*Array, error) { return Pick(x, Int(3)) }, "error: pick: id 3 is out of range for axis v of length 3"},
		{"rank counts from 0", func() (*Array, error) { return RankOf(vec("v", 1, 7, 3, 7), Int(2)) }, "2"},
		{"rank of equals", func() (*Array, error) { return RankOf(vec("v", 1, 7, 3, 7), Int(3)) }, "1"},
		{"take", func() (*Array, error) { return Take(digits("v d", 3, 2), ints(2, 0, 2), ax("v")) }, "[v=3 d=2]\n[[20.0000 21.0000]\n [ 0.0000  1.0000]\n [20.0000 21.0000]]"},
		{"take with axes of its own", func() (*Array, error) {
			return Take(vec("v", 5, 6, 7), FromI64([]string{"batch", "pos"}, []int{1, 2}, []int64{2, 1}), nil)
		}, "[batch=1 pos=2]\n[[7.0000 6.0000]]"},
		{"take one", func() (*Array, error) { return Take(r, Int(-1), ax("pos")) }, "[batch=2 d=2]\n[[  0.0000   1.0000]\n [110.0000 111.0000]]"},
		{"take across ragged rows", func() (*Array, error) { return Take(r, Int(0), ax("batch")) }, "error: take: this works across the rows of axis batch, which differ in length\nhint: pad(x, value) makes all rows one length"},
		{"gather", func() (*Array, error) {
			return Gather(digits("a b", 2, 3), FromI64(nil, []int{2, 2}, []int64{2, 0, 1, 1}), ByName("b"))
		}, "[a=2 b=2]\n[[ 2.0000  0.0000]\n [11.0000 11.0000]]"},
		{"where", func() (*Array, error) { return Where(truth, vec("a", 1, 2), Float(0)) }, "[a=2]\n[1.0000 0.0000]"},
		{"where promotes", func() (*Array, error) { return Where(truth, ints(1, 2), Float(0.5)) }, "[2]\n[1.0000 0.5000]"},
		{"clamp", func() (*Array, error) { return Clamp(vec("a", -1, 0.5, 3), Float(0), Float(1)) }, "[a=3]\n[0.0000 0.5000 1.0000]"},
		{"unique", func() (*Array, error) { return Unique(ints(3, 1, 3)), nil }, "[2]\n[1 3]"},
	})
}

func TestStackAfterRaggedAxes(t *testing.T) {
	r := raggedDigits(1, 2)
	got, err := Stack([]*Array{r, r}, 2)
	check(t, got, err, "[batch=2 pos=1|2 2 d=2]\n[[[[  0.0000   1.0000]\n   [  0.0000   1.0000]]]\n\n\n [[[100.0000 101.0000]\n   [100.0000 101.0000]]\n\n  [[110.0000 111.0000]\n   [110.0000 111.0000]]]]")
	if ty, err := StackType([]Type{r.Type, r.Type}, 2); err != nil || !ty.Equal(got.Type) {
		t.Errorf("StackType gives %v, %v", ty, err)
	}
	_, err = Stack([]*Array{r, r}, 1)
	check(t, nil, err, "error: stack: lengths differ, so the new axis must be the first, or come after them\nhint: stack(xs, at=0), or pad(x, value) first")
}

// transposed transposes by names, given as a list or one by one.
func transposed(x *Array, listed bool, names ...string) (*Array, error) {
	order, err := TransposeOrder(x.Type, ax(names...), listed)
	if err != nil {
		return nil, err
	}
	return Transpose(x, order)
}
