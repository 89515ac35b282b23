//go:build amd64 || arm64

// The kernel that runs this program, as a world: its address spaces are processes.

package trace

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// A RunningWorld does each operation in a process of its own, by the kernel's system calls, and
// reads what became of it in /proc. To see who shares a page it must be root.
type RunningWorld struct {
	pids [MMs]int // 0: the address space is empty
	fork chan func()
}

// The slots are pages from here on, far from what else a process has.
const slotsBegin = 1 << 44

// prots are the protections: a process may write with each.
var prots = [Prots]int{syscall.PROT_READ | syscall.PROT_WRITE, syscall.PROT_READ | syscall.PROT_WRITE | syscall.PROT_EXEC, syscall.PROT_WRITE}

var protNames = [Prots]string{"rw-p", "rwxp", "-w-p"}

// What a process is told, and what it answers. They are global, for the process must not
// allocate: it is a copy of this program with one thread, whose runtime does not run.
var (
	channels [MMs]struct{ in, out [2]int } // pipes, of commands and of answers
	command  [8]uint64
	answer   [2]uint64

	everySignal = ^uint64(0)
)

var taken atomic.Bool

// clone is the command that forks, into an address space; any other is a system call.
const clone = ^uint64(0)

// NewRunningWorld makes an empty world, of which there is one at a time. Close it.
func NewRunningWorld() (*RunningWorld, error) {
	if !taken.CompareAndSwap(false, true) {
		return nil, errors.New("rootlock: the running kernel is being recorded already")
	}
	for i := range channels {
		for _, pipe := range []*[2]int{&channels[i].in, &channels[i].out} {
			if pipe[1] != 0 {
				continue
			}
			if err := syscall.Pipe2(pipe[:], syscall.O_CLOEXEC); err != nil {
				taken.Store(false)
				return nil, err
			}
		}
	}
	w := &RunningWorld{fork: make(chan func())}
	go func() { // the thread that the processes die with
		runtime.LockOSThread()
		for f := range w.fork {
			f()
		}
	}()
	return w, nil
}

// Close ends all processes. The world is of no use any more.
func (w *RunningWorld) Close() {
	w.Reset()
	close(w.fork)
	taken.Store(false)
}

// Reset makes the world empty.
func (w *RunningWorld) Reset() {
	for mm := range w.pids {
		w.kill(mm)
	}
}

func (w *RunningWorld) kill(mm int) {
	pid := w.pids[mm]
	if pid == 0 {
		return
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	for {
		if _, err := syscall.Wait4(pid, nil, 0, nil); err != syscall.EINTR {
			break
		}
	}
	w.pids[mm] = 0
}

// serve does what the pipes of an address space say, in its process, for ever. Nothing here
// may grow the stack or allocate.
//
//go:nosplit
//go:norace
func serve(mm uint64) {
	for {
		n, _, _ := syscall.RawSyscall(syscall.SYS_READ, uintptr(channels[mm].in[0]), uintptr(unsafe.Pointer(&command)), unsafe.Sizeof(command))
		if n != unsafe.Sizeof(command) {
			for {
				syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 1, 0, 0)
			}
		}
		answer[0], answer[1] = 0, 0
		switch command[0] {
		case clone:
			r, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD|syscall.CLONE_PARENT), 0, 0, 0, 0, 0)
			if r == 0 && errno == 0 {
				mm = command[1]
				syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0)
				continue
			}
			answer[0], answer[1] = uint64(r), uint64(errno)
		default:
			r, _, errno := syscall.RawSyscall6(uintptr(command[0]), uintptr(command[1]), uintptr(command[2]), uintptr(command[3]), uintptr(command[4]), uintptr(command[5]), uintptr(command[6]))
			answer[0], answer[1] = uint64(r), uint64(errno)
		}
		syscall.RawSyscall(syscall.SYS_WRITE, uintptr(channels[mm].out[1]), uintptr(unsafe.Pointer(&answer)), unsafe.Sizeof(answer))
	}
}

