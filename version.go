package interp

import "runtime/debug"

// version is set when a release is built: -ldflags "-X interp.version=v1.2.3".
var version string

// Version is the release, or the commit it was built from.
func Version() string {
	if version != "" {
		return version
	}
	rev := "unreleased"
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			return v
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				rev = s.Value[:12]
			}
		}
	}
	return rev
}
