// What a world must be able to do to be compared with Linux.

package trace

// A World is one side that is compared with the traces. It is used by one
// goroutine. After an error it is only Reset.
type World interface {
	// Reset empties the world: no area, no page, a fresh cache of anon_vmas.
	Reset()
	// Do does one operation, whose arguments are in range, and returns its result
	// in the trace's words. An error means that the world cannot do it, or that
	// doing it broke a claim.
	Do(op Op) (res string, err error)
	// State is the state now. An error means that there is a reference to what
	// does not exist.
	State() (State, error)
	// Visible is what can be seen of the state from outside: see Raw.visible.
	Visible() State
}
