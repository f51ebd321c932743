"""What can go wrong between a test and Win32."""


class HarnessError(Exception):
    """The harness or its surroundings failed; says nothing about the programs under test."""


class WineFailed(HarnessError):
    """This Wine does not work with this kind of prefix."""


class HostLost(HarnessError):
    """The agent ended, or did not answer in time; the host must be replaced."""


class Expired(Exception):
    """A deadline passed; the text says what was awaited and what was seen."""


class Win32Error(Exception):
    """A Win32 call made by the agent failed: `call` is its name, `code` its GetLastError()."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call} failed with {code}")
        self.call = call
        self.code = code
