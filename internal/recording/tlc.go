package recording

// The checker in TLA+: TLC follows a batch of traces of one model.

import (
	"bytes"
	"context"
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"

	"github.com/rootlock/rootlock/internal/models"
	"github.com/rootlock/rootlock/spec"
	"github.com/rootlock/rootlock/tla"
	"github.com/rootlock/rootlock/tla/trace"
	"github.com/rootlock/rootlock/triangle/tlc"
)

// A Verdict is what TLC makes of one trace.
type Verdict struct {
	Followed int // events: the place of the one that is none of the law, or their number
	Accepted bool
}

// maxBatch keeps a batch within what is kept of TLC's output, a line for each trace.
const maxBatch = 900

// Ask has TLC follow traces of one model of tla/, in one run.
func Ask(ctx context.Context, m *spec.Model, traces []*Trace, in tlc.Installation) ([]Verdict, *tlc.Result, error) {
	if len(traces) == 0 || len(traces) > maxBatch {
		return nil, nil, fmt.Errorf("rootlock: %d traces for one run of TLC; give it 1 to %d", len(traces), maxBatch)
	}
	module := bytes.Replace(trace.Module, []byte("EXTENDS "+trace.Placeholder), []byte("EXTENDS MC"+m.Protocol.String()), 1)
	res, err := tlc.Run(ctx, tlc.Options{
		Installation: in,
		Files:        tla.FS,
		Overlay:      map[string][]byte{"Trace.tla": module, "Traces.tla": tracesModule(m, traces), "Trace.cfg": config(m)},
		Module:       "Trace",
		Workers:      1,
		NoCounts:     true,
		JVM:          []string{"-Xss16m", "-XX:TieredStopAtLevel=1"}, // a run is over before more would pay
	})
	if err != nil {
		return nil, res, err
	}
	if res.Verdict != tlc.Holds {
		return nil, res, fmt.Errorf("rootlock: TLC on traces of %s/%s: %s", m.Protocol, m.Name, res.Verdict)
	}
	verdicts, err := verdicts(res.Output, len(traces))
	return verdicts, res, err
}

var reStopped = regexp.MustCompile(`^<<"stopped", (\d+), (\d+), (TRUE|FALSE)>>$`)

// verdicts reads the line that TLC prints for each trace; one too few is an error.
func verdicts(output []string, n int) ([]Verdict, error) {
	list := make([]Verdict, n)
	seen := make([]bool, n)
	for _, line := range output {
		match := reStopped.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		i, _ := strconv.Atoi(match[1])
		at, _ := strconv.Atoi(match[2])
		v := Verdict{at, match[3] == "TRUE"}
		if i < 1 || i > n || seen[i-1] && list[i-1] != v {
			return nil, fmt.Errorf("rootlock: TLC prints %q: none of %d traces, or not what it printed before; the traces' module is at fault", line, n)
		}
		list[i-1], seen[i-1] = v, true
	}
	for i := range seen {
		if !seen[i] {
			return nil, fmt.Errorf("rootlock: TLC says nothing of trace %d of %d: %q", i+1, n, output)
		}
	}
	return list, nil
}

// names are the model values of a model, as Traces declares them.
var names = []struct {
	sequence, prefix string
	of               func(*spec.Model) int
}{
	{"MMName", "mm", func(m *spec.Model) int { return m.MMs }},
	{"WalkerName", "w", func(m *spec.Model) int { return m.Walkers }},
	{"VMAName", "v", func(m *spec.Model) int { return m.VMAs }},
	{"ObjectName", "a", func(m *spec.Model) int { return m.Objects }},
	{"PageName", "p", func(m *spec.Model) int { return m.Pages }},
}

func listed(prefix string, n int) string {
	var list []string
	for i := range n {
		list = append(list, prefix+strconv.Itoa(i+1))
	}
	return strings.Join(list, ", ")
}

func config(m *spec.Model) []byte {
	check := false
	c := tlc.Config{Specification: "TraceSpec", Constants: models.Constants(m.Bounds), CheckDeadlock: &check}
	c.Constants = append(c.Constants, tlc.Constant{Name: "NoName", Value: tlc.Model("None")})
	for _, n := range names {
		for i := range n.of(m) {
			name := n.prefix + strconv.Itoa(i+1)
			c.Constants = append(c.Constants, tlc.Constant{Name: name, Value: tlc.Model(name)})
		}
	}
	return []byte(c.String())
}

