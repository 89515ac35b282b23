package sched

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A script is a schedule that is known.
type script struct {
	options []option
	at      int
}

func (s *script) done() bool { return s.at == len(s.options) }

func (s *script) pick(e *explorer) int {
	if s.at == len(s.options) {
		return len(e.options)
	}
	i := slices.Index(e.options, s.options[s.at])
	s.at++
	if i < 0 {
		return len(e.options)
	}
	return i
}

// format writes a schedule: 1x3,2/1 is three steps of thread 1, and one of
// thread 2 with its second way.
func format(schedule []option) string {
	var parts []string
	for i := 0; i < len(schedule); {
		n := 1
		for i+n < len(schedule) && schedule[i+n] == schedule[i] {
			n++
		}
		part := strconv.Itoa(int(schedule[i].thread))
		if c := schedule[i].choice; c != 0 {
			part += fmt.Sprintf("/%d", c)
		}
		if n > 1 {
			part += fmt.Sprintf("x%d", n)
		}
		parts = append(parts, part)
		i += n
	}
	return strings.Join(parts, ",")
}

// unreadable is the kind of a counterexample that is none: Options.Replay is no schedule.
const unreadable = "unreadable schedule"

func parse(text string) (schedule []option, err error) {
	for part := range strings.SplitSeq(text, ",") {
		step, times, many := strings.Cut(part, "x")
		thread, choice, chosen := strings.Cut(step, "/")
		numbers := []uint64{0, 0, 1}
		for i, field := range []string{thread, choice, times} {
			if i == 1 && !chosen || i == 2 && !many {
				continue
			}
			n, err := strconv.ParseUint(field, 10, []int{8, 8, 16}[i])
			if err != nil {
				return nil, fmt.Errorf("sched: reading schedule %q: %q is not like 1x3 (three steps of thread 1) or 2/1 (a step of thread 2, its second way)", text, part)
			}
			numbers[i] = n
		}
		for range numbers[2] {
			schedule = append(schedule, option{uint8(numbers[0]), uint8(numbers[1])})
		}
	}
	return schedule, nil
}
