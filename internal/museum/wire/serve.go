package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"

	"github.com/rootlock/rootlock/spec"
)

// Serve is the main function of a specimen: it reads a Question from standard input, has it
// answered for the model that it names, and writes the Answer to standard output. An error goes to
// standard error, and the exit status is 1.
func Serve(answer func(context.Context, *spec.Model, *Question) (*Answer, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, answer func(context.Context, *spec.Model, *Question) (*Answer, error)) error {
	var q Question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		return fmt.Errorf("rootlock: reading the question: %w", err)
	}
	p, err := spec.ProtocolByName(q.Protocol)
	if err != nil {
		return err
	}
	m, err := spec.NewModel(p, q.Model, q.Bounds)
	if err != nil {
		return err
	}
	a, err := answer(ctx, m, &q)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}
