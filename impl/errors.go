package impl

import (
	"errors"
	"fmt"

	"github.com/rootlock/rootlock/spec"
)

// What a caller can get wrong or meet. An operation that returns one of the
// first group has changed nothing; for ErrNoMemory, see the operation.
var (
	ErrOverlap    = errors.New("rootlock: area overlaps a mapped one")
	ErrRange      = errors.New("rootlock: empty or too large a range")
	ErrOffset     = errors.New("rootlock: outside of the page")
	ErrNotMapped  = errors.New("rootlock: not mapped")
	ErrNoArea     = errors.New("rootlock: address space has no area")
	ErrNoAnon     = errors.New("rootlock: area was never written to")
	ErrWritable   = errors.New("rootlock: entry is writable already")
	ErrMigrating  = errors.New("rootlock: page is being migrated")
	ErrExited     = errors.New("rootlock: address space has exited")
	ErrProtocol   = errors.New("rootlock: this protocol has no such operation")
	ErrShared     = errors.New("rootlock: page is in use at another place too")
	ErrProt       = errors.New("rootlock: no such protection")
	ErrNotSwapped = errors.New("rootlock: entry is not a swap entry")
	ErrSwappedOut = errors.New("rootlock: page is swapped out")
	ErrForeign    = errors.New("rootlock: page of another System")
	ErrNotCached  = errors.New("rootlock: page is mapped, or not in the swap cache")
	ErrNotEmpty   = errors.New("rootlock: child address space is in use")
	ErrReleased   = errors.New("rootlock: pin was released already")
	ErrFinished   = errors.New("rootlock: migration is finished already")
	ErrUnknown    = errors.New("rootlock: no such address space, VMA or page")
	ErrNoMemory   = errors.New("rootlock: out of objects")
	ErrBusy       = errors.New("rootlock: address space is locked")

	// A page that is not mapped for now: errors.Is finds both parts.
	errAwayMigrating = fmt.Errorf("%w for now: %w", ErrNotMapped, ErrMigrating)
	errAwaySwapped   = fmt.Errorf("%w: %w", ErrNotMapped, ErrSwappedOut)

	// ErrNotMoved: the page was still mapped after walk 1, so its bytes stay where
	// they are. All entries are as before, if walk 2 found them.
	ErrNotMoved = errors.New("rootlock: page was not moved: still mapped after the walk")

	// ErrStranded: a migration entry was left behind by a walk that missed it.
	// Only a protocol that violates NoMissedMapping gets here; the kernel has
	// BUG(!PageLocked(p)) at this place.
	ErrStranded = errors.New("rootlock: migration entry left behind")

	// ErrUseAfterFree: a walker touched a freed VMA or chain entry. Only a protocol that
	// violates NoUseAfterFree gets here. The walker has let go of its locks; the operation is incomplete.
	ErrUseAfterFree = errors.New("rootlock: use after free")
)

// The ways to touch what is freed, in the order of the law's names.
type oopsKind int

const (
	_ oopsKind = iota
	freedVMA
	emptyChain
	unlinkedEntry
)

var oopses = [...]error{
	freedVMA:      fmt.Errorf("%w: FreedVMA", ErrUseAfterFree),
	emptyChain:    fmt.Errorf("%w: EmptyChain", ErrUseAfterFree),
	unlinkedEntry: fmt.Errorf("%w: UnlinkedEntry", ErrUseAfterFree),
}

// oops announces that the thread did so. Under control it does not come back.
func (s *System) oops(kind oopsKind) error {
	s.step(spec.Oopsed, int(kind))
	return oopses[kind]
}
