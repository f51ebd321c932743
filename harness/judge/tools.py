"""Runs a compiler, or another tool of the system, on what somebody hands in: in a sandbox where
that works, and with limits on time, memory and output."""
from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Callable, List, NamedTuple, Optional, Sequence, Set

#: As many bytes of what a tool prints are read, and as many seconds it gets.
MOST, LONGEST = 1 << 16, 60.0
#: Seconds that one has for its own end.
GRACE = 5.0


#: What runs now.
_running: "Set[subprocess.Popen[bytes]]" = set()


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
    if sandbox.lacking():
        return sandbox.lacking()
    done = subprocess.run(sandbox.tool(["true"], ()), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONGEST)
    text = done.stderr.decode(errors="replace").strip()
    return text or f"bubblewrap ended with {done.returncode}" if done.returncode else ""


def run(words: Sequence[str], shown: Sequence[Path], folder: str = "", where: str = "/",
        confined: bool = True, seconds: float = LONGEST, **variables: str) -> Done:
    """Run a tool, which begins in `where`, and may read the files that are `shown` and write into
    the folder: no others if it is `confined` and there is a sandbox here. It may take so many
    `seconds`, and has these `variables` besides its environment. Its standard error is among what
    it printed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **variables}
    command: List[str] = list(words)
    if confined and not unsafe():
        from harness.driver.wine import sandbox
        command = sandbox.tool(command, map(str, shown), folder, where)
        environment = {name: environment[name] for name in ("LC_ALL", "PATH")
                       if name in environment}
    with tempfile.TemporaryFile() as output, subprocess.Popen(
            command, cwd=where, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True, preexec_fn=_limits()) as process:
        try:
            _running.add(process)
            code: Optional[int] = process.wait(seconds)
        except BaseException as problem:
            _end(process)
            if not isinstance(problem, subprocess.TimeoutExpired):
                raise
            code = None
        finally:
            _running.discard(process)
        output.seek(0)
        return Done(code, output.read(MOST).decode(errors="replace"))


def _limits() -> Optional[Callable[[], None]]:
    """What gives the tool its limits, where a process can have any."""
    if sys.platform == "win32":
        return None
    from harness.driver.wine.spawn import limit
    return limit


def stop() -> None:
    """End all tools that run in any thread."""
    for process in list(_running):
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a tool, and what it has started: in good order if it does so soon."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
