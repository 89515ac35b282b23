------------------------------------------- MODULE Walker ------------------------------------------
(***************************************************************************************************
The operations of a walker: the plain walk of a page, migration, and a reference that outlives the
processes, with the walk of what it keeps (KSM).

The protocol has the lookup, which finds and takes the lock (ReadMapping to DropRef), what gives the
lock back (UnlockRoot), and what takes and drops a reference (GetAnon, PutAnon, PutLast). It builds
them from the words below.

Source: page_referenced, unmap_and_move, rmap_walk_anon, rmap_walk_ksm, vma_address, drop_anon_vma;
docs/kernel.md 1.7, 1.11, 1.12.
***************************************************************************************************)
EXTENDS History

----------------------------------------------------------------------------------------------------
(* An operation begins. `lookup`: the step with which the protocol's lookup begins.               *)

\* walker: a plain walk of a mapped page, which it does not lock. Chooses the page.
\* [page_referenced]
Walk(w, lookup) ==
  /\ MayBegin(w, "Walk")
  /\ \E p \in MappedPages :
       Become(w, [Begin(thread[w], "Walk") EXCEPT !.page = p, !.phase = "Plain", !.pc = lookup])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: takes a reference (phase Get); walk One turns the page's entries into migration entries;
\* walk Two must find each and turn it back; then the reference is dropped (Put). Chooses the page.
\* [unmap_and_move, 1.12]
Migrate(w) ==
  /\ MayBegin(w, "Migrate") /\ thread[w].pin = None
  /\ \E p \in MappedPages :
       Become(w, [Begin(thread[w], "Migrate") EXCEPT
                    !.page = p, !.phase = "Get", !.pc = "LockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: under the mmap_sem of the area's process, refs -> refs + 1. Chooses the area.
\* [ksm: hold_anon_vma]
Pin(w) ==
  /\ MayBegin(w, "Pin") /\ thread[w].pin = None
  /\ \E v \in VMAs :
       /\ vma[v].life = "Mapped" /\ vma[v].anon # None /\ Quiet(vma[v].mm)
       /\ anon' = [anon EXCEPT ![vma[v].anon].refs = @ + 1]
       /\ Become(w, [EndWalker(Begin(thread[w], "Pin")) EXCEPT !.pin = vma[v].anon])
  /\ UNCHANGED <<vma, page, pte>> /\ Record(w)

\* walker: walks the list of what it has pinned, and looks at one address in each area. Chooses the
\* address. [rmap_walk_ksm]
WalkPinned(w, lookup) ==
  /\ MayBegin(w, "WalkPinned") /\ thread[w].pin # None
  /\ \E i \in Slot :
       Become(w, [Begin(thread[w], "WalkPinned") EXCEPT
                    !.anon = thread[w].pin, !.slot = i, !.phase = "Pinned", !.pc = lookup])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: gives the reference of Pin back; that is always allowed. [ksm: drop_anon_vma]
Unpin(w) ==
  /\ "Unpin" \in Ops /\ IsIdle(w) /\ thread[w].pin # None /\ ~Crashed
  /\ LET r == thread[w] IN
       Become(w, [r EXCEPT !.op = "Unpin", !.phase = "Put", !.anon = r.pin, !.pc = "PutAnon"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* Words for the protocol's lookup: each is the registers r of a walker after a step.             *)

\* The leaf is read off the page. Nothing says that it stays the page's.
ReadLeaf(w) == [thread[w] EXCEPT !.anon = page[thread[w].page].mapping]

\* It has the lock. A walk goes to the first entry of the list. A reference is what the others want.
Locked(r) ==
  CASE r.phase = "Get" -> [r EXCEPT !.pc = "GetAnon"]
    [] r.phase = "Put" -> [r EXCEPT !.pc = "PutLast"]
    [] OTHER           -> [r EXCEPT !.vma = None, !.gone = "None", !.pc = "NextEntry"]

\* What the lock was wanted for is over, or never was: what follows in the operation. Without a
\* reference there is no migration. A walk inside the mutex of all walks lets the others in first.
AfterWalk(r) ==
  LET q == [r EXCEPT !.anon = None, !.root = None] IN
  CASE r.mutex                         -> [q EXCEPT !.pc = "UnlockWalks"]
    [] r.phase \in {"Plain", "Pinned"} -> EndWalker(q)
    [] r.phase = "Get"                 -> IF r.pin = None THEN [q EXCEPT !.pc = "UnlockPage"]
                                          ELSE [q EXCEPT !.phase = "One", !.pc = "ReadMapping"]
    [] r.phase = "One"                 -> [q EXCEPT !.phase = "Two", !.pc = "ReadMapping"]
    [] r.phase = "Two"                 -> [q EXCEPT !.phase = "Put", !.anon = r.pin,
                                                    !.pc = "PutAnon"]

\* The attempt to lock returned nothing. A put goes on without the lock: the list is empty, so
\* nobody else can link to the object.
Unlocked(r) == IF r.phase = "Put" THEN [r EXCEPT !.root = None, !.pc = "PutLast"] ELSE AfterWalk(r)

\* The reference is dropped: Migrate gives the page back, Unpin is at its end.
PutDone(r) == IF r.op # "Migrate" THEN EndWalker(r)
              ELSE [r EXCEPT !.anon = None, !.root = None, !.empty = FALSE, !.pc = "UnlockPage"]

\* Where it goes from an area: the area's own lock, if the walk took that, is given back first.
AreaDone(r) == IF r.also = None THEN "NextEntry" ELSE "UnlockVMA"

----------------------------------------------------------------------------------------------------
(* The steps of a walk along a list.                                                              *)

\* walker: cursor -> the next entry of the leaf's list, or the end. A cursor whose entry was
\* unlinked is poison. `look`: what the protocol does first with an area. [list_for_each_entry]
NextEntry(w, look) ==
  /\ At(w, "NextEntry")
  /\ LET r == thread[w]
         s == anon[r.anon].list
         k == IF r.vma = None THEN 1 ELSE Place(s, r.vma) + 1
     IN Become(w, CASE r.gone # "None" -> Oops(r, "UnlinkedEntry")
                    [] r.gone = "None" ->
                         IF k <= Len(s) THEN [r EXCEPT !.vma = s[k], !.pc = look]
                         ELSE [r EXCEPT !.vma = None, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: reads vm_start and vm_end. A walk of what is pinned knows the address, and asks only
\* whether the area has it. [vma_address; rmap_walk_ksm]
ReadStart(w) ==
  /\ At(w, "ReadStart")
  /\ LET r == thread[w] IN
       Become(w, CASE r.gone = "Area" -> Oops(r, "FreedVMA")
                   [] r.gone # "Area" ->
                        IF r.phase = "Pinned"
                        THEN IF Covers(r.vma, r.slot) THEN [r EXCEPT !.pc = "Visit"]
                             ELSE [r EXCEPT !.pc = AreaDone(r)]
                        ELSE [r EXCEPT !.start = vma[r.vma].start, !.end = vma[r.vma].end,
                                       !.pc = "ReadPgoff"])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: reads vm_pgoff, and has the page's address in this area; or the page is not in it.
\* (Sums on both sides: the address may be negative.) [vma_address]
ReadPgoff(w) ==
  /\ At(w, "ReadPgoff")
  /\ LET r  == thread[w]
         up == r.start + page[r.page].index      \* address + pgoff
         q  == [r EXCEPT !.start = 0, !.end = 0]
     IN Become(w, CASE r.gone = "Area" -> Oops(r, "FreedVMA")
                    [] r.gone # "Area" ->
                         LET pgoff == vma[r.vma].pgoff IN
                         IF r.start + pgoff <= up /\ up < r.end + pgoff
                         THEN [q EXCEPT !.slot = up - pgoff, !.pc = "Visit"]
                         ELSE [q EXCEPT !.pc = AreaDone(r)])
  /\ UNCHANGED <<vma, anon, page, pte>> /\ Record(w)

\* walker: looks at the entry. Phase One: Present -> Migration; phase Two: Migration -> Present.
\* [page_check_address; page_referenced_one, try_to_unmap_one, remove_migration_pte]
Visit(w) ==
  /\ At(w, "Visit")
  /\ LET r    == thread[w]
         m    == vma[r.vma].mm
         e    == pte[m][r.slot]
         from == IF r.phase = "Two" THEN "Migration" ELSE "Present"
         to   == IF r.phase = "One" THEN "Migration" ELSE "Present"
         this == r.phase \in {"One", "Two"} /\ e.page = r.page /\ e.kind = from
     IN /\ pte' = IF r.gone # "Area" /\ this
                  THEN [pte EXCEPT ![m][r.slot].kind = to] ELSE pte
        /\ Become(w, CASE r.gone = "Area"    -> Oops(r, "FreedVMA")
                       [] r.phase = "Pinned" -> [r EXCEPT !.pc = AreaDone(r)]
                       [] OTHER              -> [r EXCEPT !.slot = 0, !.pc = AreaDone(r)])
  /\ UNCHANGED <<vma, anon, page>> /\ Record(w)

----------------------------------------------------------------------------------------------------
(* Steps of both sides: a migration and a write fault hold the page lock.                         *)

\* process or walker: page lock free -> held. [lock_page in do_wp_page and unmap_and_move]
LockPage(t) ==
  /\ At(t, "LockPage") /\ page[thread[t].page].lock = None
  /\ page' = [page EXCEPT ![thread[t].page].lock = t]
  /\ Become(t, [thread[t] EXCEPT !.pc = IF t \in MMs THEN "CheckOwn" ELSE "ReadMapping"])
  /\ UNCHANGED <<vma, anon, pte>> /\ Record(t)

\* process or walker: page lock held -> free. A fault whose page is shared copies it; one whose page
\* is reused or gone ends. [unlock_page in do_wp_page and unmap_and_move]
UnlockPage(t) ==
  /\ At(t, "UnlockPage")
  /\ LET r      == thread[t]
         e      == pte[t][r.slot]
         copies == e.kind = "Present" /\ e.page = r.page /\ ~e.writable
     IN /\ page' = [page EXCEPT ![r.page].lock = None]
        /\ Become(t, CASE t \in Walkers -> EndWalker(r)
                       [] t \in MMs     -> IF copies THEN [r EXCEPT !.pc = "MapPage"] ELSE EndMM(r))
  /\ UNCHANGED <<vma, anon, pte>> /\ Record(t)

====================================================================================================
