package lockstep

import "github.com/rootlock/rootlock/spec"

// object is what the next step of thread t acts upon, by the model: it must be
// what the code tells its hook (the table is in impl/hooks.go).
func object(m *spec.Model, s *spec.State, t uint8) uint8 {
	th := &s.Thread[t-1]
	switch th.PC {
	case spec.LockAnon, spec.LockAdjust, spec.LockLeaf, spec.LockRoot:
		return m.LockTarget(s, t)
	case spec.UnlockAnon, spec.UnlockAdjust, spec.UnlockLeaf, spec.UnlockRoot:
		return th.Held
	case spec.LockPage, spec.UnlockPage, spec.ReadMapping, spec.CheckMapped, spec.MovePage, spec.CheckOwn:
		return th.Page
	case spec.LinkList, spec.UnlinkList, spec.FreeAnon, spec.ReadFirst, spec.GetAnon, spec.PutAnon, spec.PutLast:
		return th.Anon
	case spec.LinkChain:
		if th.New != 0 {
			return th.New
		}
		return th.VMA
	case spec.UnlinkChain, spec.FreeVMA, spec.CopyVMA, spec.StoreStart, spec.StoreEnd, spec.StorePgoff,
		spec.ReadTail, spec.ReadStart, spec.ReadPgoff, spec.Visit, spec.NextEntry:
		return th.VMA
	case spec.Faulted:
		return uint8(th.Fault)
	}
	return 0
}
