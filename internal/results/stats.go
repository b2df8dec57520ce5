package results

import (
	"encoding/json"
	"io"
)

// Stats is what -stats writes: times in seconds, run_s being everything after the model is loaded
// with check_s and plan_s in it; states are rows of a block's stages that were computed.
type Stats struct {
	LoadS         float64 `json:"load_s"`
	CheckS        float64 `json:"check_s"`
	PlanS         float64 `json:"plan_s"`
	RunS          float64 `json:"run_s"`
	StatesDense   int64   `json:"states_dense"`
	StatesPlanned int64   `json:"states_planned"`
	GFLOPDense    float64 `json:"gflop_dense"`
	GFLOPPlanned  float64 `json:"gflop_planned"`
	Passes        int64   `json:"passes"`
	Chunks        int64   `json:"chunks"`
	Noops         int64   `json:"noops"`
	PeakBytes     int64   `json:"peak_bytes"`
	Threads       int     `json:"threads"`
}

// Write writes the statistics to a file, whole or not at all.
func (s Stats) Write(path string) error {
	return WriteFile(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	})
}
