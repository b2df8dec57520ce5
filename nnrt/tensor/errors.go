package tensor

import "fmt"

// Error is what is wrong with an operation, in the words of a script: Msg says what was found and
// what was wanted, Hint (perhaps empty) what to try.
type Error struct {
	Msg, Hint string
	Range     bool // an index is out of range
}

// Error is the message without the hint.
func (e *Error) Error() string { return e.Msg }

// errf makes an Error without a hint.
func errf(format string, args ...any) *Error { return &Error{Msg: fmt.Sprintf(format, args...)} }

// rangef makes the Error of an index out of range.
func rangef(format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Range: true}
}

// hint adds what to try.
func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// inRow says in which ragged row an error was found.
func inRow(err error, row int) error {
	if e, ok := err.(*Error); ok {
		return &Error{Msg: fmt.Sprintf("row %d: %s", row, e.Msg), Hint: e.Hint, Range: e.Range}
	}
	return err
}
