//go:build !amd64 && !arm64

package kern

// implFor is the best set of kernels up to a level.
func implFor(ISA) *impl { return &generic }

// mostTurns of relax take some 100 microseconds.
const mostTurns = 40000

// relax is a turn of waiting awake.
func relax() {}
