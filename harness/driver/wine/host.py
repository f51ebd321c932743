"""The host under Wine: a prefix, a HOME, a server and a folder that nobody else uses."""
from __future__ import annotations

import errno
import os
import select
import time
from pathlib import Path
from typing import List, Optional

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.host import Host, Settings
from harness.driver.waiting import WINE_SERVER
from harness.driver.wine import display, dlls32, prefix
from harness.driver.wine.aslr import without_aslr
from harness.driver.wine.installation import Wine, find_wine
from harness.driver.wine.supervised import SupervisedProcess, Supervisor

#: Windows has 260 characters for a path, the drive, a file name and the end included.
LONGEST_PATH = 230
#: Errors of a machine or a user that has no more processes or memory.
SCARCE = (errno.EAGAIN, errno.ENOMEM)
#: Files that a Wine server with a scene in it may have to open.
FEWEST_FILES = 256


class WineHost(Host):
    """A private Wine: `kind` is how its prefix is made, "minimal" or "full".

    With `environment` and `command` a program can be started in it as a person at a Unix
    terminal would; `sweep` does not know of such a program.

    Raises HarnessError where there is no place for it, WineFailed where Wine does not work.
    """

    def __init__(self, wine: Wine, settings: Settings, kind: str) -> None:
        super().__init__(settings)
        self.wine = wine
        self.kind = kind
        self.display = settings.display
        managed = True
        if settings.display == "x11":
            display.check(os.environ.get("DISPLAY", ""))
            managed = display.is_managed(os.environ["DISPLAY"])
        import resource  # Here, since tests that also run on Windows import this module.
        if 0 <= resource.getrlimit(resource.RLIMIT_NOFILE)[1] < FEWEST_FILES:
            raise HarnessError(f"Wine has to open at least {FEWEST_FILES} files; raise the limit, "
                               "as in ulimit -n 1024")
        self.supervisor = Supervisor(settings.keep)
        self.folder = self.supervisor.folder
        self.server: Optional[SupervisedProcess] = None
        placed = False
        try:
            self.path(self.folder / "agent.log")
            self._agent_exe("x86_64")  # Without it, Wine would get the blame.
            self.environment = prefix.make_environment(self.folder, settings.display)
            # Nothing else of the user's surroundings.
            self.environment["PATH"] = os.environ.get("PATH", os.defpath)
            prefix.make_minimal(self.folder / "prefix", settings.display, managed)
            dlls32.add(self.folder / "prefix", wine, self.environment)
            programs = wine.library("x86_64-windows")
            if programs:
                prefix.furnish(self.folder / "prefix", programs)
            placed = True
            self._serve()
            if kind == "full":
                prefix.make_full(wine.loader, self.environment)
            else:
                prefix.use_minimal(self.environment)
            self.prove()
        except BaseException as problem:
            log = self._log()
            self.close()
            if isinstance(problem, OSError) and problem.errno not in SCARCE:
                raise HarnessError(f"the temporary folder {self.folder.parent} cannot be used "
                                   f"({problem}); set TMPDIR to another one")
            if placed and isinstance(problem, (HarnessError, OSError, RuntimeError)):
                raise WineFailed(f"{kind} prefix: {problem}{log}")
            raise

    def _serve(self) -> None:
        """Start the server in the foreground and wait until it listens."""
        if not self._server_listens():
            # Debian's server of Wine 10 frees memory that is not its own where TMPDIR is set.
            del self.environment["TMPDIR"]
            if not self._server_listens():
                raise HarnessError("the Wine server ended at once")

    def _server_listens(self, seconds: float = WINE_SERVER) -> bool:
        """Start it; whether it listens, or has ended instead."""
        # Should the supervisor be killed, the kernel sends the server SIGINT, at which it ends all
        # of its clients too; after SIGTERM it would leave some behind.
        command = ["setpriv", "--pdeathsig", "INT", str(self.wine.server), "-f", "-p"]
        self.server = self.supervisor.pipe(command, self.environment, self.folder / "server.log")
        from harness.driver.wine.supervisor import server_listens
        end = time.monotonic() + seconds
        while not server_listens(str(self.folder)):
            # Nothing announces the socket; a look each millisecond costs nothing.
            if select.select([self.server.stdout], [], [], 0.001)[0]:
                self.server.close()
                return False
            if time.monotonic() > end:
                raise HarnessError(f"the Wine server did not start within {seconds:g} s")
        return True

    def _log(self) -> str:
        lines = [line for file in self.folder.glob("*.log")
                 for line in file.read_text(errors="replace").splitlines() if line.strip()]
        return f" (its log ends: {lines[-1][:400]})" if lines else ""

    def path(self, path: Path) -> str:
        unix = str(path.absolute())
        strange = sorted(set(unix) & set('"*:<>?\\|')) or len(unix) > LONGEST_PATH
        if strange:
            what = f"{' '.join(strange)} in it" if isinstance(strange, list) else "too long"
            raise HarnessError(f"Windows programs cannot use the path {unix} ({what}); move the "
                               "checkout, or set TMPDIR to another folder, whichever it is")
        return "Z:" + unix.replace("/", "\\")

    def prove(self, arch: str = "x86_64") -> None:
        if arch == "i686" and self.kind == "minimal":
            prefix.describe_processor(self.wine.loader, self.environment)
        super().prove(arch)

    def describe(self) -> str:
        told = super().describe()
        if not self.lost:
            return told
        from harness.driver.wine import processes  # Here, as supervisor.py, which it needs.
        return f"{told}\n{processes.describe(self.supervisor.process.pid)}"

    def lacks(self, arch: str) -> Optional[str]:
        problem = super().lacks(arch)
        if problem and arch == "i686":
            return dlls32.lacking(self.wine, self.folder) or problem
        return problem

    def command(self, program: Path) -> List[str]:
        """The Unix command that starts an .exe, to be run with `environment` in any folder."""
        return [*without_aslr(), str(self.wine.loader), str(program.absolute())]

    def _launch(self, program: Path) -> SupervisedProcess:
        return self.supervisor.pipe(self.command(program), self.environment,
                                    self.folder / "agent.log")

    @property
    def lost(self) -> bool:
        return self.supervisor.dead or super().lost

    def close(self) -> None:
        self.supervisor.close()
        super().close()
        if self.server:
            self.server.close()


def open_wine_host(settings: Settings) -> WineHost:
    """A new Wine host, in a minimal prefix where that works and else in a full one."""
    wine = find_wine(settings.wine)
    failures: List[str] = []
    for kind in [settings.prefix] if settings.prefix else ["minimal", "full"]:
        try:
            return WineHost(wine, settings, kind)
        except WineFailed as problem:
            failures.append(str(problem))
    raise HarnessError(f"Wine ({wine.loader}) cannot run programs; {'; '.join(failures)}; "
                       "see whether limits of processes or memory are low, reinstall it, or name "
                       "another one with --wine")
