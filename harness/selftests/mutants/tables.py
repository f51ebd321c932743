"""All variants: the tables, single faults combined, and programs with sources of their own.

In a table, what follows a name are the claims that the fault breaks, and fields of Variant after
commas, in which "; " separates the elements."""
from __future__ import annotations

import random
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from harness.judge.claims import READER, WRITER
from harness.selftests.edits import Edit, Entry, Stale, entries
from harness.selftests.mutants.variant import CHARSETS, Variant

FLAGS = ("calls", *CHARSETS)
PROGRAMS = {"writer": (WRITER,), "reader": (READER,), "both": (WRITER, READER)}
_C = "x86_64-w64-mingw32-gcc -Os -D__USE_MINGW_ANSI_STDIO=0 {source}/"
_CPP = "x86_64-w64-mingw32-g++ -O2 {tchar} {source}/streams.cpp -o {target}"
#: Not every Debian release has it.
RUST_LIBRARY = Path("/usr/lib/rustlib/x86_64-pc-windows-gnu")
_RUST = "/usr/bin/rustc --target x86_64-pc-windows-gnu -O -o {target} {source}/pair.rs"


#: Where each program can fail, and words of failures.txt.
FAILURES = (
    ("writer", "W2", "create file mapping object", "GetLastError());", "hMapFile"),
    ("writer", "W4", "map view of file", "CloseHandle(hMapFile);", "pBuf"),
    ("reader", "R2", "open file mapping object", "GetLastError());", "hMapFile"),
    ("reader", "R4", "map view of file", "CloseHandle(hMapFile);", "pBuf"))
#: A claim about the file, which no fault at run time can hide.
OF_THE_FILE = "R7"
#: Beginnings of the names of faults that are others together: a write to such a view crashes (after
#: the key, too) or is private; such an object has such a view; no call has these arguments any
#: more; there is a message box; one undoes the other, or changes its text; what writes nothing and
#: crashes seems to get no view.
OTHERS = (("reads only", "box: memory"), *((f"view {kind}", "box: memory") for kind in (
              "read-only", "copy-on-write")),
          *((first, f"view {kind}") for kind in ("read-only", "copy-on-write") for first in
            ("object read-only", "object copy-on-write", "opens for reading")),
          ("opens instead", "no name"), ("opens instead", "object"), ("box: none", "R2 in a box"),
          ("view read-only", "message after"), ("BUF_SIZE 512", "view of half"),
          ("W2 waits for a key", "key:"), ("W4 waits for a key", "key:"),
          *((f"{claim} with two newlines", f"{claim} without newline")
            for claim in ("W2", "W4", "R2", "R4")))


def edits_of(entry: Entry, program: str) -> Tuple[Edit, ...]:
    """Return the edits of that program; some may be marked as those of one program alone."""
    mine, other = ("writer: ", "reader: ") if program == WRITER else ("reader: ", "writer: ")
    return tuple(edit._replace(old=edit.old.replace(mine, "", 1)) for edit in entry.edits
                 if not edit.old.startswith(other))


def table(name: str, words: Optional[Dict[str, str]] = None) -> List[Variant]:
    """Return the variants of a table. What edits one program is compiled without warnings, since
    they are not what is tested."""
    made = []
    for entry in entries(Path(__file__).with_name(f"{name}.txt"), words):
        fields = {"seen": "", "hides": "", "unseen": "", "make": "", "claims": ""}
        for part in entry.about.split(", "):
            field, _, value = part.partition(" ")
            fields.update({field: value} if field in fields or field in FLAGS else
                          {"claims": part})
        hides, unseen, make = (tuple(filter(None, fields[field].split("; ")))
                               for field in ("hides", "unseen", "make"))
        programs = PROGRAMS[entry.section.split()[0]]
        made.append(Variant(
            f"{entry.section} {entry.name}",
            {program: edits_of(entry, program) for program in programs},
            tuple(fields["claims"].split()), "calls" in fields,
            tuple(charset for charset in CHARSETS if charset in fields) or CHARSETS,
            (() if len(programs) > 1 else ("WARNINGS=-w",)) + make,
            tuple(fields["seen"].split()), hides, unseen))
    return made


def compiled(name: str, charset: str = "", claims: str = "", seen: str = "",
             **compilers: str) -> Variant:
    """Return programs with their own sources, for one character set or both; see Variant."""
    return Variant(name, {}, tuple(claims.split()), charsets=(charset,) if charset else CHARSETS,
                   seen=tuple(seen.split()), compilers=compilers)


