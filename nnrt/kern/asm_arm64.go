package kern

// tile4NEON is a tile of 4 rows of 16 columns; strides are in bytes.
//
//go:noescape
func tile4NEON(k int, a *float32, as int, b *float32, bs int, c0, c1, c2, c3 *float32, acc bool)

// tile1NEON is a tile of a row of 32 columns.
//
//go:noescape
func tile1NEON(k int, a *float32, as int, b *float32, bs int, c *float32, acc bool)

// yield tells the processor that this is a loop of waiting.
func yield()
