package impl

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSequential runs operations one at a time beside the simplest model there
// is: for each address space, the bytes of the slots that are in an area. After each,
// the bytes agree, and a walk of every page finds exactly the places that have it.
func TestSequential(t *testing.T) {
	type space struct {
		*AddressSpace
		bytes map[uint32]byte
	}
	const slots = 12
	eachProtocol(t, func(t *testing.T, p Protocol) {
		rapid.Check(t, func(t *rapid.T) {
			s := New(Options{Protocol: p, PageSize: 1})
			spaces := []*space{{s.NewAddressSpace(), map[uint32]byte{}}}
			var pins []*Pin
			pick := func() *space { return rapid.SampledFrom(spaces).Draw(t, "space") }
			slot := rapid.Uint32Range(0, slots-1)

			t.Repeat(map[string]func(*rapid.T){
				"map": func(t *rapid.T) {
					m, at, n := pick(), slot.Draw(t, "start"), rapid.Uint32Range(1, 6).Draw(t, "length")
					free := true
					for i := at; i < at+n; i++ {
						_, taken := m.bytes[i]
						free = free && !taken
					}
					if !free {
						require.ErrorIs(t, m.Map(at, n), ErrOverlap)
						return
					}
					require.NoError(t, m.Map(at, n))
					for i := at; i < at+n; i++ {
						m.bytes[i] = 0
					}
				},
				"write": func(t *rapid.T) {
					m, at, b := pick(), slot.Draw(t, "slot"), rapid.Byte().Draw(t, "byte")
					if _, ok := m.bytes[at]; !ok {
						require.ErrorIs(t, m.Write(at, 0, []byte{b}), ErrNotMapped)
						return
					}
					require.NoError(t, m.Write(at, 0, []byte{b}))
					m.bytes[at] = b
				},
				"fork": func(t *rapid.T) {
					m := pick()
					child, err := m.Fork()
					if len(m.bytes) == 0 {
						require.ErrorIs(t, err, ErrNoArea)
						return
					}
					require.NoError(t, err)
					bytes := map[uint32]byte{}
					for slot, b := range m.bytes {
						bytes[slot] = b
					}
					spaces = append(spaces, &space{child, bytes})
				},
				"unmap": func(t *rapid.T) {
					m, at, n := pick(), slot.Draw(t, "start"), rapid.Uint32Range(1, 6).Draw(t, "length")
					before := len(m.bytes)
					for i := at; i < at+n; i++ {
						delete(m.bytes, i)
					}
					if len(m.bytes) == before {
						require.ErrorIs(t, m.Unmap(at, n), ErrNotMapped)
						return
					}
					require.NoError(t, m.Unmap(at, n))
				},
				"exit": func(t *rapid.T) {
					i := rapid.IntRange(0, len(spaces)-1).Draw(t, "space")
					require.NoError(t, spaces[i].Exit())
					spaces = append(spaces[:i], spaces[i+1:]...)
					spaces = append(spaces, &space{s.NewAddressSpace(), map[uint32]byte{}})
				},
				"pin": func(t *rapid.T) {
					if pin, err := pick().Pin(slot.Draw(t, "slot")); err == nil {
						pins = append(pins, pin)
					} else {
						require.True(t, err == ErrNotMapped || err == ErrNoAnon, "%v", err)
					}
				},
				"unpin": func(t *rapid.T) {
					if n := len(pins); n > 0 {
						require.NoError(t, pins[n-1].Release())
						pins = pins[:n-1]
					}
				},
				"migrate": func(t *rapid.T) {
					page, err := pick().Page(slot.Draw(t, "slot"))
					if err == nil {
						require.NoError(t, s.Migrate(page))
					}
				},
				"": func(t *rapid.T) {
					type place struct {
						m    int
						slot uint32
					}
					places := map[*Page]map[place]bool{}
					for _, m := range spaces {
						for at := range uint32(slots + 6) {
							b := []byte{0}
							err := m.Read(at, 0, b)
							if want, ok := m.bytes[at]; ok {
								require.NoError(t, err)
								require.Equal(t, want, b[0], "slot %d", at)
							} else {
								require.ErrorIs(t, err, ErrNotMapped)
							}
							if page, err := m.Page(at); err == nil {
								if places[page] == nil {
									places[page] = map[place]bool{}
								}
								places[page][place{m.ID(), at}] = true
							}
						}
					}
					for page, want := range places {
						found := map[place]bool{}
						require.NoError(t, s.Walk(page, func(m Mapping) bool {
							found[place{m.AddressSpace.ID(), m.Slot}] = true
							return true
						}))
						require.Equal(t, want, found, "page %d", page.ID())
					}
				},
			})

			for _, m := range spaces {
				require.NoError(t, m.Exit())
			}
			for _, pin := range pins {
				require.NoError(t, pin.Release())
			}
			require.Zero(t, live(s))
		})
	})
}
