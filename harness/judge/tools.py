"""Runs a compiler, or another tool of the system, on what somebody hands in: in a sandbox where
that works, and with limits on time, memory and output."""
from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, List, NamedTuple, Optional, Sequence

#: As many bytes of what a tool prints are read, and as many seconds it gets.
MOST, LONGEST = 1 << 16, 20.0


class Done(NamedTuple):
    """How a tool ended, None if it was too slow, and what it printed."""

    code: Optional[int]
    text: str


@functools.lru_cache(maxsize=None)
def unsafe() -> str:
    """Why there is no sandbox for a tool here, or an empty text."""
    if sys.platform == "win32":
        return "there is none on Windows"
    from harness.driver.wine import sandbox
    if not os.access(sandbox.BWRAP, os.X_OK):
        return "bubblewrap is not installed"
    done = subprocess.run(sandbox.tool(["true"], ()), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST)
    text = done.stderr.decode(errors="replace").strip()
    return text or f"bubblewrap ended with {done.returncode}" if done.returncode else ""


def run(words: Sequence[str], shown: Sequence[Path], folder: Optional[Path] = None,
        confined: bool = True) -> Done:
    """Run a tool that may read the files that are `shown` and write into the folder: no others if
    it is `confined` and there is a sandbox here. Its standard error is among what it printed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    command: List[str] = list(words)
    if confined and not unsafe():
        from harness.driver.wine import sandbox
        command = sandbox.tool(command, map(str, shown), str(folder or ""))
        environment = {name: environment[name] for name in ("LC_ALL", "PATH")
                       if name in environment}
    with tempfile.TemporaryFile() as output, subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, preexec_fn=_limits()) as process:
        try:
            code: Optional[int] = process.wait(LONGEST)
        except BaseException as problem:
            _end(process)
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise
            code = None
        output.seek(0)
        return Done(code, output.read(MOST).decode(errors="replace"))


def _limits() -> Optional[Callable[[], None]]:
    """What gives the tool its limits, where a process can have any."""
    if sys.platform == "win32":
        return None
    from harness.driver.wine.spawn import limit
    return limit


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a tool, and what it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
