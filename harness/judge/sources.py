"""Builds sources that are handed in, so that a verdict can name their lines."""
from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional

from harness.driver.errors import HarnessError
from harness.judge import tools
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
#: The number of compiler messages that are shown.
LINES = 6


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


#: The build folders of this process, removed when it ends.
_folders: List["tempfile.TemporaryDirectory[str]"] = []


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
    _folders.append(tempfile.TemporaryDirectory(prefix="named-shared-memory-built-"))
    built = Built(source)
    for wanted in [charset] if charset else ["ansi", "unicode"]:
        target = Path(_folders[-1].name, f"{source.stem}-{wanted}.exe")
        for tchar in TCHAR[wanted]:
            text = _compile([compiler, *FLAGS, *tchar, f"./{source.name}", "-o", str(target),
                             "-luser32", "-ladvapi32"], source, sandbox != "none")
            if not text:
                built.files[wanted] = target
                break
            built.refused.setdefault(wanted, text)
        if wanted in built.files:
            built.refused.pop(wanted, None)
    if not built.files:
        raise Refused(next(iter(built.refused.values())))
    return built


def _compile(command: List[str], source: Path, confined: bool) -> str:
    """Run the compiler. Return its first messages, escaped, or "" on success. Raises Refused if it
    takes too long."""
    from harness.driver.wine.sandbox import beside
    shown = [Path(path) for path in beside(str(source), INCLUDED)]
    done = tools.run(command, shown, _folders[-1].name, str(source.parent), confined)
    if done.code is None:
        raise Refused(f"the compiler took longer than {tools.LONGEST:g} s")
    lines = [clean(line[2 * line.startswith("./"):]) for line in done.text.splitlines()]
    wrong = [line for line in lines if "error" in line or "undefined" in line] or lines
    return "\n".join(wrong[:LINES]) or "the compiler failed" if done.code else ""
