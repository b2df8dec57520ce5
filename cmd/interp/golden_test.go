package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestArchivesOfUsers(t *testing.T) {
	const script = "args: -set k=2 -in names=in/names.json\n-- script.patch --\ninput k\ninput names\nsave twice = 2 * k\nprint names, twice\n-- in/names.json --\n[\"John\"]\n"
	path := file(t, "own.txtar", script+"-- stdout --\n-- stderr --\n-- saved.json --\n-- stats.json --\n{\"passes\": 0}\n")
	const recorded = script + "-- stdout --\n[\"John\"] 4\n-- stderr --\n-- saved.json --\n{\n  \"twice\": {\"shape\":[],\"data\":[4],\"axes\":[],\"dtype\":\"int64\"}\n}\n-- stats.json --\n{\"passes\": 0}\n"
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		name   string
		args   []string
		status int
		out    string
		err    string
	}{
		{"what is not recorded fails", []string{"test", path}, 1, "+[\"John\"] 4", "1 failed"},
		{"a change is shown", []string{"test", "-update=diff", path}, 0, "+[\"John\"] 4", ""},
		{"and changes nothing", []string{"test", path}, 1, "FAIL " + path, "1 failed"},
		{"it is made", []string{"test", path, "-update"}, 0, "new  " + path, ""},
		{"then nothing differs", []string{"test", filepath.Dir(path)}, 0, "ok   " + path, ""},
		{"no path", []string{"test"}, 2, "", "got no archive"},
		{"a path that is not there", []string{"test", "nosuch.txtar"}, 2, "", "nosuch.txtar"},
		{"an update that is none", []string{"test", "-update=maybe", path}, 2, "", "maybe"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got := call(t, "", r.args...)
			if got.status != r.status || !strings.Contains(got.out, r.out) || !strings.Contains(got.err, r.err) || r.err == "" && got.err != "" {
				t.Errorf("status %d, want %d\nstdout:\n%s\nwant %q in it\nstderr:\n%s\nwant %q in it", got.status, r.status, got.out, r.out, got.err, r.err)
			}
		})
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != recorded {
		t.Errorf("the archive is\n%s\nwant\n%s", text, recorded)
	}
	if now, err := os.Getwd(); err != nil || now != here {
		t.Errorf("the directory is %s, it was %s", now, here)
	}
}

func TestArchivesWriteOnlyWhereTheyRun(t *testing.T) {
	dir := t.TempDir()
	for _, args := range []string{"-o ../x.json", "-stats=" + filepath.Join(dir, "x.json"), "--o in/../../x.json", "-cpuprofile x", "-- x"} {
		path := filepath.Join(dir, "hostile.txtar")
		if err := os.WriteFile(path, []byte("args: "+args+"\n-- script.patch --\nsave a = 1\n-- stdout --\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		got := call(t, "", "test", path)
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != 1 || !strings.Contains(got.out, "args:") || len(files) != 1 {
			t.Errorf("args: %s: status %d, %d files\n%s", args, got.status, len(files), got.out)
		}
	}
}
