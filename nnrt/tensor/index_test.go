package tensor

import "testing"

func TestIndex(t *testing.T) {
	x := digits("batch pos d", 2, 3, 2)
	r := raggedDigits(2, 3)
	for _, c := range []struct {
		name string
		x    *Array
		ix   []Ix
		want string
	}{
		{"integers drop axes", x, []Ix{at(1), at(-1), at(0)}, "120.0"},
		{"a slice keeps its axis", x, []Ix{at(0), from(1, 9)}, "[pos=2 d=2]\n[[10.0000 11.0000]\n [20.0000 21.0000]]"},
		{"a slice may run backwards", x, []Ix{at(0), step(-2), at(0)}, "[pos=2]\n[20.0000  0.0000]"},
		{"two lists pick independently", x, []Ix{at(0), pick(2, 0), pick(1, 0)}, "[pos=2 d=2]\n[[21.0000 20.0000]\n [ 1.0000  0.0000]]"},
		{"dots fill up", x, []Ix{{Kind: Ellipsis}, at(1)}, "[batch=2 pos=3]\n[[  1.0000  11.0000  21.0000]\n [101.0000 111.0000 121.0000]]"},
		{"names come after places", x, []Ix{at(1), named("d", at(0))}, "[pos=3]\n[100.0000 110.0000 120.0000]"},
		{"naming an axis twice is an error", x, []Ix{at(1), named("batch", at(0))}, "error: axis batch is indexed twice"},
		{"a missing axis names those there are", x, []Ix{named("head", at(0))}, `error: no axis "head": axes are batch pos d`},
		{"an index past the end names the range", x, []Ix{at(0), at(3)}, "error: index 3 is out of range for axis pos of length 3 (valid: -3 to 2)"},
		{"too many indices", x, []Ix{at(0), at(0), at(0), at(0)}, "error: 4 indices for 3 axes: shape is [batch=2 pos=3 d=2]"},
		{"one position per row", x, []Ix{all(), per(2, 0), at(1)}, "[batch=2]\n[ 21.0000 101.0000]"},
		{"one position for the rows that are taken", x, []Ix{pick(1, 0), per(2, 0), at(1)}, "[batch=2]\n[121.0000   1.0000]"},
		{"at beside an integer on batch", x, []Ix{at(0), per(2)}, "error: at() beside an integer on batch: there is only one row left\nhint: write the position itself"},

		{"a ragged array prints its rows", r, nil, "[batch=2 pos=2|3 d=2]\n[[[  0.0000   1.0000]\n  [ 10.0000  11.0000]]\n\n [[100.0000 101.0000]\n  [110.0000 111.0000]\n  [120.0000 121.0000]]]"},
		{"the last of a ragged axis is each row's own", r, []Ix{all(), at(-1), at(0)}, "[batch=2]\n[ 10.0000 120.0000]"},
		{"past a row the row is named", r, []Ix{all(), at(2)}, "error: index 2 is out of range for axis pos of length 2 in row batch=0 (valid: -2 to 1)"},
		{"a single prompt is dense", r, []Ix{at(1)}, "[pos=3 d=2]\n[[100.0000 101.0000]\n [110.0000 111.0000]\n [120.0000 121.0000]]"},
		{"a position of a single prompt", r, []Ix{at(1), at(2)}, "[d=2]\n[120.0000 121.0000]"},
		{"a position of the rows that are taken", r, []Ix{pick(1), at(2), at(0)}, "[batch=1]\n[120.0000]"},
		{"positions of the rows that are taken", r, []Ix{pick(1, 1), pick(2, 0), at(0)}, "[batch=2 pos=2]\n[[120.0000 100.0000]\n [120.0000 100.0000]]"},
		{"a slice of a ragged axis", r, []Ix{all(), from(1, 3), at(0)}, "[batch=2 pos=1|2]\n[[ 10.0000]\n [110.0000 120.0000]]"},
		{"one position per ragged row", r, []Ix{all(), per(-1, 0), at(0)}, "[batch=2]\n[ 10.0000 100.0000]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Index(c.x, c.ix)
			check(t, got, err, c.want)
			ty, terr := IndexType(c.x.Type, c.ix)
			if (terr == nil) != (err == nil) || err == nil && !ty.Equal(got.Type) {
				t.Errorf("IndexType gives %v, %v", ty, terr)
			}
		})
	}
}

func TestSetIndex(t *testing.T) {
	for _, c := range []struct {
		name  string
		x     *Array
		ix    []Ix
		value *Array
		want  string
	}{
		{"an entry", vec("pos", 1, 2, 3), []Ix{at(1)}, Float(9), "[pos=3]\n[1.0000 9.0000 3.0000]"},
		{"a vector broadcasts over positions", digits("pos d", 2, 2), []Ix{all()}, vec("d", 7, 8), "[pos=2 d=2]\n[[7.0000 8.0000]\n [7.0000 8.0000]]"},
		{"pos of length 1 does not broadcast", digits("pos d", 2, 2), []Ix{all()}, digits("pos d", 1, 2),
			"error: value has one entry of pos, the slice has 2: shapes [pos=1 d=2] and [pos=2 d=2]\nhint: index the value so that the axis goes, and it is set at every pos"},
		{"a value with more axes", digits("pos d", 2, 2), []Ix{at(0)}, digits("_ d", 1, 2),
			"error: value has shape [1 2], the slice has [2]\nhint: index the value down to the axes of the slice: [d]"},
		{"integers turn to floats rather than be cut", ints(1, 2), []Ix{at(0)}, Float(0.5), "[2]\n[0.5000 2.0000]"},
		{"each row's own last position", raggedDigits(1, 2), []Ix{all(), at(-1)}, vec("d", 7, 8), "[batch=2 pos=1|2 d=2]\n[[[  7.0000   8.0000]]\n\n [[100.0000 101.0000]\n  [  7.0000   8.0000]]]"},
		{"a whole ragged array", raggedDigits(1, 2), []Ix{all()}, raggedDigits(2, 1), "error: value has shape [2 2|1 2], the slice has [2 1|2 2]: row 0: value has shape [1 2 2], the slice has [1 1 2]\nhint: pos has length 2 in the value and 1 in the slice: choose entries of both, as in [pos=-1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := append([]float32(nil), c.x.F32()...)
			got, err := SetIndex(c.x, c.ix, c.value)
			check(t, got, err, c.want)
			for i, v := range c.x.F32() {
				if v != before[i] {
					t.Fatal("the array itself changed")
				}
			}
		})
	}
}
