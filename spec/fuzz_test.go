package spec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever a schedule is, it is read or refused; what is read runs or is refused, and is
// written again as it was read.
func FuzzParseSchedule(f *testing.F) {
	m, err := NewModel(RootPointer, "fuzz", Bounds{MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 2, WalkerOps: 2, Layout: LayoutOnePage, Ops: AllOps()})
	require.NoError(f, err)
	f.Add("w1:Walk(p1) w1:LockPage # and so on\nmm1:Fork(mm2)")
	f.Add("mm1:Map(0,1)\t mm1:( ))")
	f.Fuzz(func(t *testing.T, text string) {
		sch, err := m.ParseSchedule(text)
		if err != nil {
			_ = err.Error()
			return
		}
		s := m.Init()
		if err := m.Run(&s, sch, nil); err != nil {
			_ = err.Error()
		}
		again, err := m.ParseSchedule(m.FormatSchedule(sch))
		require.NoError(t, err)
		require.Equal(t, len(sch), len(again))
		for i := range sch {
			require.Equal(t, sch[i], again[i])
		}
	})
}

// Whatever a list of operations is, it is read or refused.
func FuzzParseOps(f *testing.F) {
	f.Add("Walk,Fork")
	f.Add(",")
	f.Fuzz(func(t *testing.T, text string) {
		ops, err := ParseOps(text)
		if err == nil {
			again, err := ParseOps(ops.String())
			require.NoError(t, err)
			require.Equal(t, ops, again)
		}
	})
}
