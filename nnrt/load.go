package nnrt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"interp/nnrt/kern"
	"interp/nnrt/nn"
)

// DType is the type weights are kept in; activations are float32 always.
type DType uint8

// The types of weights.
const (
	F32  DType = iota
	BF16       // half the memory; rounds the weights, so numbers differ
)

var dtypes = [...]kern.DType{F32: kern.F32, BF16: kern.BF16}

// LoadOptions say how weights are loaded and who computes.
type LoadOptions struct {
	Pool    *kern.Pool // who computes; models may share one
	Threads int        // of a pool of the model's own, where none is given; 0: one
	DType   DType
}

var errNotLoaded = errors.New("the weights are not loaded")

// Load reads the weights, once: later calls return at once. Linear layers are packed, in parallel, and
// what they are packed from is let go; embeddings are read when they are looked up.
func (m *Model) Load(o LoadOptions) error { return m.LoadContext(context.Background(), o) }

// LoadContext is Load that ends between two layers when the context does; a later call begins anew.
func (m *Model) LoadContext(ctx context.Context, o LoadOptions) error {
	src, err := m.source()
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.units != nil {
		return nil
	}
	if o.Pool == nil {
		o.Pool = kern.NewPool(max(o.Threads, 1))
	}
	net := architectures[m.config.Arch].build(m.config)
	l := &loader{m: m, src: src, o: o}
	if err := l.load(ctx, net); err != nil {
		return fmt.Errorf("model %s: %w", m.name, err)
	}
	units := make([]map[string]unit, m.arch.Dims.Layers+2)
	for i := range units {
		units[i] = net.units(i - 1)
	}
	m.layers = map[nn.Layer]string{}
	for _, n := range layersOf(net) {
		m.layers[n.layer] = n.name
	}
	m.pool, m.o, m.units = o.Pool, o, units
	return nil
}

// source opens the weights and matches their tensors with the architecture, once.
func (m *Model) source() (source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.src != nil {
		return m.src, nil
	}
	src, err := m.open()
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", m.name, err)
	}
	names, warnings, err := match(m.arch, m.config.Tied, src)
	if err != nil {
		src.Close()
		return nil, fmt.Errorf("model %s: %w", m.name, err)
	}
	m.src, m.names, m.warnings = src, names, append(m.warnings, warnings...)
	return src, nil
}

// loader gives layers their tensors. Workers share it; each has a view with memory of its own.
type loader struct {
	m   *Model
	src source
	o   LoadOptions
}

// view is one worker's door to the loader.
type view struct {
	*loader
	buf []float32
}

// loaders is how many layers are read at a time: reading waits for the disk, packing does not.
const loaders = 2

func (l *loader) load(ctx context.Context, net network) error {
	jobs := layersOf(net)
	next := make(chan int, len(jobs))
	for i := range jobs {
		next <- i
	}
	close(next)
	errs := make([]error, len(jobs))
	var wg sync.WaitGroup
	for range loaders {
		wg.Go(func() {
			v := &view{loader: l}
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				if errs[i] = jobs[i].layer.Load(v, jobs[i].name); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return cmp.Or(cmp.Or(errs...), ctx.Err()) // the first layer's, whoever was faster
}

// named is a layer and the name its weights stand under.
type named struct {
	name  string
	layer nn.Layer
}

// layersOf finds the layers in a network: fields of a struct with a tag `name:"..."`, through nested
// structs and, by number, slices.
func layersOf(net any) []named {
	var out []named
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		if l, ok := v.Addr().Interface().(nn.Layer); ok {
			out = append(out, named{name, l})
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if tag := v.Type().Field(i).Tag.Get("name"); tag != "" {
					walk(v.Field(i), strings.TrimPrefix(name+"."+tag, "."))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), fmt.Sprintf("%s.%d", name, i))
			}
		}
	}
	walk(reflect.ValueOf(net).Elem(), "")
	return out
}

// Shape is nn.Source's.
func (v *view) Shape(name string) []int {
	info, ok := v.src.Info(v.m.names[name])
	if !ok {
		return nil
	}
	return info.Shape
}

// Read is nn.Source's.
func (v *view) Read(name string) ([]float32, error) {
	info, ok := v.src.Info(v.m.names[name])
	if !ok {
		return nil, fmt.Errorf("there is no weight %q", name)
	}
	if cap(v.buf) < info.Count {
		v.buf = make([]float32, info.Count)
	}
	x := v.buf[:info.Count]
	if err := v.src.ReadF32(v.m.names[name], x); err != nil {
		return nil, err
	}
	if i := notFinite(x); i >= 0 {
		return nil, fmt.Errorf("tensor %q has numbers that are not finite, the first is %v at %d", v.m.names[name], x[i], i)
	}
	return x, nil
}

// Pack is nn.Source's.
func (v *view) Pack(k, n int, src []float32, transposed bool) *kern.Mat {
	return v.o.pack(k, n, src, transposed)
}

// Lender is nn.Source's.
func (v *view) Lender(name string) nn.Lender {
	return &lender{v.src, v.o, v.m.names[name]}
}

func (o LoadOptions) pack(k, n int, src []float32, transposed bool) *kern.Mat {
	ld := n
	if transposed {
		ld = k
	}
	return kern.NewMatType(o.Pool, dtypes[o.DType], k, n, src, ld, transposed)
}
