package impl_test

import (
	"fmt"
	"log"

	"github.com/rootlock/rootlock/impl"
)

// A sandbox is forked from a prepared one; its pages are shared until it writes.
func Example() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	template := sys.NewAddressSpace()
	check(template.Map(0, 16))
	check(template.Write(3, 0, []byte("prepared")))

	sandbox, err := template.Fork()
	check(err)
	show := func() {
		page, err := template.Page(3)
		check(err)
		check(sys.Walk(page, func(m impl.Mapping) bool {
			fmt.Printf("address space %d, slot %d\n", m.AddressSpace.ID(), m.Slot)
			return true
		}))
	}
	show()
	check(sandbox.Write(3, 0, []byte("modified")))
	fmt.Println("after the sandbox wrote:")
	show()

	b := make([]byte, 8)
	check(template.Read(3, 0, b))
	fmt.Printf("%s\n", b)
	// Output:
	// address space 1, slot 3
	// address space 2, slot 3
	// after the sandbox wrote:
	// address space 1, slot 3
	// prepared
}

// The family of a page is locked in constant time, however many relatives there are.
func ExampleSystem_LockRoot() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 1))
	check(m.Write(0, 0, []byte("x")))
	page, err := m.Page(0)
	check(err)

	root, err := sys.LockRoot(page)
	check(err)
	fmt.Println("locked")
	root.Unlock()

	check(m.Exit())
	_, err = sys.LockRoot(page)
	fmt.Println(err)
	// Output:
	// locked
	// rootlock: not mapped
}

// A migration moves the bytes to another frame without the processes noticing.
func ExampleSystem_Migrate() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 1))
	check(m.Write(0, 0, []byte("stay")))
	page, err := m.Page(0)
	check(err)

	before := page.Frame()
	check(sys.Migrate(page))
	b := make([]byte, 4)
	check(m.Read(0, 0, b))
	fmt.Printf("%s, moved: %t\n", b, page.Frame() != before)
	// Output: stay, moved: true
}

// A pin keeps what finds a page's mappings alive beyond its processes.
func ExamplePin_Release() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 1))
	check(m.Write(0, 0, []byte("x")))
	pin, err := m.Pin(0)
	check(err)
	check(m.Exit())
	fmt.Println(pin.Release())
	fmt.Println(pin.Release())
	// Output:
	// <nil>
	// rootlock: pin was released already
}

// A migration in two halves: who writes to the page in between waits.
func ExampleSystem_BeginMigrate() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 1))
	check(m.Write(0, 0, []byte("early")))
	page, err := m.Page(0)
	check(err)

	pending, err := sys.BeginMigrate(page)
	check(err)
	written := make(chan error)
	go func() { written <- m.Write(0, 0, []byte("later")) }()
	fmt.Println("mapped:", page.Mapped())
	fmt.Println(pending.Finish())
	check(<-written)
	b := make([]byte, 5)
	check(m.Read(0, 0, b))
	fmt.Printf("%s\n", b)
	fmt.Println(pending.Finish())
	// Output:
	// mapped: false
	// <nil>
	// later
	// rootlock: migration is finished already
}

// A page that was swapped out comes back for each address space that asks for it.
func ExampleSystem_SwapOut() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 1))
	check(m.Write(0, 0, []byte("kept")))
	_, err := m.Fork()
	check(err)
	page, err := m.Page(0)
	check(err)

	check(sys.SwapOut(page))
	check(sys.SwapDrop(page)) // its frame is free
	fmt.Println("mapped:", page.Mapped())
	b := make([]byte, 4)
	check(m.Read(0, 0, b))
	fmt.Printf("%s\n", b)
	check(sys.Walk(page, func(m impl.Mapping) bool {
		fmt.Println("address space", m.AddressSpace.ID())
		return true
	}))
	// Output:
	// mapped: false
	// kept
	// address space 1
}

// Pages keep what finds them wherever their slots go and however areas are cut.
func ExampleAddressSpace_Move() {
	sys := impl.New(impl.Options{Protocol: impl.RootPointer})
	m := sys.NewAddressSpace()
	check(m.Map(0, 8))
	check(m.Write(5, 0, []byte("x")))
	page, err := m.Page(5)
	check(err)

	check(m.Protect(4, 2, 1)) // three areas
	check(m.Move(4, 2, 100))
	check(sys.Walk(page, func(m impl.Mapping) bool {
		fmt.Println("slot", m.Slot)
		return true
	}))
	fmt.Println(m.Move(0, 8, 200)) // slots 4 and 5 are free now
	fmt.Println(m.Move(0, 4, 98))
	// Output:
	// slot 101
	// rootlock: not mapped
	// rootlock: area overlaps a mapped one
}

// What is left when memory runs out can be tried, allocation by allocation.
func ExampleOptions_failAlloc() {
	left := 1 << 30
	sys := impl.New(impl.Options{Protocol: impl.RootPointer, FailAlloc: func() bool {
		left--
		return left < 0
	}})
	m := sys.NewAddressSpace()
	check(m.Map(0, 8))
	check(m.Write(3, 0, []byte("x")))
	for left = range 5 {
		_, err := m.Fork()
		fmt.Println(err)
	}
	// Output:
	// rootlock: out of objects
	// rootlock: out of objects
	// rootlock: out of objects
	// rootlock: out of objects
	// <nil>
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
