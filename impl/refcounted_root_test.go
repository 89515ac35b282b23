package impl

// countedSteps are the operations of TestSteps, by their reasons, that take other
// steps under RefcountedRoot than under RootPointer: alone, no walker finds the lock
// held, so none takes a reference to sleep on it.
var countedSteps = map[string]string{
	"the list is v1, v2": "Walk(1) ReadMapping(1) CheckMapped(1) ReadRoot(1) TryRoot(1) RecheckMapped(1) " +
		"NextEntry(0) ReadStart(1) ReadPgoff(1) Visit(1) NextEntry(1) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1)",
	"the child's new page is in the child's own object; its root is v2's tail": "Walk(3) ReadMapping(3) CheckMapped(3) ReadRoot(2) TryRoot(1) RecheckMapped(3) " +
		"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1)",
	"three lookups, two walks; walk 2 does not ask whether the page is mapped": "Migrate(3) LockPage(3) " +
		"ReadMapping(3) CheckMapped(3) GetUnlessZero(2) RecheckMapped(3) " +
		"ReadMapping(3) CheckMapped(3) ReadRoot(2) TryRoot(1) RecheckMapped(3) " +
		"NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
		"ReadMapping(3) ReadRoot(2) LockRoot(1) NextEntry(0) ReadStart(2) ReadPgoff(2) Visit(2) NextEntry(2) UnlockRoot(1) " +
		"PutAnon(2) UnlockPage(3)",
	"end: one store": "SplitAbove(1) CopyVMA(1) LinkChain(4) LockAnon(1) LinkList(1) UnlockAnon(1) StoreEnd(1)",
	"all entries first; then newest to root; the pinned object is not freed": "Exit(2) ZapEntry(0) ZapEntry(0) " +
		"LockAnon(1) UnlinkList(2) UnlockAnon(1) UnlinkChain(3) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(3) FreeVMA(3) " +
		"LockAnon(1) UnlinkList(2) UnlockAnon(1) PutAnon(2) UnlinkChain(2) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(2) FreeVMA(2)",
	"the last reference on an empty list frees; the sketch finds no root then": "Unpin(2) PutAnon(2) PutAnon(1) CheckUnlocked(1) FreeAnon(2)",
	"the family's last area frees its root": "Exit(1) ZapEntry(0) ZapEntry(0) LockAnon(1) UnlinkList(1) UnlockAnon(1) UnlinkChain(1) FreeVMA(1) " +
		"LockAnon(1) UnlinkList(1) UnlockAnon(1) PutAnon(1) CheckUnlocked(1) FreeAnon(1) UnlinkChain(4) FreeVMA(4)",
}
