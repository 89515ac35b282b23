package explore

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// A table is the set of fingerprints seen, each with the level at which it was
// first seen and with a part of a parent's fingerprint, in twelve bytes:
//
//	fingerprint   12 bits: the segment | 52 bits: key
//	slot          key<<12 | level         0: empty (levels count from 1)
//	parent        the upper 32 bits of the parent's fingerprint, inverted
//
// Of all the states of the previous level that lead to a state, the parent is
// the one with the smallest upper bits, whatever the order in which the workers
// come by: so counterexamples do not depend on timing. 32 bits are enough to
// find the parent again (ancestors), and that is needed only on the way back
// from a violation.
//
// Looking up and inserting take no lock: slots are probed from the beginning of
// a line, go from empty to full once, by compare-and-swap, and stay. Two workers
// that insert the same fingerprint meet at the same slot. Only growing moves
// anything: a worker works under the read lock of moving, and whoever finds no
// room takes the write lock and makes some, in all segments that are nearly full.
type table struct {
	moving   sync.RWMutex
	segments [1 << segmentBits]segment
	workers  []*room
}

// A line is a cache line: what is not in the cache costs one miss, with its
// parent.
type line struct {
	slots   [lineSlots]uint64
	parents [lineSlots]uint32
	_       uint32
}

type segment struct {
	lines []line
	count int // states, as of the last growth
	share int // the room that each worker got then
}

// room is how many states one worker may still insert in each segment. Counting
// in private keeps the workers off each other's cache lines.
type room [1 << segmentBits]uint16

const (
	segmentBits = 12
	levelBits   = 12
	maxLevel    = 1<<levelBits - 1

	lineSlots   = 5
	lineBytes   = 64
	smallLines  = 12
	fullPercent = 86 // a segment grows at this load
	growPercent = 76 // ... and whenever another does, at this
)

func newTable(workers int) *table {
	t := &table{}
	lines := make([]line, smallLines<<segmentBits)
	for i := range t.segments {
		t.segments[i].lines = lines[i*smallLines : (i+1)*smallLines : (i+1)*smallLines]
	}
	for range workers {
		t.workers = append(t.workers, new(room))
	}
	t.makeRoom()
	return t
}

// locate splits a fingerprint.
func (t *table) locate(f fingerprint) (seg *segment, key uint64) {
	return &t.segments[f>>(64-segmentBits)], uint64(f) << levelBits
}

// home is the line where the search for a key begins. It grows with the key, so
// that a range of keys is a range of lines.
func (seg *segment) home(key uint64) int {
	line, _ := bits.Mul64(key&^maxLevel, uint64(len(seg.lines)))
	return int(line)
}

// touch loads the line where f belongs. Touching many and then inserting many
// lets their misses overlap.
func (t *table) touch(f fingerprint) uint64 {
	seg, key := t.locate(f)
	return atomic.LoadUint64(&seg.lines[seg.home(key)].slots[0])
}

// found is what insert found.
type found uint8

const (
	seen found = iota
	unseen
	noRoom // nothing inserted: call grow and try again
)

// insert records that f was reached at a level from a parent. The caller is a
// worker under the read lock of moving.
func (t *table) insert(f, parent fingerprint, level uint64, r *room) found {
	seg, key := t.locate(f)
	lines := seg.lines
	for at := seg.home(key); ; {
		l := &lines[at]
		for i := range l.slots {
			slot := atomic.LoadUint64(&l.slots[i])
			if slot == 0 {
				left := &r[f>>(64-segmentBits)]
				if *left == 0 {
					return noRoom
				}
				if atomic.CompareAndSwapUint64(&l.slots[i], 0, key|level) {
					*left--
					adopt(&l.parents[i], parent)
					return unseen
				}
				slot = atomic.LoadUint64(&l.slots[i])
			}
			if (slot^key)>>levelBits == 0 {
				if slot&maxLevel == level {
					adopt(&l.parents[i], parent)
				}
				return seen
			}
		}
		if at++; at == len(lines) {
			at = 0
		}
	}
}

