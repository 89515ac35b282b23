------------------------------------------------------ MODULE Walker -------------------------------------------------------
(**************************************************************************************************************************)
(* The operations of a walker: the plain walk of a page, migration, a reference beyond the processes and its walk (KSM).  *)
(* Source: page_referenced, unmap_and_move, rmap_walk_anon, vma_address, drop_anon_vma; KERNEL.md 1.7, 1.11, 1.12.        *)
(* How a walker finds and takes the lock (ReadMapping to DropRef), gives it back (UnlockRoot), takes and drops a          *)
(* reference (GetAnon, PutAnon, PutLast) is the protocol's, out of the words below.                                       *)
(**************************************************************************************************************************)
EXTENDS AnonVMA

----------------------------------------------------------------------------------------------------------------------------
(* An operation begins.                                                                                                   *)

\* walker: a plain walk of a mapped page, which it does not lock. `lookup`: where the lookup of a walk begins. Chooses the
\* page. [page_referenced]
Walk(w, lookup) ==
  /\ MayBegin(w, "Walk")
  /\ \E p \in MappedPages :
       Become(w, [Begin(thread[w], "Walk") EXCEPT !.page = p, !.phase = "Plain", !.steady = TRUE, !.pc = lookup])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: walk One leaves migration entries, walk Two must find and remove each. Chooses the page. [unmap_and_move, 1.12]
Migrate(w) ==
  /\ MayBegin(w, "Migrate") /\ thread[w].pin = 0
  /\ \E p \in MappedPages :
       Become(w, [Begin(thread[w], "Migrate") EXCEPT !.page = p, !.phase = "Get", !.steady = TRUE, !.pc = "LockPage"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: under the mmap_sem of the VMA's mm, refs -> refs + 1. Chooses the VMA. [ksm: hold_anon_vma]
Pin(w) ==
  /\ MayBegin(w, "Pin") /\ thread[w].pin = 0
  /\ \E v \in VMAId :
       /\ vma[v].life = "Mapped" /\ vma[v].anon # 0 /\ IsIdle(vma[v].mm) /\ ~BusyChild(vma[v].mm)
       /\ anon' = [anon EXCEPT ![vma[v].anon].refs = @ + 1]
       /\ Become(w, [End(Begin(thread[w], "Pin")) EXCEPT !.pin = vma[v].anon])
  /\ UNCHANGED <<vma, page, pte>>

\* walker: walks the list of what it has pinned, and looks at one address in each area. `lookup`: where the lookup of such a
\* walk begins. Chooses the address. [rmap_walk_ksm]
WalkPinned(w, lookup) ==
  /\ MayBegin(w, "WalkPinned") /\ thread[w].pin # 0
  /\ \E i \in SlotId :
       Become(w, [Begin(thread[w], "WalkPinned") EXCEPT !.anon = thread[w].pin, !.slot = i, !.phase = "Pinned", !.pc = lookup])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: gives the reference of Pin back. [ksm: drop_anon_vma]
Unpin(w) ==
  /\ "Unpin" \in Ops /\ IsIdle(w) /\ thread[w].pin # 0 /\ ~Crashed
  /\ LET r == thread[w] IN
       Become(w, [Begin(r, "Unpin") EXCEPT !.left = r.left, !.phase = "Put", !.anon = r.pin, !.pc = "PutAnon"])
  /\ UNCHANGED <<vma, anon, page, pte>>

----------------------------------------------------------------------------------------------------------------------------
(* The steps, and the words for the protocol's lookup.                                                                    *)

\* Reads the leaf off the page; nothing says that it is still the page's.
PageAnon(w, next) ==
  LET r == thread[w]  p == page[r.page] IN
  Become(w, [r EXCEPT !.anon = p.mapping, !.stale = p.stale, !.pc = next])

\* It holds the lock; a walk owes a visit to all that it is to find at this moment. A reference needs no walk.
Locked(r) ==
  IF r.phase = "Get" THEN [r EXCEPT !.pc = "GetAnon"]
  ELSE IF r.phase = "Put" THEN [r EXCEPT !.pc = "PutLast"]
  ELSE [r EXCEPT !.owed = Entries(pte, r.page, MapsIt(r)), !.vma = 0, !.gone = "None", !.pc = "NextEntry"]

\* What was locked for is over, or never was: what follows in the operation. Without a reference there is no migration.
\* A walk lets the others walk first.
AfterWalk(r) ==
  LET q == [r EXCEPT !.anon = 0, !.root = 0, !.stale = FALSE] IN
  CASE r.mutex           -> [q EXCEPT !.pc = "UnlockWalks"]
    [] r.phase \in {"Plain", "Pinned"} -> End(q)
    [] r.phase = "Get"   -> IF r.pin = 0 THEN [q EXCEPT !.pc = "UnlockPage"]
                            ELSE [q EXCEPT !.phase = "One", !.pc = "ReadMapping"]
    [] r.phase = "One"   -> [q EXCEPT !.phase = "Two", !.pc = "ReadMapping"]
    [] r.phase = "Two"   -> [q EXCEPT !.phase = "Put", !.anon = r.pin, !.pc = "PutAnon"]

\* The lookup of a walk begins at `lookup`, that of a reference at ReadMapping.
Enter(r, lookup) == IF r.pc = "ReadMapping" /\ r.phase # "Get" THEN [r EXCEPT !.pc = lookup] ELSE r

\* The attempt to lock returned nothing. A Put found the list empty: nobody else can link, so it goes on without the lock.
Unlocked(r) ==
  IF r.phase = "Put" THEN [r EXCEPT !.root = 0, !.pc = "PutLast"]
  ELSE AfterWalk([r EXCEPT !.failed = @ \/ (r.phase # "Two" /\ r.steady)])

\* Where it goes from an area: its own lock, if the walk took that, is given back.
AreaDone(r) == IF r.also = 0 THEN "NextEntry" ELSE "UnlockVMA"

\* walker: cursor -> next entry of the leaf's list, or the end. A cursor that was unlinked is poison. `look`: what it does
\* first with an area. [list_for_each_entry]
NextEntry(w, look) ==
  /\ At(w, "NextEntry")
  /\ LET r == thread[w]
         s == anon[r.anon].list
         k == IF r.vma = 0 THEN 1 ELSE Place(s, r.vma) + 1
     IN Become(w, IF r.gone # "None" THEN Oops(r, "UnlinkedEntry")
                  ELSE IF k <= Len(s) THEN [r EXCEPT !.vma = s[k], !.pc = look]
                  ELSE [r EXCEPT !.vma = 0, !.pc = "UnlockRoot"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: reads vm_start and vm_end. A walk of what is pinned knows the address, and asks whether the area has it.
\* [vma_address; rmap_walk_ksm]
ReadStart(w) ==
  /\ At(w, "ReadStart")
  /\ LET r == thread[w]  v == vma[r.vma] IN
       Become(w, IF r.gone = "Area" THEN Oops(r, "FreedVMA")
                 ELSE IF r.phase = "Pinned"
                      THEN [r EXCEPT !.pc = IF v.start <= r.slot /\ r.slot < v.end THEN "Visit" ELSE AreaDone(r)]
                 ELSE [r EXCEPT !.start = v.start, !.end = v.end, !.pc = "ReadPgoff"])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: reads vm_pgoff; the page's address in this VMA, or it is not in it (sums on both sides: the address may be
\* negative). [vma_address]
ReadPgoff(w) ==
  /\ At(w, "ReadPgoff")
  /\ LET r  == thread[w]
         v  == vma[r.vma]
         up == r.start + page[r.page].index      \* address + pgoff
         q  == [r EXCEPT !.start = 0, !.end = 0]
     IN Become(w, IF r.gone = "Area" THEN Oops(r, "FreedVMA")
                  ELSE IF r.start + v.pgoff <= up /\ up < r.end + v.pgoff
                       THEN [q EXCEPT !.slot = up - v.pgoff, !.pc = "Visit"]
                  ELSE [q EXCEPT !.pc = AreaDone(r)])
  /\ UNCHANGED <<vma, anon, page, pte>>

\* walker: looks at the entry; phase One: Present -> Migration, phase Two: Migration -> Present.
\* [page_check_address; page_referenced_one, try_to_unmap_one, remove_migration_pte]
Visit(w) ==
  /\ At(w, "Visit")
  /\ LET r    == thread[w]
         v    == vma[r.vma]
         e    == pte[v.mm][r.slot]
         q    == [r EXCEPT !.owed = @ \ {<<v.mm, r.slot>>}, !.slot = 0, !.pc = AreaDone(r)]
         kind == IF r.phase = "One" THEN "Migration" ELSE "Present"
     IN IF r.gone = "Area" THEN Become(w, Oops(r, "FreedVMA")) /\ UNCHANGED pte
        ELSE IF r.phase = "Pinned" THEN Become(w, [r EXCEPT !.pc = AreaDone(r)]) /\ UNCHANGED pte
        ELSE IF r.phase # "Plain" /\ e.page = r.page /\ e.kind = MapsIt(r)
        THEN /\ pte' = [pte EXCEPT ![v.mm][r.slot].kind = kind]
             /\ thread' = Keep([thread EXCEPT ![w] = q], pte')
        ELSE Become(w, q) /\ UNCHANGED pte
  /\ UNCHANGED <<vma, anon, page>>

----------------------------------------------------------------------------------------------------------------------------

\* The steps of a walker but for the protocol's. `lookup`, `pinned`: where the lookup of a walk begins, of a page and of what
\* is pinned.
WalkerBareSteps(w, lookup, pinned, look) ==
  \/ Walk(w, lookup) \/ WalkPinned(w, pinned) \/ Migrate(w) \/ Pin(w) \/ Unpin(w) \/ LockPage(w)
  \/ NextEntry(w, look) \/ ReadStart(w) \/ ReadPgoff(w) \/ Visit(w) \/ UnlockPage(w)

============================================================================================================================