// start starts the process of an address space.
//
//go:norace
func start(mm uint64) (pid uintptr, errno syscall.Errno) {
	pid, _, errno = syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if pid == 0 && errno == 0 { // signals are for the program, whose runtime does not run here
		syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2 /* SIG_SETMASK */, uintptr(unsafe.Pointer(&everySignal)), 0, unsafe.Sizeof(everySignal), 0, 0)
		serve(mm)
	}
	return pid, errno
}

func (w *RunningWorld) spawn(mm int) error {
	done := make(chan error)
	w.fork <- func() {
		pid, errno := start(uint64(mm))
		if errno != 0 {
			done <- fmt.Errorf("starting a process: %w", errno)
			return
		}
		w.pids[mm] = int(pid)
		done <- nil
	}
	if err := <-done; err != nil {
		return err
	}
	for _, call := range [][]uint64{
		{syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uint64(syscall.SIGKILL)},
		{syscall.SYS_PRCTL, 41 /* PR_SET_THP_DISABLE */, 1},
	} {
		if _, err := w.tell(mm, call...); err != nil {
			return err
		}
	}
	return alone(w.pids[mm])
}

// alone leaves a process one processor, so that no other has a page of it in hand.
func alone(pid int) error {
	var mask [128]uint64
	n, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		return errno
	}
	one := false
	for i := range mask[:n/8] {
		if one {
			mask[i] = 0
		} else if mask[i] != 0 {
			mask[i], one = mask[i]&-mask[i], true
		}
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(pid), n, uintptr(unsafe.Pointer(&mask))); errno != 0 {
		return errno
	}
	return nil
}

