//go:build !amd64

package kern

// implFor is the best set of kernels up to a level.
func implFor(ISA) *impl { return &generic }

const (
	idleTurns = 20000
	waitTurns = 40000
)

// relax is a turn of waiting awake.
func relax() {}
