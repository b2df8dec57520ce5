package results

import "fmt"

const (
	// DefaultLimit is how many bytes the values of one file may take where nothing else is said.
	DefaultLimit = 4 << 30
	valueBytes   = 48 // of a value in a list, with its share of the list
)

// budget is how much memory a reader may still ask for.
type budget struct{ left, limit int64 }

func newBudget(limit int64) *budget {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &budget{limit, limit}
}

func (b *budget) spend(n int) error {
	if b.left -= int64(n); b.left < 0 {
		b.left = 0
		return fmt.Errorf("the values take more than %d bytes\nhint: give a smaller file, or more memory with -mem", b.limit)
	}
	return nil
}
