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
