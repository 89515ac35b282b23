// Explorer is the part of a specimen that needs the law alone: it explores the edited
// model. It is built in half the time.
package main

import (
	"context"

	"github.com/rootlock/rootlock/internal/museum/wire"
	"github.com/rootlock/rootlock/spec"
)

func main() {
	wire.Serve(func(ctx context.Context, m *spec.Model, q *wire.Question) (*wire.Answer, error) {
		x, err := wire.Explore(ctx, m, q)
		return &wire.Answer{Exploration: x}, err
	})
}
