//go:build !linux

package kern

// largePages does nothing where the system decides by itself.
func largePages([]byte) {}
