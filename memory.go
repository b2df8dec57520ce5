package interp

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/pbnjay/memory"

	"interp/ir"
)

// memoryLimit is half of the memory of the machine, or of the container where that is less.
func memoryLimit() int64 {
	total := int64(memory.TotalMemory())
	if total <= 0 {
		total = 8 << 30
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if data, err := os.ReadFile(file); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && n > 0 {
				total = min(total, n)
			}
		}
	}
	return total / 2
}

// budget bounds the memory of host values. It counts what is asked for and, when that may be too much,
// looks at what is really held: values that nothing refers to any more cost nothing.
type budget struct {
	limit   int64
	base    int64 // held before the script: weights
	pending int64 // asked for since the last look
}

func newBudget(limit int64) *budget {
	b := &budget{limit: limit}
	b.rebase()
	return b
}

// rebase takes what is held now for not the script's.
func (b *budget) rebase() { b.base, b.pending = heap(), 0 }

// spend asks for bytes.
func (b *budget) spend(n int64) error {
	if n > b.limit {
		return &ir.Error{Code: "E0417", Msg: fmt.Sprintf("this takes more memory than the %s that -mem allows", Bytes(b.limit)), Hint: "allow more with -mem, or read less at once: fewer prompts or positions, a part of a row"}
	}
	b.pending += n
	if b.pending < b.limit/8 {
		return nil
	}
	held := heap() - b.base
	if held+n > b.limit {
		runtime.GC()
		held = heap() - b.base
	}
	if held+n > b.limit {
		return &ir.Error{Code: "E0417", Msg: fmt.Sprintf("the script's values and runs take more than %s", Bytes(b.limit)), Hint: "save less, describe fewer runs, or raise -mem"}
	}
	b.pending = n
	return nil
}

// heap is how many bytes objects hold.
func heap() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// Bytes writes a number of bytes: 8 GiB, 1.5 MiB.
func Bytes(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for x >= 1024 && i < len(units)-1 {
		x /= 1024
		i++
	}
	return strconv.FormatFloat(x, 'g', 4, 64) + " " + units[i]
}
