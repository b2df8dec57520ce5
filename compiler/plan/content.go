package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"
	"reflect"
	"slices"

	"interp/ir"
	"interp/nnrt/tensor"
)

// Values that the host made are addressed by a hash of what they are. Two scripts' constants, two
// reads laid out alike, two calls of one row on the same operands are one.

type key [sha256.Size]byte

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
	ix  map[key]int32
	all []layout
}

func newLayoutTable() layoutTable {
	return layoutTable{ix: map[key]int32{}, all: make([]layout, 1)}
}

func (x *layoutTable) intern(l layout) int32 {
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

// digest collects content. With a constTable it remembers what large values hash to.
type digest struct {
	h    hash.Hash // of what came before buf; nil: nothing
	memo *constTable
	buf  []byte
}

func newDigest(memo *constTable) *digest { return &digest{memo: memo, buf: make([]byte, 0, 256)} }

func (d *digest) sum() (k key) {
	if d.h == nil { // little: no need of a running hash
		return sha256.Sum256(d.buf)
	}
	d.flush()
	d.h.Sum(k[:0])
	return k
}

func (d *digest) flush() {
	if d.h == nil {
		d.h = sha256.New()
	}
	d.h.Write(d.buf)
	d.buf = d.buf[:0]
}

func (d *digest) tag(c byte) { d.buf = append(d.buf, c) }

func (d *digest) u64(x uint64) {
	if len(d.buf) > 4096 {
		d.flush()
	}
	d.buf = binary.LittleEndian.AppendUint64(d.buf, x)
}

func (d *digest) text(s string) {
	d.u64(uint64(len(s)))
	d.buf = append(d.buf, s...)
}

func (d *digest) floats(x []float32) {
	d.u64(uint64(len(x)))
	for _, v := range x {
		if len(d.buf) > 4096 {
			d.flush()
		}
		d.buf = binary.LittleEndian.AppendUint32(d.buf, math.Float32bits(v))
	}
}

func (d *digest) ints(x []int32) {
	d.u64(uint64(len(x)))
	for _, v := range x {
		d.u64(uint64(uint32(v)))
	}
}

func (d *digest) typ(t tensor.Type) {
	d.tag('t')
	d.tag(byte(t.DT))
	d.u64(uint64(len(t.Axes)))
	for i := range t.Axes {
		d.text(t.Axes[i])
	}
	d.u64(uint64(len(t.Dims)))
	for _, n := range t.Dims {
		d.u64(uint64(n))
	}
	for _, r := range t.Rag {
		d.u64(uint64(r.Axis))
		for _, n := range r.Lens {
			d.u64(uint64(n))
		}
	}
}

// pointer takes a thing by identity. What is digested stays in the graph, so no address comes twice.
func (d *digest) pointer(p any) {
	d.tag('p')
	v := reflect.ValueOf(p)
	if !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		d.u64(uint64(v.Pointer()))
	default:
		d.attrs(v, 0)
	}
}

// value takes a script value by content. A lazy value is a hole: its address follows among operands.
func (d *digest) value(v ir.Value) {
	switch x := v.(type) {
	case nil:
		d.tag('0')
	case bool:
		d.tag('b')
		d.attrs(reflect.ValueOf(x), 0)
	case int64:
		d.tag('i')
		d.u64(uint64(x))
	case float64:
		d.tag('f')
		d.u64(math.Float64bits(x))
	case string:
		d.tag('s')
		d.text(x)
	case *ir.Lazy:
		d.tag('?')
	case *ir.List:
		d.once(x, ir.IsKnown(x), func(d *digest) {
			d.tag('l')
			d.u64(uint64(len(x.Items)))
			for _, e := range x.Items {
				d.value(e)
			}
		})
	case *ir.Record:
		d.once(x, ir.IsKnown(x), func(d *digest) {
			d.tag('r')
			d.u64(uint64(len(x.Keys)))
			for i, k := range x.Keys {
				d.text(k)
				d.value(x.Vals[i])
			}
		})
	case *tensor.Array:
		d.once(x, true, func(d *digest) { d.array(x) })
	default:
		d.pointer(v)
	}
}

// once digests a shared value by itself and remembers the sum by its pointer.
func (d *digest) once(p any, known bool, f func(*digest)) {
	if !known || d.memo == nil {
		f(d)
		return
	}
	k, ok := d.memo.byPtr[p]
	if !ok {
		sub := newDigest(d.memo)
		f(sub)
		k = sub.sum()
		d.memo.byPtr[p] = k
	}
	d.buf = append(d.buf, k[:]...)
}

func (d *digest) array(x *tensor.Array) {
	d.tag('a')
	d.typ(x.Type)
	switch x.DT {
	case tensor.I64:
		for _, v := range x.I64() {
			d.u64(uint64(v))
		}
	case tensor.Bool:
		for _, v := range x.Bools() {
			d.attrs(reflect.ValueOf(v), 0)
		}
	default:
		d.floats(x.F32())
	}
	names := make([]string, 0, len(x.Labels))
	for name := range x.Labels {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d.text(name)
		for _, s := range x.Labels[name] {
			d.text(s)
		}
	}
}

// attrs takes what a hidden row was resolved to: plain data and the first pointer by content, all
// that is shared behind further pointers by identity.
func (d *digest) attrs(v reflect.Value, depth int) {
	if !v.IsValid() {
		d.tag('0')
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if depth > 0 && v.Elem().Kind() == reflect.Pointer {
			d.tag('p')
			d.u64(uint64(v.Elem().Pointer()))
			return
		}
		d.attrs(v.Elem(), depth)
	case reflect.Pointer:
		if depth > 0 || v.IsNil() {
			d.tag('p')
			d.u64(uint64(v.Pointer()))
			return
		}
		d.text(v.Type().String())
		d.attrs(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			d.attrs(v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		d.u64(uint64(v.Len()))
		for i := range v.Len() {
			d.attrs(v.Index(i), depth+1)
		}
	case reflect.String:
		d.text(v.String())
	case reflect.Bool:
		d.tag('F')
		if v.Bool() {
			d.tag('T')
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.u64(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.u64(v.Uint())
	case reflect.Float32, reflect.Float64:
		d.u64(math.Float64bits(v.Float()))
	case reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		d.u64(uint64(v.Pointer()))
	}
}
