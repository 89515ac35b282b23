// Package museum keeps the known mistakes and the known repairs, and shows that
// the checks tell them from the law.
//
// An entry is one file of testdata/museum. It has the story in prose, and the edit of each
// corner of the triangle: an override of TLA+ operators, edit blocks for spec/ and impl/.
// And it says what then differs from the law in one model. [Run] asks four engines, each in
// its own way:
//
//	explorer   breadth-first search of the edited model: verdicts, shortest counterexample
//	tlc        TLC on the law with the override
//	rapid      random schedules on edited model and edited implementation in lockstep, shrunk
//	lockstep   random schedules on the law's model and the edited implementation: they must part
//
// A mistake is killed by an engine that finds exactly the claim violated that
// the entry names. A repair is seen if the claim, which the law breaks, holds in
// full exploration and no random schedule breaks it, where it breaks on the law.
// A no-op must survive everywhere. An edit that does not compile is an error of the entry and
// never a kill. So is an edit that changes nothing, or whose old text is not in the file
// exactly once: the law has moved on, and the entry must follow.
//
// Edited Go code is built with go build -overlay into a specimen: a program of
// its own, which is asked over its standard input. One specimen serves many entries
// ([Weave]): a build for each would compile the same packages again and again. What
// cannot be woven is built alone. The law's own answers come from this process, which
// is the law.
//
// What the explorer finds bounds the other searches: an entry that expects what is not
// so is told apart as soon as one that is right, and what breaks instead is shown.
//
// The other way round, [KillMatrix] lists for each claim, and for each named part
// of one, the mistakes that break it; a claim that none breaks has not been shown
// to be able to fail. [Breaks] asks the explorer alone for that.
//
// Where things are: entry.go what an entry is; load.go reads them; edit.go and
// overlay.go apply them; weave.go puts many into
// one program; specimen.go builds and asks specimens; tla.go asks TLC;
// law.go asks the law; run.go asks all of them, judge.go says whether that was
// expected; kills.go turns it round; table.go prints.
package museum
