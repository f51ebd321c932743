"""The host on Windows: programs are simply started."""
from __future__ import annotations

import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from .host import Host, Settings


class WindowsHost(Host):
    """This Windows session, with a scratch folder. The agent's console has no window."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.kind = f"Windows {platform.version()}"
        self.display = "desktop"
        self._keep = settings.keep
        self.folder = Path(tempfile.mkdtemp(prefix="named-shared-memory-"))
        try:
            self.prove()
        except BaseException:
            self.close()
            raise

    def path(self, path: Path) -> str:
        return str(path)

    def _launch(self, program: Path) -> "subprocess.Popen[bytes]":
        hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                creationflags=hidden)

    def close(self) -> None:
        super().close()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)
