package grammar

import "testing"

func TestFormat(t *testing.T) {
	rows := []struct{ name, src, want string }{
		{"blanks around operators", "x=1+2*-y**2\nz=not a==b", "x = 1 + 2 * -y ** 2\nz = not a == b\n"},
		{"none in calls, indices, paths", "f ( a , b = 1 ) [ 0 , : , 1 : 2 ] . x", "f(a, b=1)[0, :, 1:2].x\n"},
		{"brackets after = and : touch as others do", "f(a = [1], b=(2))\nx[(a):(b)]\ny=[1]\nr={a:[1]}", "f(a=[1], b=(2))\nx[(a):(b)]\ny = [1]\nr = {a: [1]}\n"},
		{"records", "r={a:1,\"b\":2}", "r = {a: 1, \"b\": 2}\n"},
		{"blocks get lines and indent", "if a {\nb;c\n}\nelse{\nd}", "if a {\n    b\n    c\n} else {\n    d\n}\n"},
		{"a block on one line stays", "if a{b;c;}else{d}", "if a { b; c } else { d }\n"},
		{"elif becomes else if", "if a {\n}\nelif b {\n}", "if a {\n} else if b {\n}\n"},
		{"a header's brace joins it", "for x in y\n{\nz\n}", "for x in y {\n    z\n}\n"},
		{"one blank line at most, none after {", "a\n\n\n\nb\nif c {\n\n\nd\n}", "a\n\nb\nif c {\n    d\n}\n"},
		{"comments stay where they are", "a#b\n#  c\nif d { # e\n# f\ng\n\n# h\n}\n# i", "a  #b\n#  c\nif d {  # e\n    # f\n    g\n\n    # h\n}\n# i\n"},
		{"breaks in brackets align", "f(a,\nb,\nc)", "f(a,\n  b,\n  c)\n"},
		{"or hang", "f(\na,\nb\n)", "f(\n    a,\n    b\n)\n"},
		{"or hang after a comment", "x = [ # one\n1, # two\n# three\n2\n]", "x = [  # one\n    1,  # two\n    # three\n    2\n]\n"},
		{"a line that goes on is indented", "x = a +\nb", "x = a +\n    b\n"},
		{"iter", "iter k in 1 : 3{a\n}\niter 1 :{ b }\niter all{c}", "iter k in 1:3 {\n    a\n}\niter 1: { b }\niter all { c }\n"},
		{"trace, generate, print", "trace{ }\ngenerate (n = 1){ }\nprint(a)\nprint (a)\nreturn(a)", "trace { }\ngenerate(n=1) { }\nprint(a)\nprint (a)\nreturn (a)\n"},
		{"invoke and edit", "edit e ( l,h ){ }\ninvoke p  with e (1),f{ }", "edit e(l, h) { }\ninvoke p with e(1), f { }\n"},
		{"strings are left alone", "x = 'a  b'+f\"{ x :.2f}  {y}\"", "x = 'a  b' + f\"{x:.2f}  {y}\"\n"},
		{"a record in a field keeps its blank", "f\"{ {a:1} }\"", "f\"{ {a: 1} }\"\n"},
		{"signs in a row", "x = - - y\na = + -b", "x = - -y\na = +-b\n"},
		{"comprehensions", "[x for x,y in z if x>0]", "[x for x, y in z if x > 0]\n"},
		{"a byte order mark and carriage returns go", "\ufeffa\r\nb # c\r\n", "a\nb  # c\n"},
		{"nothing", "", ""},
		{"only a comment", "\n\n# a\n\n", "# a\n"},
		{"only newlines", "\n\n;\n", ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := Format(r.src)
			if err != nil {
				t.Fatal(err)
			}
			if got != r.want {
				t.Errorf("got\n%s\nwant\n%s", got, r.want)
			}
			if twice, err := Format(got); err != nil || twice != got {
				t.Errorf("formatted twice: %v\n%s", err, twice)
			}
		})
	}
}

func TestFormatRefusesWhatDoesNotLex(t *testing.T) {
	for _, src := range []string{"x = (", "x = \"a", "x ^ y", "\xff", "}"} {
		if got, err := Format(src); err == nil {
			t.Errorf("%q gives %q", src, got)
		}
	}
}
