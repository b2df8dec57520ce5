package tensor

import (
	"math"
	"testing"
)

func TestMatMul(t *testing.T) {
	a, b := digits("m k", 2, 2), digits("k n", 2, 3)
	r := raggedDigits(1, 2)
	runOps(t, []struct {
		name string
		op   op
		want string
	}{
		{"by hand", func() (*Array, error) { return MatMul(a, b) }, "[m=2 n=3]\n[[ 10.0000  11.0000  12.0000]\n [110.0000 131.0000 152.0000]]"},
		{"a vector on the left", func() (*Array, error) { return MatMul(vec("k", 1, 2), b) }, "[n=3]\n[20.0000 23.0000 26.0000]"},
		{"a vector on the right", func() (*Array, error) { return MatMul(a, vec("k", 1, 2)) }, "[m=2]\n[ 2.0000 32.0000]"},
		{"two vectors", func() (*Array, error) { return MatMul(vec("k", 1, 2), vec("k", 3, 4)) }, "11.0"},
		{"a matrix for each of a batch", func() (*Array, error) {
			return MatMul(digits("batch m k", 2, 1, 2), digits("k n", 2, 1))
		}, "[batch=2 m=1 n=1]\n[[[  10.0000]]\n\n [[1010.0000]]]"},
		{"ragged rows", func() (*Array, error) { return MatMul(r, digits("d v", 2, 1)) }, "[batch=2 pos=1|2 v=1]\n[[[  10.0000]]\n\n [[1010.0000]\n  [1110.0000]]]"},
		{"lengths that differ", func() (*Array, error) { return MatMul(a, vec("k", 1, 2, 3)) }, "error: matmul: shapes [m=2 k=2] and [k=3]: the last axis of the left has 2, the next to last of the right 3"},
		{"a number", func() (*Array, error) { return MatMul(a, Float(2)) }, "error: matmul: shapes [m=2 k=2] and []: a single number has no axis to sum over\nhint: use *"},
		{"dot sums over the last axis", func() (*Array, error) { return Pair(Dot, digits("batch d", 2, 2), vec("d", 1, 2), nil) }, "[batch=2]\n[ 2.0000 32.0000]"},
		{"dot with ragged rows", func() (*Array, error) { return Pair(Dot, r, digits("batch d", 2, 2), nil) }, "[batch=2 pos=1|2]\n[[   1.0000]\n [2111.0000 2321.0000]]"},
		{"outer", func() (*Array, error) { return Outer(vec("a", 1, 2), vec("b", 3, 4)) }, "[a=2 b=2]\n[[3.0000 4.0000]\n [6.0000 8.0000]]"},
		{"cosine of parallel vectors", func() (*Array, error) { return Pair(Cosine, vec("a", 1, 2), vec("a", 2, 4), nil) }, "1.0"},
		{"cosine along another axis", func() (*Array, error) { return Pair(Cosine, digits("a b", 2, 2), vec("a", 0, 1), ax("a")) }, "[b=2]\n[1.0000 0.9959]"},
		{"cosine of each row's own positions", func() (*Array, error) { return Pair(Cosine, r, r, ax("pos")) }, "[batch=2 d=2]\n[[0.0000 1.0000]\n [1.0000 1.0000]]"},
		{"correlation", func() (*Array, error) { return Corr(vec("a", 1, 2, 3), vec("a", 6, 4, 2)) }, "-1.0"},
	})
}

