"""Programs with several faults: the verdict must name all their claims, or say why it cannot judge
them."""
from __future__ import annotations

import random
from typing import Dict, List, Tuple

from harness.selftests.mutants.failures import FAILURES
from harness.selftests.mutants.reader import READER_FAULTS
from harness.selftests.mutants.variant import READER, Stale, Variant, WRITER
from harness.selftests.mutants.writer import WRITER_FAULTS

_SINGLE: Dict[str, Variant] = {
    variant.name: variant for variant in [*WRITER_FAULTS, *READER_FAULTS, *FAILURES]}


#: A claim about the file, which no fault at run time can hide.
OF_THE_FILE = "R7"

#: Beginnings of the names of faults that are others together: a write to a read-only view crashes;
#: such an object has such a view; no call has these arguments any more; there is a message box; one
#: undoes the other, or changes its text; what writes nothing and crashes seems to get no view.
OTHERS = (("reads only", "box: memory"), ("view read-only", "box: memory"),
          *((first, f"view {kind}") for kind in ("read-only", "copy-on-write") for first in
            ("object read-only", "object copy-on-write", "opens for reading")),
          ("opens instead", "no name"), ("opens instead", "object"), ("box: none", "R2 in a box"),
          ("BUF_SIZE 512", "view of half"), ("W2 waits for a key", "key:"),
          ("W4 waits for a key", "key:"),
          *((f"{claim} with two newlines", f"{claim} without newline")
            for claim in ("W2", "W4", "R2", "R4")))


def _together(program: str, *names: str, seen: str = "") -> Variant:
    """Return the named faults of one program as one variant; `seen` as in Variant."""
    faults = [_SINGLE[f"{program} {name}"] for name in names]
    (half,) = faults[0].edits

    def others(name: str, kind: str) -> Tuple[str, ...]:
        return tuple(start for other, fault in zip(names, faults) if other != name
                     for start in getattr(fault, kind))

    claims = (claim for name, fault in zip(names, faults) for claim in fault.claims
              if claim == OF_THE_FILE or not (
                  name.startswith(others(name, "hides")) or claim in others(name, "hides")))
    return Variant(f"{program} {' + '.join(names)}",
                   {half: tuple(edit for fault in faults for edit in fault.edits[half])},
                   tuple(dict.fromkeys(claims)),
                   any(fault.calls or fault.seen and not seen
                       or name.startswith(others(name, "unseen"))
                       for name, fault in zip(names, faults)),
                   tuple(charset for charset in faults[0].charsets
                         if all(charset in fault.charsets for fault in faults)), faults[0].make,
                   tuple(seen.split()))


SEVERAL: List[Variant] = [
    _together("writer", "name under Local", "message without period"),
    _together("writer", "another name", "key: with Enter", "end: exit code 1"),
    _together("writer", "name in other case", "W2 without period"),
    _together("writer", "copies the terminator", "end: says something"),
    _together("writer", "copies characters as bytes", "W4 exit code 0"),
    _together("writer", "key: two", "end: exit code 1"),
    _together("writer", "object of 512 bytes", "end: no unmap"),
    _together("writer", "message with other words", "W2 on standard error", "W4 says nothing"),
    _together("writer", "message after the key", "end: exit code 1"),
    _together("writer", "message after the key", "key: a line of text"),
    _together("writer", "opens instead of creating", "key: with Enter", "W4 without period"),
    _together("writer", "view of a later part", "message in other case", "key: two"),
    _together("writer", "key: none", "W4 exit code -1", "end: exit code 1"),
    _together("writer", "no name", "key: two", "W4 exit code 0"),
    _together("writer", "copies nothing", "key: none", "end: exit code 1"),
    _together("reader", "another name", "box: OK and Cancel", seen="B3"),
    _together("reader", "box: other title", "end: exit code 1"),
    _together("reader", "opens for execution too", "BUF_SIZE 512"),
    _together("reader", "R2 on standard error", "R4 goes on"),
    _together("reader", "BUF_SIZE 4096", "end: says something"),
    _together("reader", "box: text built in", "R2 exit code 0", "R4 other words"),
    _together("reader", "view of a later part", "box: other title", "end: exit code 1"),
    _together("reader", "creates what it cannot open", "R2 exit code 0"),
    _together("reader", "box: none", "view of half the object", "R4 exit code 0"),
    _together("reader", "name under Local", "end: handle closed before the box"),
    _together("reader", "creates what it cannot open", "end: handle closed before the box",
              seen="R6"),
]


def composed(count: int, seed: int) -> List[Variant]:
    """Return `count` random variants of each program, each with two to five compatible faults of
    the tables; `seed` determines them."""
    drawn = random.Random(seed)
    made: List[Variant] = []
    for program in (WRITER, READER):
        names = sorted(name.partition(" ")[2] for name, variant in _SINGLE.items()
                       if program in variant.edits and len(variant.charsets) == 2)
        while sum(program in variant.edits for variant in made) < count:
            some = drawn.sample(names, drawn.randint(2, 5))
            if any(all(any(name.startswith(one) for name in some) for one in pair)
                   for pair in OTHERS):
                continue
            variant = _together("writer" if program == WRITER else "reader", *some)
            try:
                variant.source(program)
            except Stale:
                continue  # Two of these faults change the same text.
            made.append(variant)
    return made
