package tlc

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// message is one coded message of "-tool" output. An exception that carries a
// message nests it inside its own text.
type message struct {
	code     int
	severity int
	lines    []string // without those of nested messages
	nested   []*message
}

// Severities, TLC's MP class.
const (
	severityError   = 1
	severityBug     = 2
	severityWarning = 3
)

func (m *message) text() string { return strings.TrimSpace(strings.Join(m.lines, "\n")) }

// root is the message that explains m: the innermost first one.
func (m *message) root() *message {
	for len(m.nested) > 0 {
		m = m.nested[0]
	}
	return m
}

const mark = "@!@!@"

var (
	startMark = regexp.MustCompile(`@!@!@STARTMSG (-?\d+):(\d+) @!@!@\s*$`)
	endMark   = regexp.MustCompile(`^\s*@!@!@ENDMSG (-?\d+) @!@!@\s*$`)
)

// scanner is an io.Writer that cuts the output into messages and plain lines
// while TLC writes it. It keeps one message at a time.
type scanner struct {
	onMessage func(*message)
	onLine    func(string) // a line outside of all messages
	onRaw     func(string) // every line

	partial []byte
	size    int // of the messages that are open
	open    []*message
	broken  string // the first thing that does not fit the format
}

// Limits of what is kept of TLC's output: of a line, and of a message that has not ended.
// The longest state of ours has less than a thousandth of that.
const (
	maxLine    = 16 << 20
	maxMessage = 64 << 20
)

// Write fails where the output is beyond the limits: then TLC is not heard any more.
func (s *scanner) Write(p []byte) (int, error) {
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if len(s.partial)+len(p) > maxLine && (i < 0 || len(s.partial)+i > maxLine) {
			s.breaks("a line of more than " + strconv.Itoa(maxLine>>20) + " MiB")
			s.partial = nil
			return 0, errors.New(s.broken)
		}
		if i < 0 {
			s.partial = append(s.partial, p...)
			return n, nil
		}
		if len(s.open) == 0 {
			s.size = 0
		} else if s.size += len(s.partial) + i; s.size > maxMessage {
			s.breaks("a message of more than " + strconv.Itoa(maxMessage>>20) + " MiB")
			return 0, errors.New(s.broken)
		}
		line := append(s.partial, p[:i]...)
		s.partial = s.partial[:0]
		s.line(strings.TrimSuffix(string(line), "\r"))
		p = p[i+1:]
	}
}

// close takes the end of the output; a message without its end is broken.
func (s *scanner) close() {
	if len(s.partial) > 0 {
		s.line(string(s.partial))
		s.partial = nil
	}
	if len(s.open) > 0 {
		s.breaks("output ends inside message " + strconv.Itoa(s.open[0].code))
	}
}

func (s *scanner) breaks(what string) {
	if s.broken == "" {
		s.broken = what
	}
}

func (s *scanner) line(line string) {
	s.onRaw(line)
	if !strings.Contains(line, mark) { // most lines, and soon said
		s.text(line)
		return
	}
	if m := endMark.FindStringSubmatch(line); m != nil {
		s.end(m[1])
		return
	}
	if m := startMark.FindStringSubmatchIndex(line); m != nil {
		if before := line[:m[0]]; strings.TrimSpace(before) != "" {
			s.text(before)
		}
		code, _ := strconv.Atoi(line[m[2]:m[3]])
		severity, _ := strconv.Atoi(line[m[4]:m[5]])
		s.open = append(s.open, &message{code: code, severity: severity})
		return
	}
	s.text(line)
}

func (s *scanner) text(line string) {
	if len(s.open) == 0 {
		s.onLine(line)
		return
	}
	top := s.open[len(s.open)-1]
	top.lines = append(top.lines, line)
}

func (s *scanner) end(code string) {
	if len(s.open) == 0 {
		s.breaks("end of message " + code + " without a start")
		return
	}
	top := s.open[len(s.open)-1]
	if strconv.Itoa(top.code) != code {
		s.breaks("message " + strconv.Itoa(top.code) + " ended as " + code)
	}
	s.open = s.open[:len(s.open)-1]
	if len(s.open) > 0 {
		parent := s.open[len(s.open)-1]
		parent.nested = append(parent.nested, top)
		return
	}
	s.onMessage(top)
}
