// Package museum keeps known mistakes, and shows that the tests of a package tell them from
// the code as it is. A check that no mistake makes fail has not been shown to be able to fail.
//
// A mistake is a file NAME.txtar in a folder of the package, for instance testdata/museum.
// The file opens with prose: what the mistake is and what it does. Then it says which test
// must see the mistake, and by what words, and which lines of which files are other:
//
//	A producer looks at the buffer once, and not again after its sleep.
//
//	-- seen --
//	test: TestEveryEdge
//	says: law Wait, code Put
//
//	-- buffer.go --
//	<<<<
//		for len(b.items) == b.capacity {
//	====
//		if len(b.items) == b.capacity {
//	>>>>
//
// The test of the package is one line:
//
//	func TestMuseum(t *testing.T) { museum.Run(t, "testdata/museum") }
//
// [Run] builds the package's tests with each mistake, by go test -overlay: the files on disk
// stay as they are. The named test must fail, and print the words. A mistake that is not seen
// fails the test. So does one that does not compile, or whose old lines are not in the file
// exactly once: the code has moved on, and the mistake must follow. Neither is a kill.
//
// The mistake may be in the law as well as in the code: both are Go files of the package or
// below it.
package museum
