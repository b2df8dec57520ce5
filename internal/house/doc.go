// Package house has the tests of the project as a whole: which package may import which, and which
// library belongs to which package.
package house
