package main

import (
	"github.com/rootlock/rootlock/internal/mutant"
	"github.com/rootlock/rootlock/internal/report"
)

// help is what VERB --help says before the flags: what one gets, one example, and where
// the names of models are.
func help(gets, example string) string {
	return gets + "\n\nExample:\n\n    " + report.Program + " " + example + "\n\nThe names of models, and what each is for:\n\n    " + report.Program + " explore --list"
}

// described is what rootlock --help says before the verbs.
func described() string {
	return "rootlock tells whether a lock protocol of Linux's reverse map is right. It has the protocol as a TLA+ spec, as a model in Go, and as real concurrent code, and compares the three step by step. " +
		"You get verdicts: which claim holds within which bounds, and the shortest schedule that breaks it otherwise. Exit status: 0 as expected, 1 a claim does not hold or holds where it must not, 2 usage or set-up, 130 interrupted." +
		"\n\nExample: what breaks the sketch of 5 May 2010, and in how many steps (ten seconds):\n\n    " + report.Program + " explore DeepestLock" +
		"\n\nThe names of protocols and models, and what each is for:\n\n    " + report.Program + " explore --list"
}

func (c *checkCmd) Help() string {
	return help("You get a table: every protocol, every claim, and in how many steps a claim breaks. The last line says whether every result equals the one in testdata/ledger.json. "+
		"Without Java, check skips TLC and says so. Outside a checkout, check uses the ledger in this program. Exit status: 0 all as recorded, 1 something differs.",
		"check DeepestLock --quick")
}

func (c *exploreCmd) Help() string {
	return help("You get the shortest schedule for each claim that breaks, and what differs from the ledger. "+
		"Without --model and without bounds, every model of the protocol is explored, from small to large, until the budget is spent. "+
		"Exit status: 0 all as expected, 1 something differs.",
		"explore OwnLock --model Tiny")
}

func (c *huntCmd) Help() string {
	return help("You get schedules that break claims in worlds that are too large to explore. "+
		"Each schedule runs on the model and on the implementation side by side. A schedule that breaks a claim is shrunk and shown; then that claim is not asked again. "+
		"A claim that the ledger expects to be violated may break; any other claim must not. "+
		"Exit status: 0 as expected, 1 another claim breaks, or model and implementation part. "+
		"--json writes the object of check, with one result for each model. Its engine is lockstep. In a result, steps counts how often each step was taken, and refused how often the code refused it where the model does.",
		"hunt DeepestLock --seconds 5")
}

func (c *tlcCmd) Help() string {
	return help("You get TLC's verdict on each model, compared with the ledger: which claims hold, which break, and how many states there are. "+
		"The modules of tla/ are in this program; no checkout is needed.",
		"tlc RootPointer/Recycle")
}

func (c *replayCmd) Help() string {
	return help("You get a picture of the schedule: a column for each thread, and a line for each step with what it changes. Below stands the claim that breaks, with the values that break it. "+
		"The same steps run on the implementation, and the states are compared. "+
		"Exit status: 0 nothing breaks, or just what the file expects; 1 a claim breaks, or model and implementation part.",
		"replay testdata/schedules/recycled-leaf.txtar")
}

func (c *shrinkCmd) Help() string {
	return help("You get a schedule that breaks the same claim with fewer threads, steps and context switches, and the command that replays it.",
		"shrink testdata/schedules/lost-migration-entry.txtar")
}

func (c *exportCmd) Help() string {
	return help("You get the schedule on standard output, in the form that --as names.",
		"export --as itf testdata/schedules/recycled-leaf.txtar")
}

func (c *playCmd) Help() string {
	return help("You get a page in which the law runs: the world as a picture, the next step of each thread, and the claims that break. "+
		"You choose who steps next, go back, share a state as a link, and search for a shortest counterexample from where you are. "+
		"The law is compiled for the browser by the Go tool, once. The page needs no network. Ctrl-C ends.",
		"play testdata/schedules/recycled-leaf.txtar")
}

func (c *traceCmd) Help() string {
	return help("You get two counts for each file: how many states of the Linux kernel the model reproduces, and how many the implementation. The first difference of each sequence is shown. "+
		"Exit status: 0 no difference, 1 a difference.",
		"trace testdata/kernel-traces/named.jsonl.gz")
}

func (c *museumCmd) Help() string {
	return help("You get a table: which engine finds which known mistake, and in how many steps. Each entry is built into all three corners, so the museum needs a checkout. "+
		"Entries are hand-made: testdata/museum/README.md. With --generated, each condition, statement and constant of the law's steps and of the code is changed, one at a time. "+mutant.Equivalents+" argues why some of these mutants change nothing.",
		"museum Posted")
}
