package ir

import (
	"interp/internal/diag"
	"interp/nnrt/tensor"
)

// OpRow is one function of the library, or one operator: everything there is to know of it stands in
// its row. A row is called in two ways. When all arguments are known, Eval gives the value. When some
// are lazy, Infer gives what is known of it: a *Lazy with its type, or, where the types suffice
// (len, shape), the value itself.
type OpRow struct {
	Name    string
	Params  []Param
	Doc     string // one paragraph; of tensor functions it ends with shapes
	Example string // a script; its output follows in lines that begin with "# "
	Group   string // heading in the manual

	Infer func(c *Call) (Value, error)
	Eval  func(c *Call) (Value, error)

	// Grad is the gradient with respect to argument arg, given the result and its gradient.
	// A row without one says why in NoGrad.
	Grad   func(c *Call, arg int, out, dout *tensor.Array) (*tensor.Array, error)
	NoGrad string

	// GradItem is the same for entry item of an argument that is a list (stack, concat).
	GradItem func(c *Call, arg, item int, out, dout *tensor.Array) (*tensor.Array, error)

	// Maps tells along which axes the op works element by element: for each array argument, for each
	// axis of the result, the axis of the argument that it runs along, or -1 (broadcast, not there).
	// An index on such an axis of the result can be applied to the arguments instead; a nil map
	// of an argument means it is used whole. Axes that may not be indexed early are -2 in all.
	Maps func(c *Call, out tensor.Type) [][]int

	// Flops is what the call costs where that compares with the work of a run; nil: it does not.
	Flops func(c *Call) int64

	Output   bool // print's kin: the machine puts the call on the tape; Infer only checks its arguments
	Value    bool // written without brackets: its name is a value (W_U)
	Weights  bool // its values are the model's weights, or come of them: check knows their types alone
	Special  bool // the machine does it itself: it needs sites, not values
	Composed bool // made of calls of other rows: Infer gives their nodes, and there is none of its own
	Hidden   bool // an operator or a step of the machine, not a name of the language
}

// Rest is the parameter that takes all remaining positional arguments, -1 if there is none. Those
// after it are given by name.
func (r *OpRow) Rest() int {
	for k, p := range r.Params {
		if p.Rest {
			return k
		}
	}
	return -1
}

// Param is a parameter of a row.
type Param struct {
	Name     string
	Doc      string
	Default  Value // with Optional
	Optional bool
	Rest     bool // takes all remaining positional arguments as a *List
	Array    bool // an array is wanted: the caller makes one of a list
}

// Call is one call of a row: arguments in the order of Params, defaults filled in.
type Call struct {
	Row   *OpRow
	Args  []Value
	Env   *Env
	Span  diag.Span
	Attrs any // of a hidden row: what the machine resolved already
}

// Env is what a function may use of its surroundings.
type Env struct {
	Model  Model          // the model in use; nil when there is none
	Seed   uint64         // of the run
	Site   uint64         // key of the call: its place in the tree with the chain of calls and loop indices
	Warn   func(d string) // a warning at the call
	Charge func(n int) error
	Op     func(row *OpRow, attrs any, args ...Value) (Value, error) // calls another row, lazily where needed
	Index  func(v Value, ix []tensor.Ix) (Value, error)              // v[ix], lazily where needed
	Call   func(fn Value, args ...Value) (Value, error)              // calls a function of the script; its value is known
}

// Error is an error of a row in the words of the script.
type Error struct{ Code, Msg, Hint string }

func (e *Error) Error() string { return e.Msg }

// PlacedError is an error of a call that was made for another line than the one that needed it.
type PlacedError struct {
	At  diag.Span
	Err error
}

func (e *PlacedError) Error() string { return e.Err.Error() }

// Unwrap is the error itself.
func (e *PlacedError) Unwrap() error { return e.Err }

// ErrForce is what Infer gives when types do not suffice: the machine has to make the arguments known
// and call Eval.
var ErrForce = &Error{Code: "E0408", Msg: "the value is needed here"}
