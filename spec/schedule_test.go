package spec

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestScheduleRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(Protocols()).Draw(t, "protocol")
		m, err := NewModel(p, "test", Bounds{MMs: 2, VMAs: 5, Objects: 5, Pages: 2, Walkers: 2, Slots: 3, MMOps: 9, WalkerOps: 9, Ops: AllOps() | WideOps(), Prots: 2, Failures: true})
		require.NoError(t, err)
		s := m.Init()
		var sch Schedule
		var buf []Move
		for range rapid.IntRange(0, 80).Draw(t, "length") {
			if buf = m.Moves(&s, buf[:0]); len(buf) == 0 {
				break
			}
			mv := buf[rapid.IntRange(0, len(buf)-1).Draw(t, "choice")]
			before := s
			next, ok := m.Next(s, mv)
			require.True(t, ok, "Moves lists what Next takes")
			require.Equal(t, before, s, "Next is pure")
			require.Empty(t, m.WhyNot(&s, mv))
			require.Zero(t, m.Check(&next)&TypeOK.Set(), "TypeOK after %s", m.Format(mv))
			s = next
			sch = append(sch, mv)
		}
		back, err := m.ParseSchedule(m.FormatSchedule(sch))
		require.NoError(t, err)
		require.Equal(t, sch, back)
	})
}

func TestScheduleSyntax(t *testing.T) {
	m := testModel(t, DeepestLock)
	for _, test := range []struct{ text, want, reason string }{
		{"w1:Walk(p1) w9:LockLeaf", `line 1, column 13: "w9:LockLeaf": unknown thread "w9"; the threads are mm1, mm2, w1, w2`, "unknown thread, with position"},
		{"# prose\n\nw1:Walk(p1)\n  w1:Jump", `line 4, column 3: "w1:Jump": unknown step "Jump"`, "line and column count through comments"},
		{"w1", `"w1": want thread:Step`, "no colon"},
		{"w1:Walk", `Walk takes 1 argument, like Walk(p1)`, "missing argument"},
		{"w1:Walk()", `want something like p1, not ""`, "empty argument"},
		{"w1:Walk(p1", "missing )", "unclosed"},
		{"w1:Walk(v1)", `argument 1 of Walk: want something like p1, not "v1"`, "wrong kind of argument"},
		{"w1:Walk(p3)", "argument 1 of Walk is 3; these bounds have 1 to 2", "page beyond the bounds"},
		{"mm1:Fault(v1)", "Fault takes 2 arguments", "too few arguments"},
		{"w1:LockLeaf(a1)", "LockLeaf takes 0 arguments", "argument for a step without"},
		{"mm1:Fault(v1,300)", "want something like 1", "a slot that fits no byte"},
		{"w1:Idle", `unknown step "Idle"`, "Idle is not a step"},
	} {
		_, err := m.ParseSchedule(test.text)
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, test.reason)
		assert.ErrorContains(t, err, test.want, test.reason)
	}
	sch, err := m.ParseSchedule("mm1:Fault( v1 , 1 ) # spaces inside parentheses are fine")
	require.NoError(t, err)
	assert.Equal(t, Schedule{{1, Fault, [3]uint8{1, 1}}}, sch)
}

