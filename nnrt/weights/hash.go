package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
)

// Hash identifies the weights: 16 hexadecimal digits that depend on every tensor's name, dtype,
// shape and bytes, and not on their order or how they are split into files. It is a SHA-256 over a
// CRC-32C of each tensor, so it runs at the speed of the disk; it tells checkpoints apart and is no
// defence against forgery. The first call reads all weights, later ones return the same.
func (s *Set) Hash() (string, error) { return s.hash() }

func (s *Set) digest() (string, error) {
	sum := sha256.New()
	buf := make([]byte, block)
	for _, name := range s.names {
		t := s.tensors[name]
		crc, err := t.checksum(name, buf)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%q %s %d %08x\n", name, t.dtype, t.shape, crc)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// checksum is the CRC-32C (which processors compute) of a tensor's bytes.
func (t located) checksum(name string, buf []byte) (uint32, error) {
	table := crc32.MakeTable(crc32.Castagnoli)
	var crc uint32
	for at := t.begin; at < t.end; at += int64(len(buf)) {
		b := buf[:min(int64(len(buf)), t.end-at)]
		if err := t.readAt(name, b, at); err != nil {
			return 0, err
		}
		crc = crc32.Update(crc, table, b)
	}
	return crc, nil
}
