package kern

import "syscall"

// largePages asks for large pages. It is a wish: where the system has none, small ones do.
func largePages(x []byte) {
	if len(x) > 0 {
		_ = syscall.Madvise(x, syscall.MADV_HUGEPAGE)
	}
}
