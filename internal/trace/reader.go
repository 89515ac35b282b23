// A trace file: gzip or plain, one sequence per line.

package trace

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/rootlock/rootlock/internal/quote"
)

// maxLine bounds a line; the longest of ours has 65 thousand bytes.
const maxLine = 8 << 20

var errLong = fmt.Errorf("the line is longer than %d bytes; expected one sequence", maxLine)

// A FormatError says where a file is not a trace, what is wrong and what is
// expected.
type FormatError struct {
	File string
	Line int // from 1
	Err  error
}

func (e *FormatError) Error() string {
	text := e.Err.Error()
	if len(text) > 5*quote.Most { // of a field's name, for example
		text = quote.Line(text)
	}
	return fmt.Sprintf("rootlock: %s:%d: %s", e.File, e.Line, text)
}

// Unwrap returns what is wrong.
func (e *FormatError) Unwrap() error { return e.Err }

// A Reader reads the sequences of a file one by one. Not for concurrent use.
type Reader struct {
	name string
	in   *bufio.Reader
	open bool // whether it is gzip was found out
	gzip bool
	line int
	buf  []byte
	err  error // sticks
}

// NewReader reads from r, whose name is used in errors. Gzip is recognised by
// its first bytes.
func NewReader(name string, r io.Reader) *Reader {
	return &Reader{name: name, in: bufio.NewReader(r)}
}

// Name is the name of the file.
func (r *Reader) Name() string { return r.name }

// Next returns the next sequence; io.EOF after the last, a *FormatError if the
// file is not a trace.
func (r *Reader) Next() (*Sequence, error) {
	if r.err != nil {
		return nil, r.err
	}
	q, err := r.next()
	if err != nil && err != io.EOF {
		err = &FormatError{r.name, r.line, err}
	}
	r.err = err
	return q, err
}

func (r *Reader) next() (*Sequence, error) {
	r.line++
	if !r.open {
		r.open = true
		if err := r.unzip(); err != nil {
			return nil, fmt.Errorf("damaged gzip data (%w); expected a complete file", err)
		}
	}
	err := r.readLine()
	switch {
	case err == io.EOF && r.line == 1:
		return nil, errors.New("the file is empty; expected one sequence per line")
	case err == io.EOF:
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("the gzip data end in the middle; expected a complete file")
	case errors.Is(err, errLong):
		return nil, err
	case err != nil && r.gzip:
		return nil, fmt.Errorf("damaged gzip data (%w); expected a complete file", err)
	case err != nil:
		return nil, fmt.Errorf("reading: %w", err)
	}
	q, err := decode(r.buf)
	if err != nil {
		return nil, err
	}
	q.Line = r.line
	return q, nil
}

// unzip puts a decompressor in between if the file is gzip.
func (r *Reader) unzip() error {
	magic, _ := r.in.Peek(2)
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return nil
	}
	r.gzip = true
	z, err := gzip.NewReader(r.in)
	if err != nil {
		return err
	}
	r.in = bufio.NewReaderSize(z, 64<<10)
	return nil
}

// readLine reads a line into buf; io.EOF if there is none. The last line may
// lack its end.
func (r *Reader) readLine() error {
	r.buf = r.buf[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.buf = append(r.buf, part...)
		switch {
		case len(r.buf) > maxLine:
			return errLong
		case err == nil:
			return nil
		case err == io.EOF && len(r.buf) > 0:
			return nil
		case err != bufio.ErrBufferFull:
			return err
		}
	}
}
