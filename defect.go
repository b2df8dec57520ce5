package interp

import (
	"fmt"
	"runtime/debug"
)

// Defect is a mistake of interp itself, not of a script.
type Defect struct {
	Value any // what was panicked with
	Stack string
}

// Error asks for a report.
func (d *Defect) Error() string {
	return fmt.Sprintf("a defect of interp, please report it with the script: %v\n%s", d.Value, d.Stack)
}

// caught turns a panic into an error, so that what was complete by then is kept, and a program that runs
// scripts of others goes on. Every door has one.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = &Defect{Value: r, Stack: string(debug.Stack())}
	}
}
