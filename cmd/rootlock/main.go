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
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
