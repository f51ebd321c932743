"""A private Wine: a folder with a prefix and a home, a server, and a sandbox around them if wanted.
The supervisor of its processes makes it, for a host or for a run of harness.run."""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict, NamedTuple, Tuple

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import DEADLINE, WINEBOOT
from harness.driver.wine import dlls32, prefix, processor, sandbox, windows
from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.folders import server_answers
from harness.driver.wine.installation import Wine
from harness.driver.wine.paths import SYSTEM


class Choices(NamedTuple):
    """The properties of a Wine. `wine` is its loader, its server and its version; `prefix` is
    "minimal" or "full"; `sandbox` one of sandbox.CHOICES; `shown` are files and folders that
    programs in the sandbox may read; `debug` is whether a crash is described; `services` is whether
    Wine's services run, which several programs that start together need; `managed` is the result of
    display.is_managed, which needs a Python with Xlib."""

    wine: Tuple[str, ...]
    display: str = "null"
    prefix: str = "minimal"
    keep: bool = False
    sandbox: str = "none"
    shown: Tuple[str, ...] = ()
    services: bool = False
    debug: bool = False
    managed: bool = True


class PrivateWine:
    """A Wine in that folder, whose processes are among `processes`. `environment` is for its
    programs; `unsafe` says why there is no sandbox although it is "auto"."""

    def __init__(self, choices: Choices, folder: str, processes: ChildProcesses) -> None:
        self.choices = choices
        self.folder = folder
        self.unsafe = ""
        self.environment: Dict[str, str] = {}
        self._processes = processes
        loader, server, version = choices.wine
        self._wine = Wine(Path(loader), Path(server), version)

    def open(self) -> None:
        """Make it. Raises OSError, HarnessError if it cannot be made, and WineFailed if Wine does
        not work."""
        choices = self.choices
        home = Path(self.folder)
        self.environment = prefix.make_environment(home, choices.display)
        minimal = choices.prefix == "minimal"
        prefix.make(home / "prefix", self._wine, choices.display, choices.managed, minimal,
                    choices.debug)
        dlls32.add(home / "prefix", self._wine, self.environment)
        self._serve()
        if minimal:
            server = self._processes.inside or self._processes.server
            server_answers(self.folder)  # It listens before it has the page to write.
            processor.describe_to(server, windows.numbers(windows.version(self._wine)))
            prefix.use_minimal(self.environment, choices.services, choices.debug)
        else:
            self._fill()
        if choices.services:
            self._boot()

    def _serve(self) -> None:
        """Start the server, in the sandbox if one is wanted and works."""
        if self.choices.sandbox != "none":
            if self._listens(sandboxed=True):
                return
            self.unsafe = self._why()
            if self.choices.sandbox == "required":
                raise HarnessError(f"there is no sandbox here: {self.unsafe}")
        if not self._listens():
            raise WineFailed("the Wine server ended at once")

    def _listens(self, sandboxed: bool = False) -> bool:
        """Start the server. Return whether it listens; if not, it has ended."""
        command = [str(self._wine.server), "-f", "-p"]
        log = os.path.join(self.folder, "server.log")
        if sandboxed:
            if sandbox.lacking():
                return False
            shown = [str(path) for path in self._wine.folders()]
            shown += [str(dlls32.DLLS), *self.choices.shown]
            command = [*sandbox.command(self.folder, shown, self.environment), *command]
        # Debian's server of Wine 10 frees memory that is not its own if TMPDIR is set.
        without = {name: value for name, value in self.environment.items() if name != "TMPDIR"}
        for environment in (self.environment, without):
            if self._processes.serve(command, environment, self.folder, log, sandboxed):
                self.environment = environment
                return True
        return False

    def _why(self) -> str:
        """Return why no sandbox could be made."""
        if sandbox.lacking():
            return sandbox.lacking()
        with open(os.path.join(self.folder, "server.log"), errors="replace") as log:
            lines = [line for line in log if line.startswith("bwrap: ")]
        return lines[-1].strip() if lines else "the Wine server does not start in it"

    def _boot(self) -> None:
        """Boot, and start the desktop's process. Otherwise the first program does, and its output
        would not end before the services and the desktop do. If wineboot is killed, hostname.exe
        ends all the same, and the next program would wait for five minutes."""
        for words, seconds in ((["hostname.exe"], WINEBOOT),
                               (["rundll32.exe", "user32.dll,GetDesktopWindow"], DEADLINE)):
            command = [str(self._wine.loader), rf"{SYSTEM}\{words[0]}", *words[1:]]
            if self._processes.finish(command, self.environment, seconds) is None:
                raise HarnessError("Wine's start was interrupted (was its wineboot killed?), and "
                                   "no program can run in it; try again")

    def _fill(self) -> None:
        """Fill the prefix as `wineboot -i` does."""
        print("Wine fills a full prefix, which takes some seconds.", file=sys.stderr,
              flush=True)
        status = self._processes.finish([str(self._wine.loader), "wineboot.exe", "-i"],
                                        self.environment, WINEBOOT)
        if status is None:
            raise WineFailed(f"wineboot -i did not end within {WINEBOOT:g} s")
        if status:
            raise WineFailed(f"wineboot -i ended with {os.WEXITSTATUS(status)}")
