"""Named objects in the host, made and opened by the agent as any other process may."""
from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

from harness.driver.agent import Agent

PAGE_READONLY, PAGE_READWRITE = 0x02, 0x04
#: What `occupy` can take a name with, as protocol.h has it.
OTHER_KINDS = ("event", "mutex", "semaphore", "timer", "job")
FILE_MAP_WRITE, FILE_MAP_READ, FILE_MAP_ALL_ACCESS = 0x02, 0x04, 0xF001F


class NamedObject:
    """A handle to a named object of any kind, held by the agent until `close`."""

    def __init__(self, agent: Agent, number: int, existed: bool) -> None:
        self.agent = agent
        self.number = number
        self.existed = existed
        self.closed = False

    def close(self) -> None:
        """Give up the view, if there is one, and the handle; a second time is no error."""
        if not self.closed:
            self.closed = True
            self.agent.request("close", object=self.number)


class Mapping(NamedObject):
    """A file-mapping object, with at most one view. `region` is the view's size in bytes."""

    region = 0

    def map(self, access: int = FILE_MAP_ALL_ACCESS, size: int = 0) -> "Mapping":
        """Map `size` bytes of it (0: all). Raises Win32Error as MapViewOfFile fails."""
        self.region = self.agent.request("map", object=self.number, access=access,
                                         bytes=size)["region"]
        return self

    def read(self, count: int, offset: int = 0) -> bytes:
        """`count` bytes of the view from `offset` on."""
        return bytes.fromhex(self.agent.request("read", object=self.number, offset=offset,
                                                count=count)["data"])

    def write(self, data: bytes, offset: int = 0) -> None:
        """Change the bytes of the view from `offset` on, for everyone who has mapped it."""
        self.agent.request("write", object=self.number, offset=offset, data=data)

    def unmap(self) -> None:
        """Give up the view and keep the handle."""
        self.agent.request("unmap", object=self.number)

    def section(self) -> Tuple[int, int]:
        """Size in bytes and SEC_* attributes, as NtQuerySection reports them."""
        answer = self.agent.request("section", object=self.number)
        return answer["size"], answer["attributes"]

    def handles(self) -> int:
        """How many handles all processes have to it, this one included (NtQueryObject)."""
        count: int = self.agent.request("handles", object=self.number)["handles"]
        return count


def create_mapping(agent: Agent, name: str, size: int, protect: int = PAGE_READWRITE,
                   file: Optional[str] = None, denied: bool = False,
                   owner: Optional[str] = None) -> Mapping:
    """CreateFileMapping of `size` bytes, over the paging file or a new file at the Windows path
    `file`; if `denied`, its DACL denies everyone access; if an `owner` is named (a SID), it belongs
    to them, and everyone may use it. Raises Win32Error."""
    sddl = "D:P" if denied else f"O:{owner}D:P(A;;GA;;;WD)" if owner else None
    answer = agent.request("create", name=name, size=size, protect=protect, file=file, sddl=sddl)
    return Mapping(agent, answer["object"], answer["existed"])


def open_mapping(agent: Agent, name: str, access: int = FILE_MAP_ALL_ACCESS) -> Mapping:
    """OpenFileMapping. Raises Win32Error with 2 where there is no such name."""
    answer = agent.request("open", name=name, access=access)
    return Mapping(agent, answer["object"], answer["existed"])


def occupy(agent: Agent, name: str, kind: str, is_set: bool = False) -> NamedObject:
    """Take the name with an object of one of OTHER_KINDS (an event that `is_set`). Raises
    Win32Error."""
    answer = agent.request("occupy", name=name, kind=kind, set=is_set or None)
    return NamedObject(agent, answer["object"], answer["existed"])


class Token(NamedTuple):
    """What a token may do: its session, whether it is elevated, whether it has
    SeCreateGlobalPrivilege."""

    session: int
    elevated: bool
    create_global: bool


def token(agent: Agent, limited: bool = False) -> Token:
    """The agent's own token, or the one that a program started with `limited_token` gets. Raises
    Win32Error where that cannot be made."""
    answer = agent.request("whoami", token="limited" if limited else None)
    return Token(answer["session"], answer["elevated"], answer["create_global"])


def directory(agent: Agent, path: str) -> List[Tuple[str, str]]:
    """Name and type of each entry of an object directory, such as `\\BaseNamedObjects`."""
    return [(entry["name"], entry["type"])
            for entry in agent.request("directory", path=path)["entries"]]
