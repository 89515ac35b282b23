package shrink_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rootlock/rootlock/triangle/law"
	"github.com/rootlock/rootlock/triangle/shrink"
)

// A counter is added to by three threads, each in operations of three moves: read, then
// write what was read and one more, then rest. An addition is lost where two overlap.
type counter struct{}

type count struct {
	Value, Additions uint8
	At, Read         [3]uint8
}

func (counter) Initial() []count { return []count{{}} }

func (counter) Moves(s *count, buf []law.Move) []law.Move {
	for t, at := range s.At {
		if s.Additions < 100 || at != 0 {
			buf = append(buf, law.Move{Thread: uint8(t + 1), Step: at})
		}
	}
	return buf
}

func (counter) Apply(s *count, mv law.Move) {
	t := mv.Thread - 1
	switch mv.Step {
	case 0:
		s.Read[t] = s.Value
	case 1:
		s.Value, s.Additions = s.Read[t]+1, s.Additions+1
	}
	s.At[t] = (s.At[t] + 1) % 3
}

func (counter) Rest(*count) bool            { return true }
func (counter) Claims() []string            { return []string{"NoneLost"} }
func (counter) Steps() []string             { return []string{"Read", "Write", "Pause"} }
func (counter) Step(mv law.Move) int        { return int(mv.Step) }
func (counter) Thread(mv law.Move) int      { return int(mv.Thread) }
func (counter) Begins(mv law.Move) bool     { return mv.Step == 0 }
func (c counter) Format(mv law.Move) string { return mv.Format([]string{"a", "b", "c"}, c.Steps(), 0) }

func (counter) Check(s *count) law.Claims {
	if s.Value != s.Additions {
		return 1
	}
	return 0
}

func draw(rng *rand.Rand, n int) (sch []law.Move) {
	s := count{}
	for range n {
		moves := counter{}.Moves(&s, nil)
		mv := moves[rng.IntN(len(moves))]
		counter{}.Apply(&s, mv)
		sch = append(sch, mv)
	}
	return sch
}

// Whatever is drawn shrinks to the shortest that there is, and nothing smaller fails.
func TestSchedule(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		x := shrink.Breaking(counter{}, "NoneLost")
		long := draw(rng, 60)
		taken, err := x.Try(long)
		require.NoError(t, err)
		require.NotNil(t, taken, "sixty moves of three threads lose something")
		short, err := x.Schedule(long)
		require.NoError(t, err)
		assert.Len(t, short, 4, "two reads, two writes: %v", short)
		assert.Equal(t, 2, shrink.Threads(counter{}, short))
		assert.LessOrEqual(t, shrink.Switches(counter{}, short), 2)
		require.True(t, x.Fails(short))
		for _, smaller := range shrink.Smaller(counter{}, short) {
			if len(smaller) < len(short) || shrink.Switches(counter{}, smaller) < shrink.Switches(counter{}, short) {
				assert.False(t, x.Fails(smaller), "%v", smaller)
			}
		}
	}
}

// What does not fail is refused, and a runner's own error is no failure.
func TestErrors(t *testing.T) {
	one := []law.Move{{Thread: 1}, {Thread: 1, Step: 1}, {Thread: 1, Step: 2}}
	_, err := shrink.Breaking(counter{}, "NoneLost").Schedule(one)
	assert.ErrorIs(t, err, shrink.ErrUnbroken)
	assert.PanicsWithValue(t, `law.Breaker: the law makes no claim "NoSuchClaim"; its claims are NoneLost`, func() { shrink.Breaking(counter{}, "NoSuchClaim") })

	r := &torn{Alone: shrink.Alone[count, law.Move]{Law: counter{}}, after: 3}
	x := &shrink.Subject[count, law.Move]{Law: counter{}, Runner: r, Failed: func(error) bool { return false }}
	_, err = x.Schedule(slices.Repeat(one, 9))
	assert.ErrorIs(t, err, errTorn)

	r = &torn{Alone: shrink.Alone[count, law.Move]{Law: counter{}}, after: 2}
	x = &shrink.Subject[count, law.Move]{Law: counter{}, Runner: r, Failed: func(err error) bool { return errors.Is(err, errTorn) }}
	short, err := x.Schedule(draw(rand.New(rand.NewPCG(3, 4)), 40))
	require.NoError(t, err)
	assert.Len(t, short, 4, "two additions")
}

// torn is a runner that gives up at some addition.
type torn struct {
	shrink.Alone[count, law.Move]
	after uint8
}

var errTorn = errors.New("torn")

func (r *torn) Do(mv law.Move) error {
	if err := r.Alone.Do(mv); err != nil {
		return err
	}
	if r.State().Additions == r.after {
		return errTorn
	}
	return nil
}
