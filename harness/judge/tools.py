"""Runs a compiler or another system tool on files that were handed in: in a sandbox if possible,
with limits on time, memory and output."""
from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Set

#: The limits of a tool: bytes of its output that are read, and seconds.
MOST, LONGEST = 1 << 16, 60.0
#: Seconds that a terminated tool has to exit.
GRACE = 5.0
#: The signals that end a process as Ctrl-C does.
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")
           if hasattr(signal, name)]
#: The tools that run now, and whether no more are wanted.
_running: "Set[subprocess.Popen[bytes]]" = set()
_stopped = threading.Event()


class Done(NamedTuple):
    """A tool's exit code (None: it was too slow) and output."""

    code: Optional[int]
    text: str


@functools.lru_cache(maxsize=None)
def unsafe() -> str:
    """Return why there is no sandbox for a tool here, or ""."""
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
    """Run a tool in the directory `where` for at most `seconds`, with these `variables` added to
    its environment. If it is `confined` and a sandbox works here, it can read only the files
    `shown`, and write only into `folder`. The output includes standard error."""
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
            if _stopped.is_set():  # It started just when all others were ended.
                _end(process)
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
    """Return the function that sets the tool's resource limits, or None on Windows."""
    if sys.platform == "win32":
        return None
    from harness.driver.wine.spawn import limit
    return limit


def interrupt_on_signals() -> None:
    """Let SIGTERM and a closed terminal raise KeyboardInterrupt, as Ctrl-C does: by default they
    end Python at once, and nothing is cleaned up."""
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def signals_noted() -> Iterator[List[int]]:
    """Put the numbers of signals that should end this process into the list. An exception, which
    may be raised anywhere, would break the locks that threads share."""
    noted: List[int] = []
    before = [(number, signal.signal(number, lambda number, _: noted.append(number)))
              for number in SIGNALS]
    try:
        yield noted
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def stop() -> None:
    """End the running tools of all threads, and those that they are about to start."""
    _stopped.set()
    for process in list(_running):
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a tool and what it has started: first with SIGTERM, then with SIGKILL."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
