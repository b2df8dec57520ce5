package kern

// mostTurns of relax take some 100 microseconds.
const mostTurns = 40000

// relax is a turn of waiting awake.
func relax() { yield() }

// implFor is the best set of kernels up to a level; every arm64 processor has NEON.
func implFor(l ISA) *impl {
	if l == Generic {
		return &generic
	}
	return &neon
}

// neon multiplies in vector registers and does the rest in plain Go.
var neon = func() impl {
	im := generic
	im.level, im.tile, im.tileHalf = NEON, tileNEON, widening(tileNEON)
	return im
}()

// tileNEON is made of tiles of 4 rows and of single rows. What is missing of the last four goes to a
// spare row.
func tileNEON(rows, k int, a []float32, as int, b []float32, bs int, c [][]float32, off int, acc bool, _ hint) {
	if rows == 1 {
		tile1NEON(k, &a[0], as*4, &b[0], bs*4, &c[0][off], acc)
		return
	}
	var spare [panel]float32
	for r := 0; r < rows; r += 4 {
		for j := 0; j < panel; j += 16 {
			var to [4]*float32
			for i := range to {
				to[i] = &spare[j]
				if r+i < rows {
					to[i] = &c[r+i][off+j]
				}
			}
			tile4NEON(k, &a[r], as*4, &b[j], bs*4, to[0], to[1], to[2], to[3], acc)
		}
	}
}
