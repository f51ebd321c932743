"""Limits the time of each test and of the run, and shuts the run down cleanly on every signal."""
from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from contextlib import contextmanager
from types import FrameType
from typing import Any, Generator, Iterator, List, Optional

import pytest

from harness.driver.errors import HarnessError
from harness.driver.waiting import RUN_END, TEST, deadlines
from harness.judge.tools import SIGNALS

PR_SET_PDEATHSIG = 1
#: Seconds after which a run that should end is interrupted again: Python drops exceptions that are
#: raised in a destructor.
AGAIN = 5.0


class Hang(HarnessError):
    """A test took too long, although none of its waits did."""


def _too_long(_signal: int, _frame: Optional[FrameType]) -> None:
    raise Hang("the test or its tear-down hangs; the traceback shows where")


def _in_main_thread() -> bool:
    """Return whether this is the main thread, the only one in which Python handles signals."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise Hang in the body after that many seconds. Windows, where nothing interrupts a call, and
    workers of pytest-xdist outside the main thread have only the deadlines of single waits."""
    if not hasattr(signal, "setitimer") or not _in_main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def unlimited() -> Iterator[None]:
    """Exclude the time of the body from `limit`; all its waits must have deadlines."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _interrupt() -> None:
    """Do what Ctrl-C does, from another thread. (A background job ignores SIGINT.)"""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


class Limits:
    """The pytest plugin. `ceiling` is the time limit of the whole run in seconds, or None in a
    parallel worker, whose controller has one."""

    def __init__(self, ceiling: Optional[float]) -> None:
        self.ceiling = ceiling
        self.stopped = ""
        self.workers: List[int] = []
        self.ended = False

    def pytest_sessionstart(self) -> None:
        """Let SIGTERM, a closed terminal and the ceiling end the run as Ctrl-C does."""
        for number in SIGNALS if _in_main_thread() else []:
            signal.signal(number, self._end)
        if self.ceiling:
            self._later(self.ceiling, self._stop)
        elif sys.platform == "linux":
            # During a test a worker would not notice that its controller was killed.
            import ctypes  # Some Pythons on Windows lack it.
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    @pytest.hookimpl(optionalhook=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Note the process of a parallel worker."""
        # Asking the worker itself would occupy its main thread, where pytest is to run.
        self.workers.append(gateway._io.popen.pid)

    def _end(self, _signal: int, _frame: Optional[FrameType]) -> None:
        for worker in self.workers:
            # Only a terminal sends its Ctrl-C to all of them.
            try:
                os.kill(worker, signal.SIGTERM)
            except OSError:
                pass  # It has ended.
        self._later(AGAIN, self._insist)
        raise KeyboardInterrupt

    def _insist(self) -> None:
        if not self.ended:
            _interrupt()

    def pytest_keyboard_interrupt(self) -> None:
        """Note that pytest has handled the interrupt."""
        self.ended = True

    @staticmethod
    def _later(seconds: float, action: Any) -> None:
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.stopped = f"the run took longer than {self.ceiling:g} s (--ceiling) and was stopped"
        self._later(RUN_END, lambda: os._exit(pytest.ExitCode.INTERRUPTED))
        _interrupt()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say why the run was stopped."""
        if self.stopped:
            terminalreporter.write_line(self.stopped, red=True)

    @staticmethod
    def _allowed(item: pytest.Item) -> float:
        """Return the time limit of a test in seconds: its marker `time_limit`, or `TEST`."""
        marker = item.get_closest_marker("time_limit")
        seconds: float = marker.args[0] if marker else TEST
        return seconds * max(1.0, deadlines.scale)

    @pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Limit the set-up of a test, the test itself, and its tear-down."""
        with limit(self._allowed(item)):
            yield

    pytest_runtest_call = pytest_runtest_teardown = pytest_runtest_setup