func TestRefusals(t *testing.T) {
	m := testModel(t, OwnLock)
	tight, err := NewModel(OwnLock, "tight", Bounds{MMs: 2, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 2, MMOps: 1, WalkerOps: 1, Ops: OpsOf(Fork, SplitBelow, Map, Walk, Fault)})
	require.NoError(t, err)
	sketch, err := NewModel(DeepestLock, "sketch", Bounds{MMs: 2, VMAs: 2, Objects: 2, Pages: 2, Walkers: 1, Slots: 1, MMOps: 1, WalkerOps: 1, Layout: LayoutForked, Ops: OpsOf(Exit, Walk)})
	require.NoError(t, err)
	for _, test := range []struct {
		m                        *Model
		text, conjunct, contains string
	}{
		{m, "w1:LockLeaf", "AtStep", "w1 is idle"},
		{m, "w1:Walk(p1) w1:LockLeaf", "AtStep", "the next step of w1 is ReadMapping"},
		{m, "w1:Walk(p2)", "PageMapped", "no entry maps p2"},
		{m, "mm1:Walk(p1)", "RightKindOfThread", "mm1 is an mm thread"},
		{m, "w1:Exit", "RightKindOfThread", "w1 is a walker"},
		{m, "w1:Unpin", "HasPin", "w1 holds a reference on none"},
		{m, "w1:Pin(v1) w1:Pin(v1)", "NoPin", "w1 holds a reference on a1"},
		{m, "mm1:Exit w1:Pin(v1)", "AreaMapped", "v1 is detached"},
		{m, "mm1:SplitBelow(v1,1) w1:Pin(v1)", "MMIdle", "the next step of mm1 is CopyVMA"},
		{m, "mm1:Map(0,1)", "RangeFree", "mm1 has an area there"},
		{m, "mm2:Map(1,2)", "InSlots", "slots 0 to 1"},
		{m, "mm2:Map(0,1) w1:Pin(v2)", "HasAnon", "v2 has no anon_vma"},
		{m, "mm2:Exit", "MMExists", "mm2 has no area"},
		{m, "mm2:Unmap(v1)", "OwnArea", "v1 belongs to mm1"},
		{m, "mm1:Unmap(v2)", "AreaMapped", "v2 is unborn"},
		{m, "mm1:Fork(mm1)", "ChildFree", "mm1 cannot be the child of mm1"},
		{m, "mm1:Fork(mm2) mm2:Map(0,1)", "NotBeingForked", "mm2 is being made by a fork"},
		{m, "mm1:Fault(v1,1)", "NotWritable", "pte[mm1][1] = p1, writable"},
		{m, "mm1:SplitAbove(v1,0)", "InsideArea", "v1 = [0,2)"},
		{m, "w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w2:Walk(p1) w2:ReadMapping w2:CheckMapped w2:LockLeaf", "LockFree", "lock[a1] is held by w1"},
		{m, "w1:Migrate(p1) w1:LockPage w2:Migrate(p1) w2:LockPage", "PageLockFree", "lock[p1] is held by w1"},
		{m, "mm2:Map(0,1) mm2:Fault(v2,0) mm2:AllocAnon(a1)", "ObjectFree", "a1 is live (root a1, list <v1>)"},
		{sketch, "w1:Walk(p2) w1:ReadMapping w1:LockLeaf w1:ReadFirst mm2:Exit mm2:ZapEntry mm2:LockAnon mm2:UnlinkList mm2:UnlockAnon mm2:FreeAnon mm2:UnlinkChain mm2:LockAnon mm2:UnlinkList mm2:UnlockAnon mm2:UnlinkChain w1:ReadTail mm1:Exit", "NotCrashed", "w1 has crashed"},
		{tight, "mm1:Fork(mm2)", "VMAsSpare", "0 VMAs and 0 objects are spare"},
		{tight, "mm1:SplitBelow(v1,1)", "VMAsSpare", ""},
		{tight, "mm1:Exit", "InOps", "the model's operations are Map,Fault,Fork,SplitBelow,Walk"},
		{tight, "w1:Walk(p1) w1:ReadMapping w1:CheckMapped w1:LockLeaf w1:NextEntry w1:ReadStart w1:ReadPgoff w1:Visit w1:NextEntry w1:UnlockRoot w1:Walk(p1)", "OperationLeft", ""},
	} {
		sch, err := test.m.ParseSchedule(test.text)
		require.NoError(t, err, test.text)
		s := test.m.Init()
		err = test.m.Run(&s, sch, nil)
		var refused *RefusedError
		require.True(t, errors.As(err, &refused), "%s: %v", test.text, err)
		assert.Equal(t, len(sch)-1, refused.Index, "%s: %v", test.text, err)
		assert.Equal(t, test.conjunct, refused.Refusal.Conjunct, test.text)
		assert.Contains(t, refused.Refusal.Values, test.contains, test.text)
		before := s
		next, ok := test.m.Next(s, sch[len(sch)-1])
		assert.False(t, ok)
		assert.Equal(t, before, next, "a refused step changes nothing")
	}
}

func TestBoundsBeyondTheState(t *testing.T) {
	good := Bounds{MMs: 1, VMAs: 1, Objects: 1, Pages: 1, Walkers: 1, Slots: 1}
	for _, test := range []struct {
		change func(*Bounds)
		want   string
	}{
		{func(b *Bounds) { b.VMAs = 65 }, "VMAs is 65; a State holds 1 to 64"},
		{func(b *Bounds) { b.MMs = 0 }, "MMs is 0; a State holds 1 to 4"},
		{func(b *Bounds) { b.Walkers = 9 }, "Walkers is 9; a State holds 0 to 8"},
		{func(b *Bounds) { b.Slots = -1 }, "Slots is -1"},
		{func(b *Bounds) { b.Layout = LayoutNeighbours }, "Neighbours needs 2 slots and 2 VMAs"},
	} {
		b := good
		test.change(&b)
		_, err := NewModel(OwnLock, "bad", b)
		assert.ErrorIs(t, err, ErrBounds)
		assert.ErrorContains(t, err, test.want)
	}
}

// A move whose arguments name nothing is refused in words, whatever they are.
func TestWhyNotOfNonsense(t *testing.T) {
	m, err := NewModel(RootPointer, "test", Bounds{MMs: 2, VMAs: 3, Objects: 2, Pages: 2, Walkers: 1, Slots: 2, MMOps: 3, WalkerOps: 3, Ops: AllOps() | WideOps(), Prots: 2})
	require.NoError(t, err)
	for _, prefix := range []string{"", "mm1:Unmap(v1)", "mm2:Map(0,1) mm2:CopyVMA mm2:Fault(v2,0)"} {
		s := m.Init()
		sch, err := m.ParseSchedule(prefix)
		require.NoError(t, err)
		for _, mv := range sch {
			require.True(t, m.Enabled(&s, mv), m.Format(mv))
			m.Apply(&s, mv)
		}
		for _, step := range Steps() {
			for thread := range uint8(5) {
				for _, args := range [][3]uint8{{}, {1}, {0, 255}, {255, 255, 255}, {3, 1, 200}} {
					mv := Move{thread, step, args}
					why := m.WhyNot(&s, mv)
					assert.Equal(t, m.Enabled(&s, mv), why == Refusal{}, "%v", mv)
				}
			}
		}
	}
}