// adopt keeps the smallest parent. Inverted, so that zero means none yet and
// the order of inserting and adopting does not matter.
func adopt(slot *uint32, parent fingerprint) {
	p := ^uint32(parent >> 32)
	for {
		old := atomic.LoadUint32(slot)
		if p <= old || atomic.CompareAndSwapUint32(slot, old, p) {
			return
		}
	}
}

// grow makes room for a worker that insert refused. It is called under the read
// lock of moving and returns under it.
func (t *table) grow(f fingerprint, r *room) {
	t.moving.RUnlock()
	t.moving.Lock()
	if r[f>>(64-segmentBits)] == 0 { // else another worker was quicker
		t.makeRoom()
	}
	t.moving.Unlock()
	t.moving.RLock()
}

// makeRoom enlarges what is nearly full and shares out the rest. The caller is
// alone.
func (t *table) makeRoom() {
	for i := range t.segments {
		seg := &t.segments[i]
		for _, r := range t.workers {
			seg.count += seg.share - int(r[i])
		}
		room := func() int { return (len(seg.lines)*lineSlots*fullPercent/100 - seg.count) / len(t.workers) }
		if seg.count*100 >= len(seg.lines)*lineSlots*growPercent || room() == 0 {
			seg.enlarge(len(t.workers))
		}
		seg.share = min(room(), 1<<16-1)
		for _, r := range t.workers {
			r[i] = uint16(seg.share)
		}
	}
}

// enlarge moves a segment to about 1.4 times its size: loads are then between
// 0.6 and 0.86.
func (seg *segment) enlarge(workers int) {
	old := seg.lines
	seg.lines = make([]line, len(old)*7/5+1+workers)
	for i := range old {
		for j, slot := range old[i].slots {
			if slot == 0 {
				break
			}
			at, k := seg.vacant(slot)
			seg.lines[at].slots[k], seg.lines[at].parents[k] = slot, old[i].parents[j]
		}
	}
}

// vacant is the place for a slot's contents that is not in the segment.
func (seg *segment) vacant(slot uint64) (at, i int) {
	for at = seg.home(slot); ; at = (at + 1) % len(seg.lines) {
		for i, s := range seg.lines[at].slots {
			if s == 0 {
				return at, i
			}
		}
	}
}

// len is the number of fingerprints. The caller is alone.
func (t *table) len() (n uint64) {
	for i := range t.segments {
		seg := &t.segments[i]
		n += uint64(seg.count)
		for _, r := range t.workers {
			n += uint64(seg.share - int(r[i]))
		}
	}
	return n
}

// bytes is the memory that the table holds.
func (t *table) bytes() (n uint64) {
	for i := range t.segments {
		n += uint64(len(t.segments[i].lines)) * lineBytes
	}
	return n + 1<<segmentBits*(40+2*uint64(len(t.workers)))
}

// ancestors are the states of the level before f's that may be its parent: those
// whose upper 32 bits are the ones recorded. There is one, and another by chance
// once in 2³² states. The caller is alone.
func (t *table) ancestors(f fingerprint, level uint64) (list []fingerprint) {
	prefix := fingerprint(^t.parent(f, level)) << 32
	seg, low := t.locate(prefix)
	high := low | (1<<(32+levelBits) - 1)
	segmentOf := prefix >> (64 - segmentBits) << (64 - segmentBits)
	// Between a key and its home all slots are full: past the home of the last key
	// the search ends at the first empty one.
	last := seg.home(high)
	for at := seg.home(low); ; at++ {
		for _, slot := range seg.lines[at%len(seg.lines)].slots {
			if slot == 0 && at >= last {
				return list
			}
			if slot >= low && slot <= high && slot&maxLevel == level-1 {
				list = append(list, segmentOf|fingerprint(slot>>levelBits))
			}
		}
	}
}

// parent is what the table recorded with f, which it contains.
func (t *table) parent(f fingerprint, level uint64) uint32 {
	seg, key := t.locate(f)
	for at := seg.home(key); ; at = (at + 1) % len(seg.lines) {
		for i, slot := range seg.lines[at].slots {
			if slot == key|level {
				return seg.lines[at].parents[i]
			}
		}
	}
}
