// Package lockstep runs the implementation under the controlled scheduler beside
// the model: one edge of the triangle, spec = impl.
//
// Each move is taken on both sides. After it the shared state must be equal,
// field by field; the moved thread must stand at the same next step in both, and
// be about to act upon the same object. A move that the model disables must be
// refused by the code, and change nothing.
package lockstep
