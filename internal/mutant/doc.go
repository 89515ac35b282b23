// Package mutant makes small mistakes by the thousand and asks who sees them: it negates
// conditions, leaves out statements, changes their order, and puts one constant, field or
// comparison in the place of another. What the museum's hand-made entries show of mistakes
// that somebody thought of, these show of those that nobody did.
//
// Mutants come from the syntax and the types of two packages. Of spec/ the law's steps are
// mutated and nothing that judges them: claims, guards of claims, history, packing and
// search are as they were. Of impl/ the protocols and operations are, alone. Which functions
// these are is found by what the law's and the code's entry points call: see choices.
//
// All mutants of a package are in one program (mutant schemata): a piece of source that a
// mutant changes is wrapped in code that asks package active which mutant runs, and the
// program is built with go build -overlay, once. So a mutant costs what its trials cost,
// mostly milliseconds. It is shown only to trials in which its code runs, and only until one
// tells it from the law:
//
//	claim    a claim is violated that the law keeps there: in a model that is explored, on a
//	         random schedule of a world too large for that, or in a sequence of the kernel's
//	         traces. TypeOK is, where a step panics or leads outside the bounds
//	possible an operation begins where by the world it is not possible, or does not where it
//	         is (spec/possible.go): of a guard that is too narrow no claim can tell
//	hangs    the mutated code does not end. That is found by the work done; what does not even
//	         count its work, by some minutes without an answer
//	panics   it does: of the code
//	traces   a result or a state is not the one that Linux recorded
//	counts   the numbers of states, moves and levels, or of some step, are others
//	graph    the numbers are the same; the states, edges or refusals are not, or on a random
//	         schedule law and mutant part
//	parts    model and implementation part in lockstep: on the way along every edge, in an
//	         ending of one, on a random schedule, or on one that leads to what is broken
//	bytes    they do not part, but a page has other bytes than were written
//
// A mutant of the law that is told otherwise is still shown to the trials behind, until a
// claim breaks or it has cost enough. Of those that break none two classes are found, which
// no claim about states can tell, so that the share of the claims is given with and without:
//
//	narrows    every move is one of the law's, and leads where the law leads
//	registers  law and mutant, side by side, always have the same moves, the same world and
//	           the same claims: only registers differ that nobody reads
//
// Both are so in the models that were asked, no more. What survives all is a mutant that
// changes nothing, which somebody must argue in testdata/mutants/equivalent.txt, or a gap
// in the models, the claims or the lockstep.
//
// A program that does not compile is an error, which names file and line, and no kill.
//
// Where things are: mutant.go what a mutant is; source.go, reach.go what is mutated;
// generate.go, expression.go, neighbour.go how; schemata.go, build.go the program; package
// subject is that program; worker.go runs it; trial.go, leads.go, freed.go, descended.go what
// mutants are shown to; judge.go, judge_law.go who sees them; equivalent.go the arguments;
// result.go, table.go the report.
package mutant
