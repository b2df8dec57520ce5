package nnrt

import (
	"os"
	"testing"

	"interp/internal/shared"
	"interp/nnrt/arch"
	"interp/nnrt/kern"
)

// open opens and loads a model of testdata.
func open(t testing.TB, elem ...string) *Model {
	t.Helper()
	dir := shared.Repo(append([]string{"testdata"}, elem...)...)
	m, err := Open(elem[len(elem)-1], os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Load(LoadOptions{Pool: kern.NewPool(2)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// dense computes every row of every point of one prompt: rows[point][position].
func dense(t testing.TB, m *Model, ids []int32) [][][]float32 {
	t.Helper()
	a := m.Arch()
	rows := make([][][]float32, a.Points())
	pos := make([]int32, len(ids))
	for i := range pos {
		pos[i] = int32(i)
	}
	for p := range arch.Point(a.Points()) {
		if a.Row(p).Arrive {
			continue
		}
		r := &Rows{Tok: ids, Pos: pos, Out: make([][]float32, len(ids))}
		for i := range ids {
			r.Out[i] = make([]float32, a.Width(p, i))
		}
		for _, q := range a.Inputs(p) {
			r.In = append(r.In, rows[q])
		}
		if a.Row(p).Keys {
			r.Keys = keysOf(rows[a.KV(a.Layer(p))])
		}
		if err := m.Rows(p, r); err != nil {
			t.Fatal(err)
		}
		rows[p] = r.Out
	}
	return rows
}

// keysOf gives each position the keys up to its own, one run a row.
func keysOf(kv [][]float32) [][]KeyRun {
	var runs []KeyRun
	for _, row := range kv {
		runs = append(runs, KeyRun{Buf: row, N: 1, Stride: len(row)})
	}
	out := make([][]KeyRun, len(kv))
	for i := range out {
		out[i] = runs[:i+1]
	}
	return out
}
