"""Defines and builds variants of the two programs: changes of their sources or of the build."""
from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Mapping, Tuple

from harness.driver.paths import ROOT
from harness.selftests.edits import Edit, Stale, edited

CHARSETS = ("ansi", "unicode")
#: The compiler options for a Unicode program.
TCHAR = "-DUNICODE -D_UNICODE -municode"


@dataclass(frozen=True)
class Variant:
    """A way in which the programs can differ from the project's own.

    `edits` change the source of each program; `make` are variables for the project's Makefile,
    which builds the variant. `compilers` has instead the command for each program with a source of
    its own, with `{source}` for the folder of the sources, `{target}` for the .exe, and `{tchar}`
    for the options of the character set. `claims` are those that it breaks: the verdict must name
    them and no others. A faithful variant breaks none. `calls`: only the program's calls show the
    fault. `seen`: without the calls, it looks as if these claims were broken instead. `hides` are
    claims and beginnings of the names of faults that cannot show together with this one, and
    `unseen` are beginnings of those that then only calls show.
    """

    name: str
    edits: Dict[str, Tuple[Edit, ...]]
    claims: Tuple[str, ...] = ()
    calls: bool = False
    charsets: Tuple[str, ...] = CHARSETS
    make: Tuple[str, ...] = ()
    seen: Tuple[str, ...] = ()
    hides: Tuple[str, ...] = ()
    unseen: Tuple[str, ...] = ()
    compilers: Mapping[str, str] = field(default_factory=dict)

    def source(self, program: str) -> str:
        """Return the program's edited source. Raises Stale if an edit does not fit."""
        return edited((ROOT / program / f"{program}.c").read_text(), self.edits[program],
                      f"{self.name}, {program}.c")

    def run(self, command: List[str], folder: Path) -> None:
        """Run a compiler or make in that folder. Raises Stale if it fails or is missing."""
        # Variables of an outer make must not reach the variant's make.
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
        try:
            done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  timeout=120)
        except OSError as problem:
            raise Stale(f"{self.name} cannot be built: {problem}")
        if done.returncode:
            raise Stale(f"{self.name} does not compile:\n{done.stderr}")

    def build(self, charset: str, folder: Path) -> Dict[str, Path]:
        """Build the programs for x86_64 into the folder. Return their .exe files. Raises Stale if
        one does not compile, or if a fault does not change the .exe."""
        made = {}
        for program, compiler in self.compilers.items():
            made[program] = folder / f"{program}.exe"
            places = {"source": Path(__file__).parent / "programs", "target": made[program]}
            tchar = TCHAR if charset == "unicode" else ""
            self.run([word.format(**places)
                      for word in compiler.replace("{tchar}", tchar).split()], folder)
        for program in self.edits:
            target = Path("build") / f"x86_64-{charset}" / f"{program}.exe"
            source = folder / program / f"{program}.c"
            source.parent.mkdir(parents=True)
            source.write_text(self.source(program))
            self.run(["make", "-f", str(ROOT / "Makefile"), "--always-make", str(target),
                      *self.make], folder)
            made[program] = folder / target
            if self.claims and made[program].read_bytes() == (ROOT / target).read_bytes():
                raise Stale(f"{self.name} is the product itself, byte for byte ({charset})")
        return made
