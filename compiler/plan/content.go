package plan

import (
	"encoding/binary"
	"math"
	"reflect"

	"interp/ir"
	"interp/nnrt/tensor"
)

// constant is a value of the host: as a value, or as the numbers a set writes.
type constant struct {
	value ir.Value
	nums  []float32
}

type constTable struct {
	ix    map[key]int32
	all   []constant
	byPtr map[any]key // digests of arrays, lists and records met before, by pointer
}

func newConstTable() constTable { return constTable{ix: map[key]int32{}, byPtr: map[any]key{}} }

// argTable interns lists of values.
type argTable struct {
	ix    map[string]int32
	off   []int32 // list i is arena[off[i]:off[i+1]]
	arena []ValID
	buf   []byte
}

func newArgTable() argTable { return argTable{ix: map[string]int32{}, off: []int32{0}} }

func (x *argTable) intern(ids []ValID) int32 {
	x.buf = x.buf[:0]
	for _, v := range ids {
		x.buf = binary.LittleEndian.AppendUint32(x.buf, uint32(v))
	}
	if i, ok := x.ix[string(x.buf)]; ok {
		return i
	}
	i := int32(len(x.off) - 1)
	x.ix[string(x.buf)] = i
	x.arena = append(x.arena, ids...)
	x.off = append(x.off, int32(len(x.arena)))
	return i
}

func (x *argTable) list(i int32) []ValID { return x.arena[x.off[i]:x.off[i+1]] }

// operands of a view or an op.
func (t *Table) operands(v val) []ValID {
	if v.kind == vView || v.kind == vOp {
		return t.args.list(v.b)
	}
	return nil
}

// layout is how the numbers of a view's pieces make an array. Layout 0 is none: the numbers as they
// follow one another.
type layout struct {
	typ     tensor.Type
	typed   bool
	scatter []int32
	fill    float32
}

type layoutTable struct {
	ix   map[key]int32
	all  []layout
	last [4]int32 // met lately: loops ask for the same few
}

func newLayoutTable() layoutTable {
	return layoutTable{ix: map[key]int32{}, all: make([]layout, 1)}
}

func (x *layoutTable) intern(l layout) int32 {
	for _, i := range x.last {
		if y := &x.all[i]; y.typed && l.typed && y.scatter == nil && l.scatter == nil && y.typ.Equal(l.typ) {
			return i
		}
	}
	i := x.find(l)
	copy(x.last[1:], x.last[:])
	x.last[0] = i
	return i
}

func (x *layoutTable) find(l layout) int32 {
	d := newDigest(nil)
	if l.typed {
		d.typ(l.typ)
	}
	if l.scatter != nil {
		d.tag('s')
		d.ints(l.scatter)
		d.u64(uint64(math.Float32bits(l.fill)))
	}
	k := d.sum()
	i, ok := x.ix[k]
	if !ok {
		i = int32(len(x.all))
		x.all, x.ix[k] = append(x.all, l), i
	}
	return i
}

// op is a call by content: row, environment, attributes, known arguments. Its operands follow in a val.
type op struct{ node *ir.Node }

type opTable struct {
	ix  map[key]int32
	all []op
}

func newOpTable() opTable { return opTable{ix: map[key]int32{}} }

// constOf interns a host value as such.
func (t *Table) constOf(v ir.Value) ValID {
	d := newDigest(&t.consts)
	d.tag('v')
	d.value(v)
	return t.constAt(d.sum(), func() constant { return constant{value: v} })
}

// numbersOf interns the numbers that a set writes.
func (t *Table) numbersOf(x []float32) ValID {
	d := newDigest(nil)
	d.tag('n')
	d.floats(x)
	return t.constAt(d.sum(), func() constant { return constant{nums: x} })
}

func (t *Table) constAt(k key, make func() constant) ValID {
	i, ok := t.consts.ix[k]
	if !ok {
		i = int32(len(t.consts.all))
		t.consts.all, t.consts.ix[k] = append(t.consts.all, make()), i
	}
	return t.val(val{kind: vConst, a: i})
}

// opOf interns a call without its lazy operands.
func (t *Table) opOf(n *ir.Node) int32 {
	d := newDigest(&t.consts)
	c := n.Call
	d.pointer(c.Row)
	if e := c.Env; e != nil && !c.Row.Hidden { // hidden rows draw nothing and warn of nothing
		d.tag('e')
		d.pointer(e.Model)
		d.u64(e.Seed)
		d.u64(e.Site)
	}
	d.attrs(reflect.ValueOf(c.Attrs), 0)
	for _, a := range c.Args {
		d.value(a)
	}
	k := d.sum()
	i, ok := t.ops.ix[k]
	if !ok {
		i = int32(len(t.ops.all))
		t.ops.all, t.ops.ix[k] = append(t.ops.all, op{n}), i
	}
	return i
}
