"""What the first looks at a writer and at a reader share."""
from __future__ import annotations

from typing import Optional, Set, Tuple

from harness.driver.contract import Words
from harness.driver.errors import HarnessError, Win32Error
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import Half, Pair
from harness.driver.programs import Launch, Program
from harness.driver.win32.codes import exit_code
from harness.judge.expectations import printed, trace_of
from harness.judge.findings import board

PAGE = 4096
DLL_NOT_FOUND = 0xC0000135  #: STATUS_DLL_NOT_FOUND, as an exit code.
CRASH = 0x80000000  #: Exit codes from here on are those of exceptions.
SEC_RESERVE = 0x4000000  #: Without memory, until somebody commits it.
SEC_COMMIT = 0x8000000  #: In the paging file; a section over a file has SEC_FILE instead.


def what_it_did(program: Program) -> str:
    """Whether it has ended and how, and what it has printed, for somebody who reads a verdict."""
    ended, seen = program.status()
    end = f"ended with {exit_code(seen.code)}" if ended else "goes on"
    return f"it {end}, and printed {printed(seen)}"


def sections(host: Host) -> Set[str]:
    """The names of the file mapping objects that exist, as a program would give them."""
    session = host.token().session
    found = set()
    for path, prefix in ((r"\BaseNamedObjects", "Global\\"),
                         (rf"\Sessions\{session}\BaseNamedObjects", "Local\\")):
        try:
            entries = host.directory(path)
        except Win32Error:
            continue  # In session 0 both are the same.
        found |= {prefix + name for name, kind in entries if kind == "Section"}
    return found


class Look:
    """A first look at one half of a pair, with its calls where `traced`."""

    def __init__(self, host: Host, half: Half, words: Words, traced: bool) -> None:
        self.host, self.half, self.words = host, half, words
        self.traced = traced
        self.scene = Scene(host, Pair(half, half, words))
        self.launch = Launch(trace=self.traced, new_console=True)
        self.before = sections(host)

    def _broken(self, otherwise: str) -> Tuple[str, ...]:
        """The claims that are broken by now, or that one."""
        found = {finding.claim for finding in board.record.findings} - {"B4", "R7"}
        return tuple(sorted(found or {otherwise}))

    def _compare(self, program: Program) -> bool:
        """Compare its calls, if they are known; of one that has crashed or has not gone on, only
        the beginning. Whether that has found anything."""
        known = len(board.record.findings)
        if self.traced:
            trace = trace_of(self.scene, program)
            ended, outcome = program.status()
            if ended and outcome.code < CRASH:
                trace.compare()
            else:
                trace.begins()
        return len(board.record.findings) > known

    def _new_section(self) -> Optional[str]:
        new = sorted(sections(self.host) - self.before)
        return self.words.name if self.words.name in new else new[0] if new else None

    def _needs_its_dlls(self, program: Program) -> None:
        """Raise HarnessError where the system could not start it for want of a DLL."""
        if program.status()[1].code == DLL_NOT_FOUND:
            raise HarnessError(f"{self.half.file} cannot be started here: one of its DLLs is not "
                               "installed. If it was built with Visual C++, install the Visual C++ "
                               "Redistributable, or link with /MT")
