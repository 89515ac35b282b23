package sched

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// lanes are a schedule as a person reads it: a column for each thread, a line
// for each step. Only the schedule that is shown has them.
type lanes struct {
	rows     []map[int]string // thread -> what it did
	pointers map[any]string   // by T.Name, or numbered as they are seen: addresses differ from run to run
	numbered int
}

// called gives a pointer its name.
func (l *lanes) called(p reflect.Value, name string) {
	if l.pointers == nil {
		l.pointers = map[any]string{}
	}
	l.pointers[p.Interface()] = "&" + name
}

func (l *lanes) step(thread int, t *virtual) {
	l.rows = append(l.rows, map[int]string{thread: t.what()})
}

// what is the step or the wait that a thread is at.
func (t *virtual) what() string {
	if t.op == opSelect || t.op == opTrySelect {
		return fmt.Sprintf("%s.%v(%s)", t.object.name, t.op, whatOf(t.cases))
	}
	return fmt.Sprintf("%s.%v", t.object.name, t.op)
}

// result returns v, and notes it in the lanes.
func result[R any](o *object, op opcode, v R) R {
	if o != nil && o.run.lanes != nil {
		o.say("%v() = %s", op, o.run.lanes.text(v))
	}
	return v
}

// resultOf is result of an operation that has arguments.
func resultOf[R, A any](o *object, op opcode, v R, args ...A) R {
	if o != nil && o.run.lanes != nil {
		o.say("%v(%s) = %s", op, joined(o, args), o.run.lanes.text(v))
	}
	return v
}

// note notes the arguments of an operation that has no result.
func note[A any](o *object, op opcode, args ...A) {
	if o.run.lanes != nil {
		o.say("%v(%s)", op, joined(o, args))
	}
}

func joined[A any](o *object, args []A) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, o.run.lanes.text(a))
	}
	return strings.Join(texts, ", ")
}

func (o *object) say(format string, args ...any) {
	l := o.run.lanes
	if thread := o.run.s.Current(); thread != 0 && len(l.rows) > 0 {
		l.rows[len(l.rows)-1][thread] = o.name + "." + fmt.Sprintf(format, args...)
	}
}

// text is a value without anything that differs from run to run.
func (l *lanes) text(value any) string {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.String:
		value = fmt.Sprintf("%q", value)
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		if _, ok := l.pointers[value]; !ok {
			l.numbered++
			l.called(v, fmt.Sprintf("%s%d", v.Type().Elem().Name(), l.numbered))
		}
		return l.pointers[value]
	case reflect.Chan, reflect.Func, reflect.Map, reflect.UnsafePointer:
		return v.Type().String()
	}
	text := fmt.Sprintf("%v", value)
	if strings.Contains(text, "0x") { // an address inside
		return v.Type().String()
	}
	if utf8.RuneCountInString(text) > 32 {
		text = string([]rune(text)[:31]) + "…"
	}
	return text
}

// shown is how many lines of a long schedule are shown at either end.
const shown = 60

func (l *lanes) String(threads []virtual) string {
	var used []int // threads that took a step: one that took none has no column
	width := map[int]int{}
	for id := range threads {
		width[id+1] = 0
	}
	for _, row := range l.rows {
		for id, text := range row {
			width[id] = max(width[id], utf8.RuneCountInString(text), utf8.RuneCountInString(threads[id-1].name))
		}
	}
	for id := range threads {
		if width[id+1] > 0 {
			used = append(used, id+1)
		}
	}
	var b strings.Builder
	digits := len(fmt.Sprint(len(l.rows)))
	line := func(number string, cell func(id int) string) {
		var s strings.Builder
		fmt.Fprintf(&s, "%*s", digits, number)
		for _, id := range used {
			text := cell(id)
			s.WriteString("  " + text + strings.Repeat(" ", width[id]-utf8.RuneCountInString(text)))
		}
		b.WriteString(strings.TrimRight(s.String(), " ") + "\n")
	}
	line("", func(id int) string { return threads[id-1].name })
	for i, row := range l.rows {
		if hidden := len(l.rows) - 2*shown; hidden > 0 && i >= shown && i < shown+hidden {
			if i == shown {
				fmt.Fprintf(&b, "%s ... %s more ...\n", strings.Repeat(" ", digits), count(hidden, "step"))
			}
			continue
		}
		line(fmt.Sprint(i+1), func(id int) string {
			if text, ok := row[id]; ok {
				return text
			}
			return "."
		})
	}
	return b.String()
}
