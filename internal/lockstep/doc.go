// Package lockstep runs the implementation under the controlled scheduler beside
// the model: one edge of the triangle, spec = impl.
//
// Each move is taken on both sides. After it the shared state must be equal,
// field by field; the moved thread must stand at the same next step in both, and
// be about to act upon the same object. A move that the model disables must be
// refused by the code, and change nothing.
//
// Some things the law has no word for, and knows all the same: what an operation returns
// (errors.go), how much it allocates, and when a page gets another frame (frames.go). A thread
// that has touched what is freed has no next step in the law; in the code it must let go of all
// that it holds (oops.go). And what the code keeps twice must agree (impl's Consistent).
package lockstep
