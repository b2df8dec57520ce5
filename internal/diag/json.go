package diag

import (
	"encoding/json"
	"io"
)

type jsonPlace struct {
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndLine int    `json:"end_line"`
	EndCol  int    `json:"end_col"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Message string `json:"message"`
}

type jsonDiag struct {
	File     string `json:"file"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	jsonPlace
	Note  string     `json:"note,omitempty"`
	Hint  string     `json:"hint,omitempty"`
	Other *jsonPlace `json:"other,omitempty"`
}

// WriteJSON prints a list for tools: an array of objects in the order of the script, [] if nothing
// was found. Lines and columns count from 1, columns in characters; start and end are byte offsets.
func WriteJSON(w io.Writer, file, src string, list List) error {
	s := NewSource(file, src)
	sorted := append(List(nil), list...)
	sorted.Sort()
	out := make([]jsonDiag, len(sorted))
	for i, d := range sorted {
		out[i] = jsonDiag{File: file, Severity: d.Sev.String(), Code: d.Code,
			jsonPlace: s.jsonPlace(d.Span, d.Msg), Note: d.Note, Hint: d.Hint}
		if d.Other != nil {
			o := s.jsonPlace(*d.Other, d.OtherMsg)
			out[i].Other = &o
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (s *Source) jsonPlace(at Span, msg string) jsonPlace {
	p := jsonPlace{Start: at.Start, End: at.End, Message: msg}
	p.Line, p.Col = s.Pos(at.Start)
	p.EndLine, p.EndCol = s.Pos(at.End)
	return p
}
