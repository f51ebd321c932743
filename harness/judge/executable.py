"""Examines an .exe before it runs: machine, subsystem, character set, DLLs and strings."""
from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple

import pefile

from harness.driver.contract import encode
from harness.driver.errors import HarnessError
from harness.judge.claims import READER, WRITER

MACHINES = {0x8664: "x86_64", 0x014C: "i686"}
CONSOLE = 3  #: IMAGE_SUBSYSTEM_WINDOWS_CUI
#: The names of Visual C++'s DLLs, up to their number.
FAMILIES = r"(vcruntime|msvcp|msvcr|concrt|vccorlib|vcomp|mfc|atl)\d.*"
#: DLLs of Visual C++ and its redistributable package. (msvcrt.dll and ucrtbase.dll belong to
#: Windows.) A program may need them.
VISUAL_C = re.compile(FAMILIES + r"(?<!d)\.dll")
#: Other DLLs that come with a compiler and not with Windows: those of MinGW-w64, Cygwin and MSYS2,
#: and the debug DLLs of Visual C++, which are not redistributable.
NOT_SHIPPED = re.compile(rf"(lib|cyg|msys-).*|{FAMILIES}d\.dll|(msvcrtd|ucrtbased)\.dll")
#: The DLLs of C run-time libraries.
RUNTIME = re.compile(r"(msvcrt|ucrt|vcruntime|api-ms-win-crt-|msvcr\d).*")
#: The functions of each program that exist for both character sets, with an A or W at the end.
BY_CHARSET = {WRITER: ("CreateFileMapping",), READER: ("OpenFileMapping", "MessageBox")}


@dataclass(frozen=True)
class Executable:
    """The headers and imports of an .exe. `imports` are the functions that show its character set;
    `charset` is None if there are none, or if they contradict each other: then `mixed` has them.
    `visual_c` are its DLLs that come with Visual C++. `own_runtime` says that it imports no C
    run-time library, which must be part of the program (/MT). `source` is what it was built from.
    """

    file: Path
    arch: str
    console: bool
    charset: Optional[str]
    mixed: Tuple[str, ...]
    imports: Tuple[str, ...]
    not_shipped: Tuple[str, ...]
    visual_c: Tuple[str, ...]
    own_runtime: bool
    user32: bool
    source: str = ""

    def of_source(self, source: str, charset: str, text: str) -> "Executable":
        """Return the program as built from that source for a character set: functions of the other
        character set are then wrong (B2). It is of that other one if its `text` is, too."""
        if self.charset in (None, charset):
            return replace(self, source=source, charset=charset)
        data = self.file.read_bytes()
        own = charset if encode(text, charset) in data else self.charset
        return replace(self, source=source, charset=own, mixed=self.mixed or self.imports)


def _letters(half: str, functions: Set[str]) -> Dict[str, str]:
    """Return the imports that show the character set, with their last letters. If a function is
    imported for both, one import may belong to the run-time library, so neither counts."""
    told = {}
    for function in BY_CHARSET[half]:
        names = {function + "A", function + "W"} & functions
        if len(names) == 1:
            name = names.pop()
            told[name] = name[-1]
    return told


def examine(file: Path, half: str) -> Executable:
    """Examine a file as that program of a pair. Raises HarnessError, with cause and remedy, if it
    is not a program that can be checked."""
    try:
        image = pefile.PE(str(file))
    except OSError as problem:
        raise HarnessError(f"{file} cannot be read ({problem.strerror or problem}); name an .exe, "
                           "in quotes if its path has spaces")
    except pefile.PEFormatError:
        raise HarnessError(f"{file} is not a Windows program; build it with MinGW-w64 or MSVC")
    with image:
        arch = MACHINES.get(image.FILE_HEADER.Machine)
        if not arch or image.is_dll():
            raise HarnessError(f"{file} is not a program for x86_64 or i686; build it with "
                               "x86_64-w64-mingw32-gcc or i686-w64-mingw32-gcc")
        dlls: Set[str] = set()
        functions: Set[str] = set()
        for entry in getattr(image, "DIRECTORY_ENTRY_IMPORT", []):
            dlls.add(entry.dll.decode("ascii", "replace").lower())
            functions |= {item.name.decode("ascii", "replace")
                          for item in entry.imports if item.name}
        told = _letters(half, functions)
        letters = set(told.values())
        return Executable(
            file, arch, image.OPTIONAL_HEADER.Subsystem == CONSOLE,
            {"A": "ansi", "W": "unicode"}[letters.pop()] if len(letters) == 1 else None,
            tuple(sorted(told)) if len(letters) > 1 else (), tuple(sorted(told)),
            tuple(sorted(dll for dll in dlls if NOT_SHIPPED.fullmatch(dll))),
            tuple(sorted(dll for dll in dlls if VISUAL_C.fullmatch(dll))),
            not any(RUNTIME.fullmatch(dll) for dll in dlls),
            "user32.dll" in dlls)


def names_in(file: Path, name: str) -> List[str]:
    """Return strings of either character set in a program that may be its object's name instead of
    `name`: similar ones first, then those with a namespace."""
    data = file.read_bytes()
    texts = {text.decode("ascii") for text in re.findall(rb"[ -~]{4,}(?=\0)", data)} | {
        text.decode("utf-16-le") for text in re.findall(rb"(?:[ -~]\0){4,}(?=\0\0)", data)}
    short = {text for text in texts if len(text) < 3 * len(name)} - {name}
    alike = difflib.get_close_matches(name, sorted(short), 3, 0.7)
    return alike + sorted(text for text in short if re.match(r"(?i)(global|local)\\.", text)
                          and text not in alike)


def charset_of(program: Executable, said: Optional[str]) -> str:
    """Return the character set of a program; `said` is that of --charset. Raises HarnessError if
    the imports contradict it, or if neither determines it."""
    if program.charset and said and program.charset != said:
        raise HarnessError(f"{program.file.name} imports the functions of the {program.charset} "
                           f"character set, and --charset says {said}; leave --charset out")
    told = said or program.charset
    if not told and program.mixed:
        # The call that gets the object decides; the mixture itself is a finding (B2).
        first = next((name for name in program.mixed if "FileMapping" in name), program.mixed[0])
        told = "unicode" if first.endswith("W") else "ansi"
    if not told:
        raise HarnessError(f"the imports of {program.file.name} do not show its character set; "
                           "give --charset ansi or --charset unicode")
    return told
