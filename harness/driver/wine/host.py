"""The host under Wine: a private prefix, HOME, server and folder; and the supervisor of these."""
from __future__ import annotations

import errno
import os
import re
import resource
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Sequence

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.host import Host, Settings
from harness.driver.waiting import WINEBOOT
from harness.driver.win32.constants import STACK_OVERFLOW
from harness.driver.wine import display, machine
from harness.driver.wine.connection import NO_PROCESS, Connection
from harness.driver.wine.folders import GRACE, strange, windows_path
from harness.driver.wine.installation import Wine, find_wine

#: Errors when a machine or a user has no more processes or memory.
SCARCE = (errno.EAGAIN, errno.ENOMEM)
#: Files that a Wine server may have to open for a pair of programs.
FEWEST_FILES = 256
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "supervisor.py")


class Supervisor(Connection):
    """A new supervisor of one host or test, in a new Python: its caller may have threads, which
    fork does not copy. In its own session, Ctrl-C in the terminal does not reach it. Raises
    HarnessError if no folder can be made, or no process started."""

    def __init__(self, keep: bool) -> None:
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", PROGRAM], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        except OSError as problem:
            line.close()
            raise HarnessError(NO_PROCESS.format(problem))
        finally:
            theirs.close()
        super().__init__(line)
        self.begin(keep, GRACE)

    def pipe(self, command: Sequence[str], environment: Dict[str, str], log: str) -> Any:
        """Start a vital command in the folder, with pipes to its standard input and from its
        standard output. Return a process as an Agent needs it. Raises HarnessError."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        stdin, stdout = open(ours_in, "wb"), open(ours_out, "rb")
        with open(theirs_in, "rb"), open(theirs_out, "wb"), open(log, "ab") as errors:
            os.fchmod(errors.fileno(), 0o600)  # The umask may forbid to read it.
            files = [theirs_in, theirs_out, errors.fileno()]
            pid = self.start(command, environment, files, vital=True)
        # Its supervisor ends before an agent is waited for, and so does it.
        return SimpleNamespace(pid=pid, stdin=stdin, stdout=stdout, wait=lambda seconds: 0)

    def close(self) -> None:
        super().close()
        self.process.wait()


class WineHost(Host):
    """A private Wine: `kind` is how its prefix is made, "minimal" or "full".

    With `environment` and `command` you can start a program in it as from a Unix terminal; `sweep`
    does not end such a program.

    Raises HarnessError if there is no place for it, WineFailed if Wine does not work."""

    def __init__(self, wine: Wine, settings: Settings, kind: str) -> None:
        super().__init__(settings)
        self.wine = wine
        self.kind = kind
        self.display = settings.display
        if 0 <= resource.getrlimit(resource.RLIMIT_NOFILE)[1] < FEWEST_FILES:
            raise HarnessError(f"Wine needs at least {FEWEST_FILES} open files; raise the limit, "
                               "as in ulimit -n 1024")
        self.supervisor = Supervisor(settings.keep)
        self.folder = Path(self.supervisor.folder)
        opened = False
        try:
            self.path(self.folder / "agent.log")
            self._agent_exe("x86_64")  # Without it, Wine would get the blame.
            # Some may be links, and programs start by the links' own paths.
            shown = [str(path.absolute()) for path in (
                *self._built.glob("*/agent.exe"), *self._built.glob("*/tracer.dll"),
                *settings.shown)]
            answer = self.supervisor.ask(2 * WINEBOOT, kind=None, open={
                "wine": (str(wine.loader), str(wine.server), wine.version),
                "display": settings.display, "prefix": kind, "keep": settings.keep,
                "sandbox": settings.sandbox, "shown": shown,
                "managed": settings.display != "x11" or display.is_managed()})
            self.unsafe = answer["unsafe"]
            self.environment = answer["environment"]
            self.environment["WINEDEBUG"] = "-all,err+virtual,+pid"  # See `exit_code`.
            # Pass nothing else of the user's environment.
            self.environment["PATH"] = os.environ.get("PATH", os.defpath)
            opened = True
            self.prove()
        except BaseException as problem:
            log = self._log()
            self.close()
            if isinstance(problem, OSError) and problem.errno not in SCARCE:
                raise HarnessError(f"the temporary folder {self.folder.parent} cannot be used "
                                   f"({problem}); set TMPDIR to another one")
            failed = isinstance(problem, (HarnessError, OSError, RuntimeError))
            if isinstance(problem, (WineFailed, OSError)) or opened and failed:
                raise WineFailed(f"{kind} prefix: {problem}{log}")
            raise

    def _log(self) -> str:
        lines = [line for file in self.folder.glob("*.log")
                 for line in file.read_text(errors="replace").splitlines() if line.strip()]
        return f" (its log ends: {lines[-1][:400]})" if lines else ""

    def path(self, path: Path) -> str:
        unix = str(path.absolute())
        reason = strange(unix)
        if reason:
            raise HarnessError(f"Windows programs cannot use the path {unix} ({reason}); move the "
                               "checkout, or set TMPDIR to another folder")
        return windows_path(unix)

    def describe(self) -> str:
        text = super().describe()
        if not self.lost:
            return text
        import psutil  # Here, as few hosts are lost. It tells a busy machine from a hang.
        lines = [text, f"the machine's load: {os.getloadavg()[0]:.1f}"]
        with suppress(psutil.Error):
            for process in psutil.Process(self.supervisor.pid).children(recursive=True):
                ran = sum(process.cpu_times()[:2])
                command = " ".join(process.cmdline())
                lines.append(f"{process.pid} {command}: is {process.status()}, ran {ran:.2f} s")
        return "\n".join(lines)

    def exit_code(self, process_id: int, code: int) -> int:
        """Wine reports 0 for a stack overflow, but writes a message first."""
        if not code:
            log = (self.folder / "agent.log").read_text(errors="replace")
            if re.search(rf"^{process_id:04x}:.* stack overflow ", log, re.MULTILINE):
                return STACK_OVERFLOW
        return code

    def lacks(self, arch: str) -> Optional[str]:
        problem = super().lacks(arch)
        if problem and arch == "i686":
            return machine.lacking(self.wine) or problem
        return problem

    def command(self, program: Path) -> List[str]:
        """Return the Unix command that starts an .exe, to run with `environment` in any folder."""
        return [str(self.wine.loader), str(program.absolute())]

    def _launch(self, program: Path) -> Any:
        return self.supervisor.pipe(self.command(program), self.environment,
                                    str(self.folder / "agent.log"))

    @property
    def lost(self) -> bool:
        return self.supervisor.process.poll() is not None or super().lost

    def close(self) -> None:
        self.supervisor.close()
        super().close()


def open_wine_host(settings: Settings) -> WineHost:
    """Open a new Wine host, in a minimal prefix if that works, else in a full one."""
    wine = find_wine(settings.wine)
    failures: List[str] = []
    for kind in [settings.prefix] if settings.prefix else ["minimal", "full"]:
        try:
            return WineHost(wine, settings, kind)
        except WineFailed as problem:
            failures.append(str(problem))
    raise HarnessError(f"Wine ({wine.loader}) cannot run programs; {'; '.join(failures)}; "
                       "check whether limits of processes or memory are low, reinstall it, or name "
                       "another one with --wine")
