"""The host on Windows, where programs simply start."""
from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Optional

from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.paths import BUILD
from harness.driver.waiting import wait_for
from harness.driver.win32 import tokens
from harness.driver.win32.agent import Agent
from harness.driver.win32.constants import ERROR_ACCESS_DENIED
from harness.driver.win32.functions import Win32
from harness.driver.win32.objects import create_named

#: Held by a run, since all runs on Windows share the pair's one name. Unlike a file mapping object,
#: any user may create a mutex under Global\.
CLAIM = "Global\\named-shared-memory-harness"


def start_agent(program: Path, log: Any) -> "subprocess.Popen[bytes]":
    """Start an agent with pipes; `log` is a file for its standard error. Without a console, Ctrl-C
    in the user's does not reach it; the consoles that it allocates are hidden. Raises HarnessError.
    """
    how: Dict[str, Any] = {}
    if sys.platform == "win32":
        how = {"creationflags": subprocess.DETACHED_PROCESS, "startupinfo": subprocess.STARTUPINFO(
            dwFlags=subprocess.STARTF_USESHOWWINDOW, wShowWindow=subprocess.SW_HIDE)}
    try:
        return subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=log, **how)
    except OSError as problem:
        raise HarnessError(f"{program} could not be started ({problem}); if Windows or a virus "
                           "scanner blocks it, see docs/windows.md")


@lru_cache(maxsize=None)
def wine_version() -> Optional[str]:
    """Return the version of Wine if this is a Windows Python under Wine, None on Windows. Asks an
    agent; also None if that fails, as the first host then reports why."""
    try:
        agent = Agent(start_agent(BUILD / "x86_64" / "agent.exe", subprocess.DEVNULL))
    except HarnessError:
        return None
    try:
        return tokens.wine_version(Win32(agent))
    except (HarnessError, Win32Error):
        return None
    finally:
        agent.close()


def system() -> str:
    """Describe the system that this Python runs on, in a few words."""
    wine = wine_version()
    return f"Wine {wine} with a Windows Python" if wine else f"Windows {platform.version()}"


class WindowsHost(Host):
    """This Windows session. Raises HarnessError while another run holds the name."""

    unsafe = "there is none on Windows"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.kind = system()
        self.display = "desktop"
        self._keep = settings.keep
        self.folder = Path(tempfile.mkdtemp(prefix="named-shared-memory-"))
        try:
            self.prove()
            self._take_name()
            token = self.token()
            self.creates_global = token.session == 0 or token.create_global
        except BaseException:
            self.close()
            raise

    def _take_name(self) -> None:
        try:
            taken = create_named(self.win32(), CLAIM, "mutex").existed
        except Win32Error as error:
            if error.code != ERROR_ACCESS_DENIED:
                raise
            taken = True  # By another user, or by an elevated run.
        if taken:
            raise HarnessError("another run of this harness is under way, and all of Windows "
                               "shares one object name; wait for its end, and do not use -n")

    def path(self, path: Path) -> str:
        return str(path.absolute())

    def _launch(self, program: Path) -> "subprocess.Popen[bytes]":
        with open(self.folder / "agent.log", "ab") as log:
            return start_agent(program, log)

    def close(self) -> None:
        super().close()
        if not self._keep:
            self._remove_folder()

    def _remove_folder(self) -> None:
        """Remove the scratch folder, which the agent's programs have open until their job ends."""
        def gone() -> bool:
            shutil.rmtree(self.folder, ignore_errors=True)
            return not os.path.exists(self.folder)
        try:
            wait_for(gone, f"the removal of {self.folder}", lambda: "it is in use", seconds=5)
        except Expired as problem:
            print(f"harness: {problem}", file=sys.stderr)
