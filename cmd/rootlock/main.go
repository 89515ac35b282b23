// Command rootlock checks the anon_vma root lock of 2010: a spec, a model and an
// implementation of one protocol, kept honest with each other.
//
//	go run ./cmd/rootlock check     # the main job
//	go run ./cmd/rootlock --help
package main

import (
	"context"
	"os"
	"os/signal"
	"os/user"
	"runtime"
	"syscall"

	"github.com/rootlock/rootlock/internal/report"
)

func main() {
	if _, set := os.LookupEnv("HOME"); !set { // Java, Go and Maven look there for what they keep
		if u, err := user.Current(); err == nil && u.HomeDir != "" && runtime.GOOS != "windows" {
			_ = os.Setenv("HOME", u.HomeDir)
		}
	}
	if here().dir == "" { // whoever installed the program has no source to run
		report.Program = "rootlock"
	}
	// Whoever reads standard output may go: then writing fails, and what was begun is ended
	// in order.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
