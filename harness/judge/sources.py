"""Builds sources that are handed in, and finds the line of a call, from the program's debug
information, or of a printed text."""
from __future__ import annotations

import functools
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import pefile

from harness.driver.errors import HarnessError
from harness.judge import tools
from harness.judge.scratch import new_folder
from harness.judge.words import clean

SUFFIXES = {".c": "gcc", ".cc": "g++", ".cpp": "g++", ".cxx": "g++"}
#: An uninitialized variable never has the right value by luck, and an array that is a little too
#: short crashes.
NO_LUCK = ["-ftrivial-auto-var-init=pattern", "-fstack-protector-all"]
#: The flags of the Makefile, with line numbers, without warnings (they break no claim), and without
#: time stamps (so that builds are reproducible).
FLAGS = ["-D__USE_MINGW_ANSI_STDIO=0", "-Os", "-g", "-w", "-static", "-Wl,--no-insert-timestamp",
         *NO_LUCK]
TCHAR: Dict[str, List[List[str]]] = {
    "ansi": [[]],
    # A program may have main in its Unicode build, too.
    "unicode": [["-DUNICODE", "-D_UNICODE", "-municode"], ["-DUNICODE", "-D_UNICODE"]]}
#: The files beside a source that it may include.
INCLUDED = (*SUFFIXES, ".h", ".hh", ".hpp", ".hxx", ".inc", ".inl")
#: The number of compiler messages that are shown, and of characters of a source line.
LINES, LONGEST = 6, 100


class Refused(HarnessError):
    """A source compiles in no character set; the text is the compiler's."""


@dataclass
class Built:
    """The programs of a source by character set, or the compiler's messages instead of one."""

    source: Path
    files: Dict[str, Path] = field(default_factory=dict)
    refused: Dict[str, str] = field(default_factory=dict)


def is_source(file: str) -> bool:
    """Return whether the file must be compiled first."""
    return Path(file).suffix.lower() in SUFFIXES


def build(source: Path, charset: Optional[str], sandbox: str) -> Built:
    """Build a source for that character set, or for both; `sandbox` is none, auto or required.
    Raises HarnessError, and Refused if it does not compile at all."""
    compiler = f"x86_64-w64-mingw32-{SUFFIXES[source.suffix.lower()]}"
    if not source.is_file():
        raise HarnessError(f"{clean(str(source))} cannot be read; name a source file or an .exe")
    if not shutil.which(compiler):
        raise HarnessError(f"{compiler}, which builds {clean(source.name)}, is missing; run make "
                           "setup, or hand in an .exe")
    if sandbox == "required" and tools.unsafe():
        raise HarnessError(f"there is no sandbox here: {tools.unsafe()}")
    built, folder = Built(source), new_folder()
    for wanted in [charset] if charset else ["ansi", "unicode"]:
        target = folder / f"{source.stem}-{wanted}.exe"
        for tchar in TCHAR[wanted]:
            text = _compile([compiler, *FLAGS, *tchar, f"./{source.name}", "-o", str(target),
                             "-luser32", "-ladvapi32"], source, folder, sandbox != "none")
            if not text:
                built.files[wanted] = target
                break
            built.refused.setdefault(wanted, text)
        if wanted in built.files:
            built.refused.pop(wanted, None)
    if not built.files:
        raise Refused(next(iter(built.refused.values())))
    return built


def _compile(command: List[str], source: Path, folder: Path, confined: bool) -> str:
    """Run the compiler. Return its first messages, escaped, or "" on success. Raises Refused if it
    takes too long."""
    from harness.driver.wine.sandbox import beside
    shown = [Path(path) for path in beside(str(source), INCLUDED)]
    done = tools.run(command, shown, str(folder), str(source.parent), confined)
    if done.code is None:
        raise Refused(f"the compiler took longer than {tools.LONGEST:g} s")
    lines = [clean(line[2 * line.startswith("./"):]) for line in done.text.splitlines()]
    wrong = [line for line in lines if "error" in line or "undefined" in line] or lines
    return "\n".join(wrong[:LINES]) or "the compiler failed" if done.code else ""


@functools.lru_cache(maxsize=None)
def _base(file: str) -> int:
    with pefile.PE(file, fast_load=True) as image:
        return int(image.OPTIONAL_HEADER.ImageBase)


@functools.lru_cache(maxsize=None)
def line_of(file: Path, returns_to: int, sources: Path) -> Optional[Tuple[str, str]]:
    """Return `mine.c:41` and that line for the call that returns to that offset in the image.
    Return None if the offset is unknown (0), or without debug information or addr2line. Only files
    in the folder `sources` are read, since debug information may name any file."""
    tool = shutil.which("x86_64-w64-mingw32-addr2line") or shutil.which("addr2line")
    if not returns_to or not tool:
        return None
    # The call itself is before its return address.
    done = tools.run([tool, "-e", str(file), hex(_base(str(file)) + returns_to - 1)], [file])
    found = re.fullmatch(r"(.*?):(\d+)(?: \(.*\))?\s*", done.text)
    if not found or found[1] == "??" or found[2] == "0" or found[1].endswith(".s"):
        return None  # Go makes all calls of the system in assembler.
    name, number, file = Path(found[1]).name, int(found[2]), Path(found[1])
    try:
        shown = _lines(file) if sources.resolve() in file.resolve().parents else []
    except (OSError, ValueError):
        shown = []
    return f"{name}:{number}", "".join(shown[number - 1:number])


def line_saying(text: str, source: Path) -> Optional[Tuple[str, str]]:
    """Return the same for the first line of a source with a string that the text begins with, up to
    an escape or format in the string; or None."""
    for number, line in enumerate(_lines(source), 1):
        for literal in re.findall(r'"(?:\\[nrt])*([^"%\\]{3,})', line):
            if text.strip().startswith(literal.strip() or line):
                return f"{source.name}:{number}", line
    return None


def _lines(file: Path) -> List[str]:
    """Return the stripped lines of a source, or none if it does not exist any more."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip()[:LONGEST] for line in text.splitlines()]