func TestMatMulRowsAreTheSameInAnyCompany(t *testing.T) {
	a := RandN(NewType(F32, []string{"m", "k"}, []int{33, 70}), NewKey(1))
	b := RandN(NewType(F32, []string{"k", "n"}, []int{70, 41}), NewKey(2))
	whole, err := MatMul(a, b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 33 {
		row, _ := Index(a, []Ix{at(i)})
		got, _ := MatMul(row, b)
		want, _ := Index(whole, []Ix{at(i)})
		if !got.Equal(want) {
			t.Fatalf("row %d differs alone", i)
		}
	}
	// The naive twin, in float64.
	for i := range 33 {
		for j := range 41 {
			s := 0.0
			for k := range 70 {
				s += float64(a.F32()[i*70+k]) * float64(b.F32()[k*41+j])
			}
			if got := float64(whole.F32()[i*41+j]); math.Abs(got-s) > 1e-4 {
				t.Fatalf("[%d, %d]: got %v, want %v", i, j, got, s)
			}
		}
	}
}

func TestEinsum(t *testing.T) {
	x, w := digits("batch pos d_model", 2, 2, 2), digits("d_model d_vocab", 2, 3)
	r := raggedDigits(1, 2)
	runOps(t, []struct {
		name string
		op   op
		want string
	}{
		{"words", func() (*Array, error) { return Einsum("b p d, d v -> b v", x, w) }, "[batch=2 d_vocab=3]\n[[ 120.0000  142.0000  164.0000]\n [2120.0000 2542.0000 2964.0000]]"},
		{"letters", func() (*Array, error) { return Einsum("ij,jk->ki", digits("", 2, 2), digits("", 2, 1)) }, "[1 2]\n[[ 10.0000 110.0000]]"},
		{"a trace", func() (*Array, error) { return Einsum("i i ->", digits("a b", 2, 2)) }, "11.0"},
		{"a diagonal", func() (*Array, error) { return Einsum("i i -> i", digits("a b", 2, 2)) }, "[a=2]\n[ 0.0000 11.0000]"},
		{"the axes before, by letters", func() (*Array, error) { return Einsum("...d,dv->v...", vec("a", 1, 2), digits("a v", 2, 1)) }, "[v=1]\n[20.0000]"},
		{"axes that meet from the right", func() (*Array, error) { return Einsum("..., ... -> ...", x, vec("d_model", 1, 2)) }, "[batch=2 pos=2 d_model=2]\n[[[  0.0000   2.0000]\n  [ 10.0000  22.0000]]\n\n [[100.0000 202.0000]\n  [110.0000 222.0000]]]"},
		{"a word alone", func() (*Array, error) { return Einsum("pos,pos->", vec("pos", 1, 2), vec("pos", 1, 3)) }, "7.0"},
		{"three operands", func() (*Array, error) { return Einsum("i, i j, j ->", vec("", 1, 2), digits("", 2, 2), vec("", 1, 1)) }, "43.0"},
		{"an outer product", func() (*Array, error) { return Einsum("i, j -> j i", vec("a", 1, 2), vec("b", 3)) }, "[b=1 a=2]\n[[3.0000 6.0000]]"},
		{"ragged rows", func() (*Array, error) { return Einsum("b p d, d v -> b p v", r, digits("d v", 2, 1)) }, "[batch=2 pos=1|2 v=1]\n[[[  10.0000]]\n\n [[1010.0000]\n  [1110.0000]]]"},
		{"a sum over each row's own", func() (*Array, error) { return Einsum("b p d, b d -> b", r, digits("batch d", 2, 2)) }, "[batch=2]\n[   1.0000 4432.0000]"},
		{"a sum over ragged rows", func() (*Array, error) { return Einsum("b p d -> p d", r) }, "error: einsum: sums over \"b\", on which the lengths of the rows depend\nhint: keep it in the result and sum after, or pad(x, value) first"},
		{"axes not named", func() (*Array, error) { return Einsum("... d, d v -> ... v", x, w) }, "[batch=2 pos=2 d_vocab=3]\n[[[  10.0000   11.0000   12.0000]\n  [ 110.0000  131.0000  152.0000]]\n\n [[1010.0000 1211.0000 1412.0000]\n  [1110.0000 1331.0000 1552.0000]]]"},
		{"axes not named, in letters", func() (*Array, error) { return Einsum("...d,dv->v...", x, digits("d v", 2, 1)) }, "[v=1 batch=2 pos=2]\n[[[  10.0000  110.0000]\n  [1010.0000 1110.0000]]]"},
		{"axes not named, aligned from the last", func() (*Array, error) {
			return Einsum("... b d, b d -> ...", digits("layer batch d", 2, 2, 2), digits("batch d", 2, 2))
		}, "[layer=2]\n[ 222.0000 2422.0000]"},
		{"axes not named and summed", func() (*Array, error) { return Einsum("... d -> d", digits("a d", 2, 2)) }, "[d=2]\n[10.0000 12.0000]"},
		{"ragged rows not named", func() (*Array, error) { return Einsum("... d, d v -> ... v", r, digits("d v", 2, 1)) }, "[batch=2 pos=1|2 v=1]\n[[[  10.0000]]\n\n [[1010.0000]\n  [1110.0000]]]"},
		{"... twice", func() (*Array, error) { return Einsum("... d ... -> d", x) }, "error: einsum: \"... d ...\" has ... twice"},
		{"fewer axes than named", func() (*Array, error) { return Einsum("... a b -> a", vec("", 1)) }, "error: einsum: \"... a b\" gives 2 axes to operand 1, which has shape [1]"},
		{"no arrow", func() (*Array, error) { return Einsum("b p", x) }, "error: einsum: \"b p\" has no ->\nhint: write the result's axes: \"b p d, d v -> b p v\""},
		{"the wrong number of axes", func() (*Array, error) { return Einsum("b p -> b", x) }, "error: einsum: \"b p\" gives 2 axes to operand 1, which has shape [batch=2 pos=2 d_model=2]"},
		{"the wrong number of letters", func() (*Array, error) { return Einsum("bp->b", x) }, "error: einsum: \"bp\" gives 2 axes to operand 1, which has shape [batch=2 pos=2 d_model=2]"},
		{"a label from nowhere", func() (*Array, error) { return Einsum("b p d -> q", x) }, "error: einsum: the result has \"q\", which no operand has"},
		{"lengths that differ", func() (*Array, error) { return Einsum("i, i ->", vec("", 1), vec("", 1, 2)) }, "error: einsum: \"i\" has length 1 and 2"},
	})
}

func TestSVD(t *testing.T) {
	a := RandN(NewType(F32, []string{"layer", "m", "n"}, []int{2, 4, 3}), NewKey(5))
	u, s, vh, err := SVD(a)
	if err != nil {
		t.Fatal(err)
	}
	us, err := Einsum("l m k, l k, l k n -> l m n", u, s, vh)
	if err != nil {
		t.Fatal(err)
	}
	near(t, us, a, 1e-5)
	if s.String()[:11] != "[layer=2 3]" {
		t.Error(s)
	}
	_, _, _, err = SVD(FromF32(nil, []int{1, 1}, []float32{float32(math.NaN())}))
	check(t, nil, err, "error: svd: entry [0, 0] is nan")
}

func TestEigVals(t *testing.T) {
	re, im, err := EigVals(FromF32(nil, []int{3, 3}, []float32{0, -2, 0, 2, 0, 0, 0, 0, 5}))
	check(t, re, err, "[3]\n[5.0000 0.0000 0.0000]")
	check(t, im, err, "[3]\n[ 0.0000  2.0000 -2.0000]")
	_, _, err = EigVals(digits("a b", 2, 3))
	check(t, nil, err, "error: eigvals: shape [a=2 b=3] is not square")
}

// near compares two arrays of one shape.
func near(t *testing.T, got, want *Array, tol float64) {
	t.Helper()
	if got.Shape() != want.Shape() {
		t.Fatalf("shape %s, want %s", got, want)
	}
	for i, w := range want.F32() {
		if d := math.Abs(float64(got.F32()[i] - w)); !(d <= tol) {
			t.Fatalf("element %d: got %v, want %v", i, got.F32()[i], w)
		}
	}
}

func TestLosses(t *testing.T) {
	even := Zeros(NewType(F32, []string{"batch", "pos", "d_vocab"}, []int{1, 3, 4}))
	a, _ := NewRagged([]string{"batch", "pos", "d_vocab"}, []*Array{digits("pos d_vocab", 2, 2), digits("pos d_vocab", 3, 2)})
	ids, _ := NewRagged([]string{"", ""}, []*Array{ints(0, 1), ints(0, 0, 0)})
	runOps(t, []struct {
		name string
		op   op
		want string
	}{
		{"an even guess costs log 4", func() (*Array, error) { return CrossEntropy(even, Int(2)) }, "[batch=1 pos=3]\n[[1.3863 1.3863 1.3863]]"},
		{"one id a position", func() (*Array, error) { return CrossEntropy(digits("pos v", 2, 2), ints(0, 1)) }, "[pos=2]\n[1.3133 0.3133]"},
		{"an id past the vocabulary", func() (*Array, error) { return CrossEntropy(even, Int(4)) }, "error: cross_entropy: id 4 is out of range for axis d_vocab of length 4"},
		{"the next-token loss of each ragged row", func() (*Array, error) { return Loss(a, ids) }, "[batch=2]\n[0.3133 1.3133]"},
		{"the loss of one prompt as a list", func() (*Array, error) { return Loss(even, ints(1, 2, 3)) }, "[batch=1]\n[1.3863]"},
		{"as many ids as positions", func() (*Array, error) { return Loss(even, ints(1, 2)) }, "error: loss: cross_entropy: shapes [batch=1 pos=3] and [2] do not fit: axis pos has 3 and 2"},
		{"kl of equals", func() (*Array, error) { return Pair(KLDiv, vec("v", 1, 2), vec("v", 2, 3), nil) }, "0.0"},
		{"kl by hand", func() (*Array, error) { return Pair(KLDiv, vec("v", 0, 0), vec("v", 0, float32(math.Log(3))), nil) }, "0.14384104"},
		{"kl where p has nothing", func() (*Array, error) {
			return Pair(KLDiv, vec("v", 0, float32(math.Inf(-1))), vec("v", 0, 0), nil)
		}, "0.6931472"},
	})
}
