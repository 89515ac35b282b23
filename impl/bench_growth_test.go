package impl

import (
	"fmt"
	"testing"
)

// BenchmarkGrowth shows how the reverse map grows with the relatives that share a
// page: LockRoot not at all; Walk and Migrate by one list entry, or two, for each. The
// relatives are children of one parent; the family is made once.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1, 10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, _, page := family(b, RwsemRoot, n)
			perRelative := func(b *testing.B) {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/relative")
			}
			b.Run("LockRoot", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					root, err := s.LockRoot(page)
					if err != nil {
						b.Fatal(err)
					}
					root.Unlock()
				}
			})
			b.Run("Walk", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					visits := 0
					if err := s.Walk(page, func(Mapping) bool { visits++; return true }); err != nil || visits != n {
						b.Fatal(visits, err)
					}
				}
				perRelative(b)
			})
			b.Run("Migrate", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := s.Migrate(page); err != nil {
						b.Fatal(err)
					}
				}
				perRelative(b)
			})
		})
	}
}
