package explore

// A frontier is the states of one level that have still to be expanded, packed,
// in blocks that workers take whole.
type frontier []*block

// A block holds up to blockStates packed states.
type block struct {
	states int
	words  []uint64
}

const blockStates = 256

func (b *block) state(i, words int) []uint64 { return b.words[i*words : (i+1)*words] }

// A pile is one worker's part of the next frontier. Blocks that were expanded
// are used again, so that the frontier that shrinks and the one that grows share
// their memory.
type pile struct {
	words int // of a packed state
	full  frontier
	last  *block // has room; nil if there is none
	free  frontier
	made  int
}

func (p *pile) add(state []uint64) {
	if p.last == nil {
		if n := len(p.free); n > 0 {
			p.last, p.free = p.free[n-1], p.free[:n-1]
		} else {
			p.last = &block{words: make([]uint64, blockStates*p.words)}
			p.made++
		}
		p.last.states = 0
	}
	copy(p.last.state(p.last.states, p.words), state)
	if p.last.states++; p.last.states == blockStates {
		p.full, p.last = append(p.full, p.last), nil
	}
}

// take ends a level: it hands over what was piled up.
func (p *pile) take() frontier {
	f := p.full
	if p.last != nil {
		f = append(f, p.last)
	}
	p.full, p.last = nil, nil
	return f
}

// bytes is the memory of all blocks ever made: the peak.
func (p *pile) bytes() uint64 { return uint64(p.made) * blockStates * uint64(p.words) * 8 }
