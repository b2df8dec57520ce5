// Package behave holds tests of what scripts mean, through the door that Go programs use. It exports
// nothing.
//
//	behaviours_*_test.go  what the test suites of nnsight, TransformerLens and pyvene require, one test each
//	random_test.go        random scripts: the batched plan gives the bits of the naive one
//	gen_*_test.go         where those scripts come from
package behave