// tell tells the process of an address space something, and returns its answer.
func (w *RunningWorld) tell(mm int, words ...uint64) (uint64, error) {
	var buf [64]byte
	for i, x := range words {
		binary.NativeEndian.PutUint64(buf[8*i:], x)
	}
	if _, err := syscall.Write(channels[mm].in[1], buf[:]); err != nil {
		return 0, err
	}
	var got [16]byte
	for n := 0; n < len(got); {
		if err := answers(channels[mm].out[0]); err != nil {
			return 0, fmt.Errorf("the process of mm %d: %w", mm, err)
		}
		k, err := syscall.Read(channels[mm].out[0], got[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		n += k
	}
	if errno := binary.NativeEndian.Uint64(got[8:]); errno != 0 {
		return 0, syscall.Errno(errno)
	}
	return binary.NativeEndian.Uint64(got[:]), nil
}

// patience is how long a process may take for a system call.
const patience = 20 * time.Second

// answers waits until there is something to read.
func answers(fd int) error {
	for {
		poll := struct {
			fd              int32
			events, revents int16
		}{int32(fd), 1 /* POLLIN */, 0}
		timeout := syscall.NsecToTimespec(int64(patience))
		n, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
		switch {
		case errno == syscall.EINTR:
		case errno != 0:
			return errno
		case n == 0:
			return fmt.Errorf("no answer in %s", patience)
		default:
			return nil
		}
	}
}

func address(slot int) uint64 { return slotsBegin + uint64(slot)*uint64(os.Getpagesize()) }

// Do does one operation.
func (w *RunningWorld) Do(op Op) (string, error) {
	size := func(n int) uint64 { return uint64(n) * uint64(os.Getpagesize()) }
	ok := func(_ uint64, err error) (string, error) {
		if err == syscall.ENOMEM {
			return "enomem", nil
		}
		return "ok", err
	}
	if w.pids[op.MM] == 0 {
		switch op.Name {
		case "map":
			if err := w.spawn(op.MM); err != nil {
				return "", err
			}
		case "unmap":
			return "ok", nil
		case "fault":
			return "segv", nil
		default:
			return "", fmt.Errorf("%s needs an area; mm %d has none", op.Name, op.MM)
		}
	}
	switch op.Name {
	case "map":
		return ok(w.tell(op.MM, syscall.SYS_MMAP, address(op.Start), size(op.Len), uint64(prots[op.Prot]), syscall.MAP_PRIVATE|syscall.MAP_ANONYMOUS|0x100000 /* MAP_FIXED_NOREPLACE */, ^uint64(0), 0))
	case "unmap":
		return ok(w.tell(op.MM, syscall.SYS_MUNMAP, address(op.Start), size(op.Len)))
	case "protect":
		return ok(w.tell(op.MM, syscall.SYS_MPROTECT, address(op.Start), size(op.Len), uint64(prots[op.Prot])))
	case "move":
		return ok(w.tell(op.MM, syscall.SYS_MREMAP, address(op.Start), size(op.Len), size(op.Len), 1|2 /* MAYMOVE, FIXED */, address(op.To)))
	case "keep":
		return ok(w.tell(op.MM, syscall.SYS_MREMAP, address(op.Start), size(op.Len), size(op.Len), 1|2|4 /* and DONTUNMAP */, address(op.To)))
	case "exit":
		w.kill(op.MM)
		return "ok", nil
	case "fork":
		if w.pids[op.Child] != 0 {
			w.kill(op.Child)
		}
		pid, err := w.tell(op.MM, clone, uint64(op.Child))
		w.pids[op.Child] = int(pid)
		return ok(0, err)
	case "fault":
		return w.fault(op)
	}
	return "", fmt.Errorf("the running kernel has no operation %q here", op.Name)
}

// fault writes. Whether an entry that had a page to itself was writable is not to be seen.
func (w *RunningWorld) fault(op Op) (string, error) {
	before, err := w.frames(op.MM)
	if err != nil {
		return "", err
	}
	if _, err := w.tell(op.MM, syscall.SYS_CLOCK_GETTIME, 0, address(op.At)); err == syscall.EFAULT { // a call that writes to memory
		return "segv", nil
	} else if err != nil {
		return "", err
	}
	after, err := w.frames(op.MM)
	switch {
	case err != nil:
		return "", err
	case before[op.At] == 0:
		return "new", nil
	case before[op.At] != after[op.At]:
		return "cow", nil
	}
	return "kept", nil
}

// Visible is what can be seen of the processes.
func (w *RunningWorld) Visible() (State, error) {
	var raw Raw
	for mm, pid := range w.pids {
		if pid == 0 {
			continue
		}
		areas, err := w.areas(mm)
		if err != nil {
			return State{}, err
		}
		raw.Areas = append(raw.Areas, areas...)
		frames, err := w.frames(mm)
		if err != nil {
			return State{}, err
		}
		for slot, frame := range frames {
			if frame != 0 {
				raw.Entries = append(raw.Entries, RawEntry{mm, slot, Present, frame})
			}
		}
	}
	return raw.visible(), nil
}

// areas reads /proc/PID/maps.
func (w *RunningWorld) areas(mm int) (list []RawArea, err error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(w.pids[mm]) + "/maps")
	if err != nil {
		return nil, err
	}
	page := uint64(os.Getpagesize())
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		extent, rest, _ := strings.Cut(lines.Text(), " ")
		low, high, _ := strings.Cut(extent, "-")
		start, _ := strconv.ParseUint(low, 16, 64)
		end, _ := strconv.ParseUint(high, 16, 64)
		if start < slotsBegin || start >= slotsBegin+Slots*page {
			continue
		}
		prot := -1
		for i, name := range protNames {
			if strings.HasPrefix(rest, name) {
				prot = i
			}
		}
		list = append(list, RawArea{MM: mm, Start: int((start - slotsBegin) / page), End: int((end - slotsBegin) / page), Prot: prot})
	}
	return list, nil
}

// errUnseen says that pagemap hides the numbers of frames.
var errUnseen = errors.New("/proc/PID/pagemap does not show frames: only root may see them")

// frames reads /proc/PID/pagemap: the frame of each slot that is present, else 0.
func (w *RunningWorld) frames(mm int) (list [Slots]int, err error) {
	f, err := os.Open("/proc/" + strconv.Itoa(w.pids[mm]) + "/pagemap")
	if err != nil {
		return list, err
	}
	defer f.Close()
	var buf [8 * Slots]byte
	if _, err := f.ReadAt(buf[:], int64(slotsBegin/uint64(os.Getpagesize())*8)); err != nil {
		return list, err
	}
	for slot := range list {
		entry := binary.NativeEndian.Uint64(buf[8*slot:])
		if entry>>63 == 0 {
			continue
		}
		if list[slot] = int(entry & (1<<55 - 1)); list[slot] == 0 {
			return list, errUnseen
		}
	}
	return list, nil
}
