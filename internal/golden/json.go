package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// meta is the part of a results file that says where it came from, which is no result.
const meta = "_meta"

// counts are the statistics that count work; the others are times and sizes of this machine.
var counts = []string{"states_dense", "states_planned", "gflop_dense", "gflop_planned", "passes", "chunks", "noops"}

// decode reads an object, its numbers as they are written.
func decode(text string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("there is more than one value")
	}
	return v, nil
}

// compareSaved compares results by value.
func compareSaved(want, got string, tol float64) string {
	if got == "" {
		return "the run wrote no results\n"
	}
	g, err := decode(got)
	if err != nil {
		return fmt.Sprintf("the results cannot be read: %v\n", err)
	}
	if strings.TrimSpace(want) == "" {
		return "nothing is recorded yet\n"
	}
	w, err := decode(want)
	if err != nil {
		return fmt.Sprintf("what is recorded cannot be read: %v\n", err)
	}
	delete(g, meta)
	delete(w, meta)
	d := differ{tol: tol}
	d.values("", w, g)
	return d.text()
}

// compareStats compares the counts that are recorded.
func compareStats(want, got string, tol float64) string {
	if got == "" {
		return "the run wrote no statistics\n"
	}
	g, err := decode(got)
	if err != nil {
		return fmt.Sprintf("the statistics cannot be read: %v\n", err)
	}
	if strings.TrimSpace(want) == "" {
		return "nothing is recorded yet\n"
	}
	w, err := decode(want)
	if err != nil {
		return fmt.Sprintf("what is recorded cannot be read: %v\n", err)
	}
	d := differ{tol: tol}
	for _, k := range slices.Sorted(maps.Keys(w)) {
		if !slices.Contains(counts, k) {
			d.addf("%s: only counts are compared: %s", k, strings.Join(counts, ", "))
			continue
		}
		d.values(k, w[k], g[k])
	}
	return d.text()
}

// mostLines is how many differences between values are shown.
const mostLines = 20

// differ collects differences between values.
type differ struct {
	tol   float64
	lines []string
	more  int
}

func (d *differ) addf(format string, args ...any) {
	if len(d.lines) == mostLines {
		d.more++
		return
	}
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *differ) text() string {
	if len(d.lines) == 0 {
		return ""
	}
	if d.more > 0 {
		d.lines = append(d.lines, fmt.Sprintf("and %d more differences", d.more))
	}
	return strings.Join(d.lines, "\n") + "\n"
}

// values compares two values of JSON at a path.
func (d *differ) values(path string, want, got any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			d.addf("%s: got %s, want an object", path, short(got))
			return
		}
		d.objects(path, w, g)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			d.addf("%s: got %s, want %s", path, short(got), short(want))
			return
		}
		for i := range w {
			d.values(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])
		}
	case json.Number:
		g, ok := got.(json.Number)
		if !ok || !near(w.String(), g.String(), d.tol) {
			d.addf("%s: got %s, want %s", path, short(got), w)
		}
	default:
		if want != got {
			d.addf("%s: got %s, want %s", path, short(got), short(want))
		}
	}
}

func (d *differ) objects(path string, want, got map[string]any) {
	if path != "" {
		path += "."
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if g, ok := got[k]; ok {
			d.values(path+k, want[k], g)
		} else {
			d.addf("%s%s: is missing, want %s", path, k, short(want[k]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok && !(isArray(want) && slices.Contains(besides, k)) {
			d.addf("%s%s: got %s, want nothing of that name", path, k, short(got[k]))
		}
	}
}

// besides is what an array carries beside shape, data and axes: compared where it is recorded, so that an
// archive written by hand can do without.
var besides = []string{"dtype", "labels"}

func isArray(v map[string]any) bool {
	_, shape := v["shape"]
	_, data := v["data"]
	return shape && data
}

// short is a value in a few words.
func short(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return fmt.Sprintf("an object of %s", strings.Join(slices.Sorted(maps.Keys(v)), ", "))
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// layoutSaved lays results out for an archive: a name a line, without _meta.
func layoutSaved(text string) ([]byte, error) {
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("saved.json: %w", err)
	}
	delete(v, meta)
	return layout(v, slices.Sorted(maps.Keys(v))), nil
}

// layoutStats lays the counts out that were recorded; all of them, where none was.
func layoutStats(old, text string) ([]byte, error) {
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("stats.json: %w", err)
	}
	keys := counts
	if w, err := decode(old); err == nil && len(w) > 0 {
		keys = slices.DeleteFunc(slices.Clone(counts), func(k string) bool { _, ok := w[k]; return !ok })
	}
	return layout(v, keys), nil
}

func layout(v map[string]json.RawMessage, keys []string) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(k) // a string always is JSON
		fmt.Fprintf(&b, "\n  %s: ", name)
		if err := json.Compact(&b, v[k]); err != nil {
			b.WriteString("null")
		}
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}