// tracesModule writes traces in TLA+. A trace has numbers; the law has names. A number that
// no name has, in a trace that was tampered with, is a tuple: it equals no name.
func tracesModule(m *spec.Model, traces []*Trace) []byte {
	var b bytes.Buffer
	b.WriteString(`---- MODULE Traces ----
LOCAL INSTANCE Naturals
LOCAL INSTANCE Sequences
LOCAL INSTANCE TLC
CONSTANT NoName
`)
	for _, n := range names {
		list := listed(n.prefix, n.of(m))
		if list != "" {
			fmt.Fprintf(&b, "CONSTANTS %s\n", list)
		}
		fmt.Fprintf(&b, "%s == <<%s>>\n", n.sequence, list)
	}
	b.WriteString(`ThreadName == MMName \o WalkerName
Named(names, n) == IF n = 0 THEN NoName ELSE IF n \in 1 .. Len(names) THEN names[n] ELSE <<"no name", n>>
LOCAL All(names, list) == [k \in 1 .. Len(list) |-> Named(names, list[k])]
LOCAL E(n, t, s, a, b, x, o) == [ticket |-> n, t |-> t, step |-> s, args |-> a, acts |-> b, next |-> x, object |-> o,
  vma |-> <<>>, anon |-> <<>>, kin |-> <<>>, page |-> <<>>, pte |-> <<>>, walks |-> <<>>]
LOCAL V(i, l, m, s, e, g, a, c) == Named(VMAName, i) :>
  [life |-> l, mm |-> Named(MMName, m), start |-> s, end |-> e, pgoff |-> g, anon |-> Named(ObjectName, a), chain |-> All(ObjectName, c)]
LOCAL A(i, l, r, n, h, c) == Named(ObjectName, i) :>
  [live |-> l, root |-> Named(ObjectName, r), refs |-> n, lock |-> Named(ThreadName, h), list |-> All(VMAName, c)]
LOCAL K(i, w, p, c, a) == Named(ObjectName, i) :> [readers |-> w, parent |-> Named(ObjectName, p), children |-> c, active |-> a]
LOCAL P(i, m, x, h) == Named(PageName, i) :> [mapping |-> Named(ObjectName, m), index |-> x, lock |-> Named(ThreadName, h)]
LOCAL T(m, i, k, p, w) == <<Named(MMName, m), i>> :> [kind |-> k, page |-> Named(PageName, p), writable |-> w]
`)
	head := func(protocol, model, bounds string) string {
		return fmt.Sprintf("<<%q, %q, %q>>", protocol, model, bounds)
	}
	fmt.Fprintf(&b, "Header == %s\n", head(m.Protocol.String(), m.Name, m.Bounds.String()))
	for i, t := range traces {
		fmt.Fprintf(&b, "LOCAL Trace%d == [header |-> %s, count |-> %s, end |-> %q, steps |-> <<%s>>, events |-> <<", i+1, head(t.Protocol, t.Model, t.Bounds), integer(t.Count), string(t.End),
			strings.Trim(strings.ReplaceAll(fmt.Sprint(t.Steps), " ", ", "), "[]"))
		for k := range t.Events {
			if k > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('\n')
			writeEvent(&b, m, &t.Events[k])
		}
		b.WriteString(">>]\n")
	}
	b.WriteString("Traces == <<")
	for i := range traces {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "Trace%d", i+1)
	}
	b.WriteString(">>\n====\n")
	return b.Bytes()
}

func writeEvent(b *bytes.Buffer, m *spec.Model, e *Event) {
	if len(e.Changes) > 0 {
		b.WriteByte('[')
	}
	fmt.Fprintf(b, "E(%d, %d, %q, <<%d, %d, %d>>, %d, %q, %d)", e.Ticket, e.Move.Thread, e.Move.Step, e.Move.Args[0], e.Move.Args[1], e.Move.Args[2], e.Acts, e.Next, e.Object)
	if len(e.Changes) == 0 {
		return
	}
	fields := []struct {
		kind byte
		name string
	}{{'v', "vma"}, {'a', "anon"}, {'t', "kin"}, {'p', "page"}, {'e', "pte"}, {'w', "walks"}}
	sep := " EXCEPT"
	for _, f := range fields {
		first := true
		for i := range e.Changes {
			c := &e.Changes[i]
			if c.Kind != f.kind {
				continue
			}
			if first {
				fmt.Fprintf(b, "%s !.%s = ", sep, f.name)
				sep, first = ",", false
			} else {
				b.WriteString(" @@ ")
			}
			writeChange(b, c)
		}
	}
	b.WriteByte(']')
}

// writeChange writes object :> value.
func writeChange(b *bytes.Buffer, c *Cell) {
	words := c.words()
	for i, w := range words {
		switch named := c.wordsOf(i); {
		case c.Kind == 'a' && i == 2 && c.Value[i] > 127: // references as the law counts them, below zero
			words[i] = integer(int(c.Value[i]) - 256)
		case len(named) == len(flagWords):
			words[i] = strings.ToUpper(w)
		case named != nil:
			words[i] = strconv.Quote(w)
		}
	}
	join := func(n int) string {
		return strings.Join(words[:n], ", ") + ", <<" + strings.Join(words[n:], ", ") + ">>"
	}
	switch c.Kind {
	case 'v':
		fmt.Fprintf(b, "V(%d, %s)", c.ID, join(vmaFields))
	case 'a':
		fmt.Fprintf(b, "A(%d, %s)", c.ID, join(anonField))
	case 't':
		fmt.Fprintf(b, "K(%d, {%s}, %s)", c.ID, walkers(c.Value[0]), strings.Join(words[1:], ", "))
	case 'p':
		fmt.Fprintf(b, "P(%d, %s)", c.ID, strings.Join(words, ", "))
	case 'e':
		fmt.Fprintf(b, "T(%d, %d, %s)", c.ID, c.Slot, strings.Join(words, ", "))
	default:
		fmt.Fprintf(b, "0 :> %s", words[0])
	}
}

// walkers lists the walkers of a set, a bit for each.
func walkers(set uint8) string {
	var list []string
	for ; set != 0; set &= set - 1 {
		list = append(list, "w"+strconv.Itoa(bits.TrailingZeros8(set)+1))
	}
	return strings.Join(list, ", ")
}

// integer writes n in a module that knows natural numbers only.
func integer(n int) string {
	if n < 0 {
		return fmt.Sprintf("(0 - %d)", -n)
	}
	return strconv.Itoa(n)
}
