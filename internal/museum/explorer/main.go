// Explorer is the part of a specimen that needs the law alone: it explores the edited
// model. It is built in half the time.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"

	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var q wire.Question
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
	var a wire.Answer
	if a.Exploration, err = wire.Explore(ctx, m, &q); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}
