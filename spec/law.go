package spec

import "github.com/rootlock/rootlock/triangle/law"

// The model as a law: what the explorer, and everything else that is about any protocol,
// knows of it.

// A lawOf is a model as a [law.Law], with all that makes large models fast.
type lawOf struct {
	*Model
	packing *packing
}

// Law is the model as a law of package law. It is [law.Packer], [law.Copier],
// [law.Symmetric], [law.Parted] and [law.Live] too.
func (m *Model) Law() law.Law[State, Move] { return &lawOf{m, newPacking(m)} }

var claimNames, stepNames = func() (claims, steps []string) {
	for _, c := range Claims() {
		claims = append(claims, c.String())
	}
	for s := range NumSteps {
		steps = append(steps, s.String())
	}
	return claims, steps
}()

func (l *lawOf) Initial() []State             { return []State{l.Init()} }
func (l *lawOf) Claims() []string             { return claimNames }
func (l *lawOf) Check(s *State) law.Claims    { return law.Claims(l.Model.Check(s)) }
func (l *lawOf) Steps() []string              { return stepNames }
func (l *lawOf) Step(mv Move) int             { return int(mv.Step) }
func (l *lawOf) Copy(to, from *State)         { l.copy(to, from) }
func (l *lawOf) Canon() func(*State)          { return (&canon{m: l.Model}).state }
func (l *lawOf) Parts() []string              { return AllConjuncts() }
func (l *lawOf) Words() int                   { return len(l.packing.words) }
func (l *lawOf) Within(s *State) bool         { return l.packing.blank(s) }
func (l *lawOf) Unpack(in []uint64, s *State) { l.packing.unpack(in, s) }

func (l *lawOf) Pack(s *State, out []uint64) bool { return l.packing.pack(s, out) }

func (l *lawOf) Broken(s *State, violated law.Claims, known uint64) uint64 {
	return uint64(l.Model.Broken(s, ClaimSet(violated), ConjunctSet(known)))
}

func (l *lawOf) Thread(mv Move) int  { return int(mv.Thread) }
func (l *lawOf) Begins(mv Move) bool { return mv.Step.Begins() }
func (l *lawOf) Locks(mv Move) bool {
	return mv.Step.TakesLock() || l.Faulters > 0 && mv.Step.takesTable()
}

func (l *lawOf) Busy(s *State, thread int) bool { return s.thread(uint8(thread)).Op != Idle }

func (l *lawOf) Ends(thread int) string {
	if l.IsWalker(uint8(thread)) {
		return WalkTerminates.String()
	}
	return OperationTerminates.String()
}

// TakesLock reports whether s takes a lock: only these steps, and those that take the page
// table's for themselves, can be disabled by what another thread holds. TryVMA is not one of
// them: it does not wait, so no fairness of locks gives it anything.
func (s Step) TakesLock() bool {
	switch s {
	case LockAnon, LockArea, LockAdjust, LockMove, LockLeaf, LockRoot, LockVMA, LockWalks, LockPage:
		return true
	}
	return false
}

// takesTable reports whether s waits for the page table's lock, where UFFDIO_MOVE holds that
// over several steps.
func (s Step) takesTable() bool {
	switch s {
	case MapPage, AllowWrite, SwapIn, MoveEntry, ZapEntry, DenyWrite, CopyEntry, CheckOwn, Visit:
		return true
	}
	return false
}

// explainUndefined says how a state whose fields are each in their range is none of the law's.
func (m *Model) explainUndefined(s *State) (conjunct, values string) {
	l := &lawOf{m, newPacking(m)}
	if !l.Pack(s, make([]uint64, l.Words())) || !l.Within(s) {
		return "TypeOK", l.packing.stray(s) + " is outside the bounds"
	}
	if how := law.Undefined(l, s); how != "" {
		return "StepsDefined", how
	}
	return "", ""
}
