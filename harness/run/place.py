"""A Wine of a run's own, or for those that share it."""
from __future__ import annotations

import os
from typing import Optional

from harness.driver.errors import HarnessError
from harness.driver.waiting import DEADLINE, WINEBOOT
from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.folders import new_folder
from harness.driver.wine.installation import find_wine
from harness.driver.wine.paths import SYSTEM
from harness.driver.wine.private import Choices, PrivateWine
from harness.run.program import Kind, Place


class OwnPlace(Place):
    """A Wine for one run, or for several that share the `folder`. `wine` is the path of its loader,
    that of its server, and its version. Raises HarnessError where none is installed; `open` raises
    that, too."""

    def __init__(self, kind: Kind, folder: str = "") -> None:
        self.kind = kind
        self.shared = bool(folder)
        wine = find_wine(kind.wine)
        self.wine = (str(wine.loader), str(wine.server), wine.version)
        # Known to the caller, too, before it is made: whoever survives removes it.
        self.folder = folder or new_folder()
        self._private: Optional[PrivateWine] = None

    def open(self, processes: ChildProcesses) -> None:
        try:
            os.mkdir(self.folder, 0o700)
        except OSError as problem:
            raise HarnessError(f"no folder can be made in {os.path.dirname(problem.filename)} "
                               f"({problem.strerror}); set TMPDIR to one that you may write to")
        managed = True
        if self.kind.display == "x11":
            from harness.driver.wine.display import is_managed  # Here, as few need it.
            managed = is_managed()
        self._private = PrivateWine(
            Choices(self.wine, *self.kind[1:], self.shared, debug=True, managed=managed),
            self.folder, processes)
        self._private.open()
        self.environment = self._private.environment
        self.unsafe = self._private.unsafe
        if self.shared:
            # Boot, and start the desktop process. Otherwise the first program does, and its output
            # would not end before the services and the desktop do. If wineboot is killed, the first
            # of these ends all the same, and whatever is started next waits for five minutes.
            for words, seconds in ((["hostname.exe"], WINEBOOT),
                                   (["rundll32.exe", "user32.dll,GetDesktopWindow"], DEADLINE)):
                command = [self.wine[0], rf"{SYSTEM}\{words[0]}", *words[1:]]
                if processes.finish(command, self.environment, seconds) is None:
                    raise HarnessError("Wine's start was interrupted (was its wineboot killed?), "
                                       "and no program can run in it; try again")

    def close(self, processes: ChildProcesses) -> None:
        if self._private:
            self._private.close()
