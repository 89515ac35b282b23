// Package tlc runs TLC, the TLA+ model checker, and says what it established.
//
// It knows nothing about the protocols: it takes modules and a configuration,
// and returns a verdict, counts and a counterexample.
//
//	installation.go, java.go, jar.go, fetch.go   finding Java and tla2tools.jar
//	config.go, config_parser.go                  TLC's .cfg files, read and written
//	value.go, value_parser.go                    TLA+ values as TLC prints them
//	message.go                                   the stream of coded messages of "-tool"
//	report.go, trace.go, sany.go, verdict.go     from messages to a Result
//	run.go                                       one TLC process and its directory
//	distributed.go                               TLC's server and its workers
//	defects.go                                   what is known to be wrong with the pinned TLC
//
// Three rules hold everywhere. Messages decide and the exit code must agree,
// because neither is enough alone: with -continue TLC prints "No error has been
// found" and exits with 0 after it reported violations. A parse error, a
// full heap or a killed process is no answer about the model. Each is an error
// that says what to do, and never a verdict that a caller could take for a
// violation. And a model without any initial state does not "hold".
//
// Run on TLC 1.7.3 ("Version 2.18 of 20 March 2023"); 1.7.4 is the other
// release that [Finder] accepts unasked.
package tlc
