"""The one host of a test process: opened at first use, replaced when it is lost."""
from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from .errors import HarnessError
from .host import Host, Settings, open_host


class Hosts:
    """Hands out a host that works. `unusable` says why none can be had, once that is known;
    `kept` lists the folders that stay."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
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
                self.current = open_host(self.settings)
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
