package draw

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
)

//go:embed page.js
var pageScript string

//go:embed page.css
var pageStyle string

// Page writes one HTML file with all pictures. Pointing at a cell or mark shows its value and both
// labels. The file needs nothing else and asks the network for nothing.
func Page(w io.Writer, pics []Picture) error {
	for i, p := range pics {
		if err := p.Check(); err != nil {
			return fmt.Errorf("picture %d: %w", i+1, err)
		}
	}
	scenes := make([]*scene, len(pics))
	title := ""
	for i, p := range pics {
		scenes[i] = p.scene()
		title = or(title, scenes[i].title)
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n",
		html.EscapeString(or(title, "interp")), pageStyle)
	for _, s := range scenes {
		if err := figure(b, s); err != nil {
			return err
		}
	}
	fmt.Fprintf(b, "<div id=\"tip\" hidden></div>\n<script>\n%s</script>\n</body>\n</html>\n", pageScript)
	return b.Flush()
}

// figure writes a picture and, as JSON that the script reads, what is under the pointer.
func figure(b *bufio.Writer, s *scene) error {
	b.WriteString("<figure>\n")
	if err := writeSVG(b, s, false); err != nil {
		return err
	}
	data, err := json.Marshal(struct { // json escapes < and >, so no label can end the script
		Grid  *gridHits
		Marks []markHit
	}{s.hits.grid, s.hits.marks})
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "<script type=\"application/json\">%s</script>\n</figure>\n", data)
	return nil
}
