package spec

// today names the function of Linux 7.2 behind each step that RwsemRoot has; stepTable has
// those of 2.6.34 to 3.0.
var today = [NumSteps]string{
	Map: "mmap_region", Fault: "handle_mm_fault", Fork: "dup_mmap", Unmap: "do_vmi_munmap", Exit: "exit_mmap",
	SplitBelow: "split_vma", SplitAbove: "split_vma", Protect: "mprotect_fixup", MoveArea: "move_vma", MoveKeep: "move_vma (MREMAP_DONTUNMAP)", UffdMove: "move_pages (UFFDIO_MOVE)", UnmapRange: "do_vmi_munmap", Read: "do_swap_page",
	Walk: "folio_referenced", Migrate: "migrate_folio_unmap, migrate_folio_move", SwapOut: "shrink_folio_list", SwapDrop: "__remove_mapping",
	WalkPinned: "rmap_walk_ksm", Pin: "get_anon_vma (ksm)", Unpin: "put_anon_vma (ksm)",

	AllocAnon: "anon_vma_alloc", PinRoot: "anon_vma_fork", LockAnon: "anon_vma_lock_write", LinkChain: "anon_vma_chain_assign",
	LinkList: "anon_vma_interval_tree_insert", UnlockAnon: "anon_vma_unlock_write", FailAlloc: "kmem_cache_alloc",
	MapPage: "folio_add_new_anon_rmap, set_ptes", CheckOwn: "wp_can_reuse_anon_folio", MovePage: "folio_move_anon_rmap", StoreIndex: "move_present_ptes", AllowWrite: "wp_page_reuse",
	SwapIn: "do_swap_page", LockArea: "vma_start_write", CopyVMA: "vm_area_dup", CopyEntry: "copy_present_ptes",
	LockMove: "take_rmap_locks", MoveEntry: "move_ptes", UnlockMove: "drop_rmap_locks", DenyWrite: "change_pte_range", ZapEntry: "zap_pte_range",
	UnlinkList: "unlink_anon_vmas, first pass", UnlinkChain: "unlink_anon_vmas, second pass", FreeVMA: "remove_vma",
	LockAdjust: "vma_prepare", TakeOut: "anon_vma_interval_tree_pre_update_vma", StoreStart: "vma_set_range", StoreEnd: "vma_set_range", StorePgoff: "vma_set_range",
	PutBack: "anon_vma_interval_tree_post_update_vma", UnlockAdjust: "vma_complete",

	LockPage: "folio_lock", UnlockPage: "folio_unlock", CheckUnlocked: "anon_vma_free: rwsem_is_locked", FreeAnon: "anon_vma_free",

	ReadMapping: "folio_lock_anon_vma_read: mapping", CheckMapped: "folio_mapped", ReadRoot: "folio_lock_anon_vma_read: root", TryRoot: "down_read_trylock",
	GetUnlessZero: "atomic_inc_not_zero", LockRoot: "anon_vma_lock_read", RecheckMapped: "folio_mapped", DropRef: "atomic_dec_and_test",
	NextEntry: "anon_vma_interval_tree_foreach", ReadStart: "vma_address", ReadPgoff: "vma_address", Visit: "page_vma_mapped_walk, *_one",
	UnlockRoot: "anon_vma_unlock_read", PutAnon: "put_anon_vma", AddToSwap: "folio_alloc_swap",
}

// Today names the function of Linux 7.2 that s models; "" if RwsemRoot has no such step.
func (s Step) Today() string { return today[s] }
