package kern

const (
	idleTurns = 1000
	waitTurns = 2000
)

func implFor(ISA) *impl { return &generic }

func relax() {}
