// Package conform holds experiments of the field with the numbers that PyTorch computes for them: each
// testdata/NAME.patch is run by both plans and compared with testdata/NAME.json. It exports nothing.
package conform
