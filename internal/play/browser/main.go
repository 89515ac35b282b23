//go:build js && wasm

// Command browser is package play in a browser: it puts a function rootlock into the global
// scope, which takes a question as JSON and returns the answer as JSON.
package main

import (
	"syscall/js"

	"github.com/rootlock/rootlock/internal/play"
)

func main() {
	scope := js.Global()
	a := &play.Answerer{Progress: func(text string) { scope.Call("postMessage", text) }}
	scope.Set("rootlock", js.FuncOf(func(_ js.Value, args []js.Value) any { return a.Answer(args[0].String()) }))
	select {}
}
