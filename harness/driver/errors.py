"""The exceptions of the driver."""
from __future__ import annotations

from collections.abc import Sequence


class HarnessError(Exception):
    """The harness or its environment failed; says nothing about the programs under test."""


class WineFailed(HarnessError):
    """This Wine does not work with this kind of prefix."""


class HostLost(HarnessError):
    """The agent ended, or did not answer in time; the host must be replaced."""


class Expired(Exception):
    """A deadline passed; the message says what was expected and what was seen."""


class Win32Error(Exception):
    """A Win32 function failed in the agent: `call` is its name, `code` the last error, `arguments`
    the arguments as in a source file."""

    def __init__(self, call: str, code: int, arguments: str = "") -> None:
        from harness.driver.win32.constants import error_name  # Here: a run needs no constants.
        super().__init__(f"{call}{arguments} failed with {error_name(code)}")
        self.call = call
        self.code = code


class CallsLost(HarnessError):
    """Some calls of a traced program are unknown; the message says why. `calls` are the others."""

    def __init__(self, why: str, calls: Sequence[object] = ()) -> None:
        super().__init__(why)
        self.calls = list(calls)
