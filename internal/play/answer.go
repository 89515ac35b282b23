package play

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// A question is what the page asks.
type question struct {
	Place
	Worlds []World `json:"worlds"` // once, at the beginning
	Search bool    `json:"search"`
	Claim  string  `json:"claim"`
}

// An Answerer answers questions, which are JSON, in JSON.
type Answerer struct {
	worlds   []World
	Progress func(string) // of a search, as JSON
}

// Answer answers one question. What is wrong with it is the field error of the answer.
func (a *Answerer) Answer(text string) string {
	answer, err := defined(func() (any, error) { return a.answer(text) })
	if err == nil {
		var data []byte
		if data, err = json.Marshal(answer); err == nil {
			return string(data)
		}
	}
	data, _ := json.Marshal(map[string]string{"error": err.Error()})
	return string(data)
}

// defined makes an error of a panic: whoever edits a step plays it too, and a step that is not
// defined somewhere would end the program, and the page with it.
func defined(f func() (any, error)) (answer any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("rootlock: the law is not defined here: %v", v)
		}
	}()
	return f()
}

func (a *Answerer) answer(text string) (any, error) {
	var q question
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return nil, err
	}
	if q.Worlds != nil {
		a.worlds = q.Worlds
		return struct{}{}, nil
	}
	if a.worlds == nil {
		return nil, errors.New("rootlock: no model to play in")
	}
	if !q.Search {
		return Show(a.worlds, q.Place)
	}
	return Search(context.Background(), a.worlds, q.Place, q.Claim, Most, func(p Progress) {
		data, _ := json.Marshal(map[string]Progress{"progress": p})
		a.Progress(string(data))
	})
}
