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

PR_SET_PDEATHSIG = 1
#: Seconds after which a run that was to end is interrupted again: Python drops an exception that is
#: raised in a destructor.
AGAIN = 5.0


class Hang(HarnessError):
    """A test went on and on without any single wait being late."""


def _too_long(_signal: int, _frame: Optional[FrameType]) -> None:
    raise Hang("the test, or what is done after it, hangs; the traceback shows where")


def _in_main_thread() -> bool:
    """Where alone Python lets signals be handled."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise Hang in the body once it has taken that long. On Windows, where nothing interrupts a
    call, and in a parallel worker that pytest-xdist has put into another thread than the main one,
    the deadlines of the single waits must do."""
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
    """Let the body, all of whose waits have deadlines, take none of the time of `limit`."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _interrupt() -> None:
    """What Ctrl-C does, from another thread. (A job in the background has SIGINT ignored.)"""
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


class Limits:
    """The pytest plugin. `ceiling` is how long the whole run may take, in seconds; a parallel
    worker has None, since whoever started it looks after it."""

    def __init__(self, ceiling: Optional[float]) -> None:
        self.ceiling = ceiling
        self.stopped = ""
        self.workers: List[int] = []
        self.ended = False

    def pytest_sessionstart(self) -> None:
        """SIGTERM and a closed terminal end the run as Ctrl-C does; so does the ceiling."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name) and _in_main_thread():
                signal.signal(getattr(signal, name), self._end)
        if self.ceiling:
            self._later(self.ceiling, self._stop)
        elif sys.platform == "linux":
            # A worker whose controller was killed would not notice while its test goes on.
            import ctypes  # Not every Python on Windows has it.
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
        """It has been heard."""
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
        """How many seconds: `TEST`, or as many as the test's marker `time_limit` says."""
        marker = item.get_closest_marker("time_limit")
        seconds: float = marker.args[0] if marker else TEST
        return seconds * max(1.0, deadlines.scale)

    @pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """The set-up of a test may take as long as the test."""
        with limit(self._allowed(item)):
            yield

    @pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Limit the test itself."""
        with limit(self._allowed(item)):
            yield

    @pytest.hookimpl(hookwrapper=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        """So may the tear-down."""
        with limit(self._allowed(item)):
            yield
