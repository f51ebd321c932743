"""The scratch folder of a check."""
from __future__ import annotations

import atexit
import functools
import sys
import tempfile
from pathlib import Path


@functools.lru_cache(maxsize=None)
def _all() -> str:
    """Create the folder that is removed when this process ends: on Unix by a supervisor, even if a
    signal interrupts its creation or kills this process. Raises HarnessError if that is
    impossible."""
    if sys.platform == "win32":
        folder = tempfile.TemporaryDirectory(prefix="named-shared-memory-")
        atexit.register(folder.cleanup)
        return folder.name
    from harness.driver.wine.host import Supervisor
    supervisor = Supervisor(False)
    atexit.register(supervisor.close)
    return supervisor.folder


def new_folder() -> Path:
    """Create a folder that is removed when this process ends. Raises HarnessError if that is
    impossible."""
    return Path(tempfile.mkdtemp(dir=_all()))
