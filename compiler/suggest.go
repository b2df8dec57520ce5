package compiler

import "sort"

// Suggest is the candidate that a misspelt name most likely means, "" if none is near: the least
// Damerau distance, at most a third of the name, of equals the first in the alphabet.
func Suggest(name string, candidates []string) string {
	best, most := "", max(1, len(name)/3)
	if len(name) > 200 {
		return ""
	}
	list := append([]string(nil), candidates...)
	sort.Strings(list)
	for _, cand := range list {
		if cand == name || len(cand) > len(name)+most || len(name) > len(cand)+most || len(cand) < 2 {
			continue
		}
		if d := distance(name, cand); d <= most {
			if d == most && best != "" {
				continue
			}
			best, most = cand, d
			if d == 0 {
				break
			}
			most = d
		}
	}
	return best
}

// distance counts insertions, deletions, changes and swaps of neighbours (optimal string alignment).
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := prev[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, prev[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