SINGLE = {variant.name: variant for variant in [*table("writer"), *table("reader"), *(
    variant for program, claim, what, leave, condition in FAILURES
    for variant in table("failures", {
        "$PROGRAM": program, "$CLAIM": claim, "$OBJECT": f"{claim[0]}2", "$WHAT": what,
        "$LEAVE": leave, "$IF": condition}))]}


def together(program: str, *names: str, seen: str = "") -> Variant:
    """Return the named faults of one program as one variant; `seen` as in Variant."""
    faults = [SINGLE[f"{program} {name}"] for name in names]
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


SEVERAL = [
    together("writer", "name under Local", "message without period"),
    together("writer", "another name", "key: with Enter", "end: exit code 1"),
    together("writer", "name in other case", "W2 without period"),
    together("writer", "copies the terminator", "end: says something"),
    together("writer", "copies characters as bytes", "W4 exit code 0"),
    together("writer", "key: two", "end: exit code 1"),
    together("writer", "object of 512 bytes", "end: no unmap"),
    together("writer", "message with other words", "W2 on standard error", "W4 says nothing"),
    together("writer", "message after the key", "end: exit code 1"),
    together("writer", "message after the key", "key: a line of text"),
    together("writer", "opens instead of creating", "key: with Enter", "W4 without period"),
    together("writer", "view of a later part", "message in other case", "key: two"),
    together("writer", "key: none", "W4 exit code -1", "end: exit code 1"),
    together("writer", "no name", "key: two", "W4 exit code 0"),
    together("writer", "copies nothing", "key: none", "end: exit code 1"),
    together("writer", "key: only Escape", "leaves an existing object alone",
             "end: message taken away"),
    together("writer", "message in other case", "view copy-on-write", "end: does not end"),
    together("reader", "box: none", "end: exit code 1"),
    together("reader", "R4 goes on", "view of a later part", "R2 without parentheses",
             seen="R2 R3"),
    together("reader", "another name", "box: OK and Cancel", seen="B3"),
    together("reader", "box: other title", "end: exit code 1"),
    together("reader", "opens for execution too", "BUF_SIZE 512"),
    together("reader", "R2 on standard error", "R4 goes on"),
    together("reader", "BUF_SIZE 4096", "end: says something"),
    together("reader", "box: text built in", "R2 exit code 0", "R4 other words"),
    together("reader", "view of a later part", "box: other title", "end: exit code 1"),
    together("reader", "creates what it cannot open", "R2 exit code 0"),
    together("reader", "box: none", "view of half the object", "R4 exit code 0"),
    together("reader", "name under Local", "end: handle closed before the box"),
    together("reader", "creates what it cannot open", "end: handle closed before the box",
             seen="R6")]
WILD = table("wild")
FAITHFUL = [
    *table("faithful"), *(variant for variant in WILD if not variant.claims),
    compiled("in C++ with streams, linked statically",
             first_process=_CPP + " -static -DWRITER", second_process=_CPP + " -static"),
    *([compiled("in Rust", "unicode", first_process=_RUST + " --cfg writer",
                second_process=_RUST)] if RUST_LIBRARY.is_dir() else []),
    compiled("writer with a C run-time library of its own", "ansi",
             first_process=_C + "own_runtime.c -o {target} -ffreestanding -nostdlib "
                                "-lkernel32 -luser32")]
FAULTS = [
    *SINGLE.values(), *SEVERAL, *(variant for variant in WILD if variant.claims),
    compiled("writer in C++ with streams, linked with the compiler's DLLs", claims="B1",
             first_process=_CPP + " -DWRITER"),
    compiled("writer that goes on after its key", "ansi", claims="W2 W4 W7", seen="W2 W4 W6",
             first_process=_C + "../../misbehaving/hangs.c -o {target}")]


def composed(count: int, seed: int) -> List[Variant]:
    """Return `count` random variants of each program, each with two to five compatible faults of
    the tables; `seed` determines them."""
    drawn = random.Random(seed)
    made: List[Variant] = []
    for program in (WRITER, READER):
        names = sorted(name.partition(" ")[2] for name, variant in SINGLE.items()
                       if program in variant.edits and len(variant.charsets) == 2)
        while sum(program in variant.edits for variant in made) < count:
            some = drawn.sample(names, drawn.randint(2, 5))
            if any(all(any(name.startswith(one) for name in some) for one in pair)
                   for pair in OTHERS):
                continue
            variant = together("writer" if program == WRITER else "reader", *some)
            try:
                variant.source(program)
            except Stale:
                continue  # Two of these faults change the same text.
            made.append(variant)
    return made
