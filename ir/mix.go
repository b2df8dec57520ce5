package ir

// Mix hashes numbers: SplitMix64 (Steele, Lea and Flood 2014) over the parts. Keys of random numbers
// are made with it.
func Mix(parts ...uint64) uint64 {
	h := uint64(0)
	for _, p := range parts {
		h = (h ^ p) + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}
