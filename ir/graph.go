package ir

import (
	"interp/internal/diag"
	"interp/nnrt/arch"
	"interp/nnrt/tensor"
)

// NodeID names a node of the graph; ids ascend along every reference.
type NodeID int32

// NoNode is no node.
const NoNode NodeID = -1

// RunID names a run: one prompt of one invoke.
type RunID int32

// NodeKind says what a node is.
type NodeKind uint8

// The kinds of nodes.
const (
	NConst  NodeKind = iota // a known value
	NRead                   // rows of activations: View
	NOp                     // Call.Row on Args
	NGrad                   // gradient of the scalar Args[0] with respect to View, or to Param of Model
	NTokens                 // the ids that Runs[0] of View generated
)

// Node is a value of the graph. Nodes are interned: equal content is one node.
type Node struct {
	Kind  NodeKind
	VKind Kind        // of the value
	Type  tensor.Type // when VKind is KArray
	Const Value
	Call  *Call // of an op: row, environment, known arguments (a lazy argument's place holds its *Lazy)
	Args  []NodeID
	View  *View
	Param string // of a parameter's gradient, with Model
	Model Model
	Span  diag.Span
}

// Run is one prompt of one invoke as the script says it.
type Run struct {
	ID     RunID
	Invoke int32 // runs of one invoke share a number; invokes count up in script order
	Trace  int32 // invokes of one trace share a number
	Row    int   // of the invoke
	Model  Model
	Tokens []int32 // the prompt
	Gen    *Gen    // nil: no token is generated
	Sets   []Set   // in script order
	Span   diag.Span
	Closed bool // the body is complete: no further sets
}

// Gen says how a run goes on after its prompt. Position len(prompt)+k-1 holds the token that step k
// reads; token k is chosen from the logits of position len(prompt)+k-1.
type Gen struct {
	N           int // tokens asked for
	Temperature float64
	TopK        int
	TopP        float64
	Seed        uint64
	Key         uint64
	Stop        []int32
	Done        []int32 // tokens chosen so far
	Stopped     bool
}

// Set is one assignment to (a slice of) one row. The value has exactly as many numbers as the slice.
type Set struct {
	Pos  int32
	Pt   arch.Point
	Sl   Slice
	Val  NodeID
	Span diag.Span
}

// Slice picks numbers of a row: up to three nested ranges, or a list. The zero Slice is the whole
// row. Slices are comparable; equal slices of equal rows pick the same numbers.
type Slice struct {
	Off, N1, S1, N2, S2, N3, S3 int32
	List                        *Offsets
}

// Offsets is an interned list of places in a row.
type Offsets struct{ At []int32 }

// Whole says that the slice is the whole row.
func (s Slice) Whole() bool { return s.N1 == 0 && s.List == nil }

// Len is the count of numbers picked from a row of the given width.
func (s Slice) Len(width int) int {
	switch {
	case s.List != nil:
		return len(s.List.At)
	case s.N1 == 0:
		return width
	}
	return int(s.N1) * int(max(s.N2, 1)) * int(max(s.N3, 1))
}

// Each calls f with every place picked, in order.
func (s Slice) Each(width int, f func(i, off int)) {
	if s.List != nil {
		for i, o := range s.List.At {
			f(i, int(o))
		}
		return
	}
	if s.N1 == 0 {
		for i := range width {
			f(i, i)
		}
		return
	}
	i := 0
	for a := int32(0); a < s.N1; a++ {
		for b := int32(0); b < max(s.N2, 1); b++ {
			for c := int32(0); c < max(s.N3, 1); c++ {
				f(i, int(s.Off+a*s.S1+b*s.S2+c*s.S3))
				i++
			}
		}
	}
}

// Take copies the numbers picked from a row.
func (s Slice) Take(dst, row []float32) {
	if s.Whole() {
		copy(dst, row)
		return
	}
	if s.List == nil && s.N2 <= 1 && s.N3 <= 1 && s.S1 == 1 {
		copy(dst, row[s.Off:s.Off+s.N1])
		return
	}
	s.Each(len(row), func(i, off int) { dst[i] = row[off] })
}

// Put writes the numbers picked into a row.
func (s Slice) Put(row, src []float32) {
	if s.Whole() {
		copy(row, src)
		return
	}
	s.Each(len(row), func(i, off int) { row[off] = src[i] })
}

// Piece is a slice of one row: what a view is made of.
type Piece struct {
	Run   RunID
	Pos   int32
	Sl    Slice
	After int32 // sees this many of the run's sets at (point, position); lower points always all
}

// View is a read of a site: pieces in order, and how they make an array. Without Scatter the pieces'
// numbers follow one another in the array's row-major order. With it, number i of the pieces goes to
// place Scatter[i] and all other places hold Fill (scores and patterns: what stands beyond the query).
type View struct {
	Pt      arch.Point
	Model   Model
	Pieces  []Piece
	Scatter []int32
	Fill    float32
	Old     bool // a later set of the invoke changes the site: what is read is not what flows on
}

// Graph is what the runs of a script, or of a session, say.
type Graph struct {
	Nodes []Node
	Runs  []*Run
}

// Walk calls f with each node that is reached from the roots, once; f says which nodes to go on to,
// usually the node's arguments.
func (g *Graph) Walk(roots []NodeID, f func(id NodeID, n *Node) []NodeID) {
	todo, seen := append([]NodeID(nil), roots...), map[NodeID]bool{}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[id] {
			seen[id] = true
			todo = append(todo, f(id, &g.Nodes[id])...)
		}
	}
}
