package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// Where there is no terminal, progress is a line now and then, on standard error.
func TestPlainProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, err bytes.Buffer
		a := &app{stdout: &out, stderr: &err}
		m := a.meter("check", 100, "tasks")
		for i := range int64(65) {
			m.at(i, "tasks")
			time.Sleep(time.Second)
		}
		m.done()
		assert.Empty(t, out.String())
		assert.Equal(t, 6, strings.Count(err.String(), "\n"), "one line in ten seconds:\n%s", err.String())
		assert.Contains(t, err.String(), "check: 10 of 100 (1.0/s, about 90 s left) tasks\n")
		assert.NotContains(t, err.String(), "\x1b")
	})
}
