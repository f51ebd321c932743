"""Opens the host of this platform; and the one host of a test process, replaced when it is lost."""
from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import List, Optional

from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings


def open_host(settings: Settings, creates: str = "") -> Host:
    """A new host for this platform, proven to work, where programs may create a file mapping of the
    name `creates`. Raises HarnessError with cause and remedy."""
    # What one platform needs is not there on the other.
    if sys.platform == "win32":
        from harness.driver.windows import WindowsHost
        host: Host = WindowsHost(settings)
    else:
        from harness.driver.wine.host import open_wine_host
        host = open_wine_host(settings)
    refused = host.refuses(creates)
    if refused:
        host.close()
        raise HarnessError(refused)
    return host


def on_wine() -> bool:
    """Whether programs run under Wine here, by a Python of Linux or by a Windows Python."""
    if sys.platform == "win32":
        from harness.driver.windows import wine_version
        return wine_version() is not None
    return True


def platform_name(wine: Optional[str] = None) -> str:
    """Where programs run here: Windows, or Wine (the one at that path) and the machine. Raises
    HarnessError where there is no Wine."""
    if sys.platform == "win32":
        return platform.platform()
    from harness.driver.wine.installation import find_wine
    return f"{find_wine(wine).version}, {platform.machine()}"


def wine_path(wine: Optional[str] = None) -> str:
    """The loader of the Wine in which programs run here, as `--wine` takes it; or "". Raises
    HarnessError where there is none."""
    if sys.platform == "win32":
        return ""
    from harness.driver.wine.installation import find_wine
    return str(find_wine(wine).loader)


class Hosts:
    """Hands out a host that works, as `open_host` makes it. `unusable` says why none can be had,
    once that is known; `kept` lists the folders that stay."""

    def __init__(self, settings: Settings, creates: str = "") -> None:
        self.settings = settings
        self.creates = creates
        self.current: Optional[Host] = None
        self.unusable: Optional[str] = None
        self.kept: List[Path] = []

    def get(self) -> Host:
        """A host with nothing in it. Raises HarnessError; a second time, without another try,
        since what is wrong with the surroundings would cost each test the same time again."""
        if self.unusable:
            raise HarnessError(self.unusable)
        if self.current and self.current.lost:
            self.close()
        if not self.current:
            try:
                self.current = open_host(self.settings, self.creates)
            except HarnessError as problem:
                self.unusable = str(problem)
                raise
            if self.settings.keep:
                self.kept.append(self.current.folder)
        return self.current

    def clear(self) -> None:
        """End what a test has left in the host. A host in which that fails is given up."""
        if self.current and not self.current.lost:
            try:
                self.current.sweep()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """End the host, if there is one."""
        host, self.current = self.current, None
        if host:
            host.close()
