package docs

import "testing"

func TestPageRefusesWhatIsNoCode(t *testing.T) {
	for _, code := range []string{"", "E", "E01", "README", "E9999", "../docs", "X0101", "E01010"} {
		if text, ok := Page(code); ok {
			t.Errorf("Page(%q) gave %q", code, text)
		}
	}
}
