// Package crowd asks how much the tests of free threads see: it edits mistakes into
// impl alone, most of them only where there are no hooks, and runs TestRelatives of impl
// on each. What the lockstep and the recorder cannot see, because they hook every step,
// these runs must.
//
// A mistake is a file of testdata/crowd: what is wrong in prose, the protocols for which
// it is wrong, and edits as in the museum (internal/museum). One that does not apply or
// compile is an error, and no kill.
//
//	go test ./internal/crowd                               one mistake, until a seed sees it, three at most
//	go test ./internal/crowd -mistakes -v                  all, 20 seeds each, and a table
//	go test ./internal/crowd -mistakes -only PutTorn -v    one of them
//	go test ./internal/crowd -mistakes -detector -v        under the race detector
package crowd
