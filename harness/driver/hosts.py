"""Opens the host of this platform, and replaces the host of a test process when it is lost."""
from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import List, Optional

from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings
from harness.driver.wine.installation import find_wine

if sys.platform == "win32":  # Each of these modules exists on its own platform only.
    from harness.driver.windows import WindowsHost, wine_version
else:
    from harness.driver.wine.host import open_wine_host


def open_host(settings: Settings, creates: str = "") -> Host:
    """Open a working host for this platform, where programs may create a file mapping object of the
    name `creates`. Raises HarnessError with cause and remedy."""
    if sys.platform == "win32":
        host: Host = WindowsHost(settings)
    else:
        host = open_wine_host(settings)
    refused = host.refuses(creates)
    if refused:
        host.close()
        raise HarnessError(refused)
    return host


def on_wine() -> bool:
    """Return whether programs run under Wine here, started by a Python of Linux or of Windows."""
    return sys.platform != "win32" or wine_version() is not None


def platform_name(wine: Optional[str] = None) -> str:
    """Describe where programs run: Windows, or Wine (the one at that path) and the machine. Raises
    HarnessError if there is no Wine."""
    if sys.platform == "win32":
        return platform.platform()
    return f"{find_wine(wine).version}, {platform.machine()}"


def wine_path(wine: Optional[str] = None) -> str:
    """Return the path of the Wine loader that runs programs here, as `--wine` takes it, or "" on
    Windows. Raises HarnessError if there is none."""
    return "" if sys.platform == "win32" else str(find_wine(wine).loader)


class Hosts:
    """Hands out a working host from `open_host`. `unusable` says why there is none, once that is
    known; `kept` lists the kept folders."""

    def __init__(self, settings: Settings, creates: str = "") -> None:
        self.settings = settings
        self.creates = creates
        self.current: Optional[Host] = None
        self.unusable: Optional[str] = None
        self.kept: List[Path] = []

    def get(self) -> Host:
        """Return an empty host. Raises HarnessError; after the first failure without a new attempt,
        which would take as long in every test."""
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
        """End what a test has left in the host. If that fails, close the host."""
        if self.current and not self.current.lost:
            try:
                self.current.sweep()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close the host, if there is one."""
        host, self.current = self.current, None
        if host:
            host.close()
