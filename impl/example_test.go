package impl_test

import (
	"fmt"
	"log"

	"github.com/rootlock/rootlock/impl"
)

// A sandbox is forked from a prepared one; its pages are shared until it writes.
func Example() {
	sys := impl.New(impl.Options{Protocol: impl.DeepestLock})
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
	sys := impl.New(impl.Options{})
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
	sys := impl.New(impl.Options{})
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
	sys := impl.New(impl.Options{})
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

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
