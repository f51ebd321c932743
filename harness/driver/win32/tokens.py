"""What the agent's user may do: session, user, SeCreateGlobalPrivilege."""
from __future__ import annotations

import struct
from contextlib import contextmanager, suppress
from typing import Iterator, NamedTuple, Optional

from harness.driver.errors import HostLost, Win32Error
from harness.driver.win32.constants import (CURRENT_PROCESS, TOKEN_ASSIGN_PRIMARY, TOKEN_DUPLICATE,
                                            TOKEN_PRIVILEGES, TOKEN_QUERY, TOKEN_USER)
from harness.driver.win32.functions import Win32

#: Required outside of session 0 to create a file mapping object under Global\\ (O2).
CREATE_GLOBAL = "SeCreateGlobalPrivilege"
#: More privileges than exist.
MOST_PRIVILEGES = 100


class Token(NamedTuple):
    """A token's session, its user as a SID, whether it has SeCreateGlobalPrivilege."""

    session: int
    user: str
    create_global: bool


def _privilege(win32: Win32) -> bytes:
    luid = win32.out("QWORD")
    win32.LookupPrivilegeValueW(None, CREATE_GLOBAL, luid)
    return bytes(luid)


@contextmanager
def opened_token(win32: Win32, limited: bool = False) -> Iterator[int]:
    """Yield a handle to the agent's own token, or to a copy without SeCreateGlobalPrivilege. Raises
    Win32Error if there is none."""
    own, copy = win32.out("HANDLE"), win32.out("HANDLE")
    # The copy gets the original handle's rights. Request only those that CreateProcessAsUser needs:
    # others may be refused.
    rights = TOKEN_QUERY | (TOKEN_DUPLICATE | TOKEN_ASSIGN_PRIMARY if limited else 0)
    win32.OpenProcessToken(CURRENT_PROCESS, rights, own)
    try:
        if limited:
            win32.CreateRestrictedToken(own.value, 0, 0, None, 1, _privilege(win32) + bytes(4), 0,
                                        None, copy)
        yield copy.value or own.value
    finally:
        with suppress(HostLost):
            for handle in own, copy:
                if handle.value:
                    win32.CloseHandle(handle.value)


def token(win32: Win32, limited: bool = False) -> Token:
    """Describe the agent's own token, or the `limited` copy of it. Raises Win32Error."""
    session, needed = win32.out("DWORD"), win32.out("DWORD")
    user, text = win32.out("TOKEN_USER"), win32.out("PVOID")
    privileges = bytearray(4 + 12 * MOST_PRIVILEGES)
    win32.ProcessIdToSessionId(win32.GetCurrentProcessId(), session)
    with opened_token(win32, limited) as handle:
        win32.GetTokenInformation(handle, TOKEN_PRIVILEGES, privileges, len(privileges), needed)
        win32.GetTokenInformation(handle, TOKEN_USER, user, len(user), needed)
    # The SID follows the structure that points to it.
    win32.ConvertSidToStringSidW(bytes(user.room), text)
    try:
        name = win32.text(text.value, win32.lstrlenW(text.value))
    finally:
        with suppress(HostLost):
            win32.LocalFree(text.value)
    count, = struct.unpack_from("<I", privileges)
    luids = [bytes(privileges[4 + 12 * i:12 + 12 * i]) for i in range(count)]
    return Token(session.value, name, _privilege(win32) in luids)


def wine_version(win32: Win32) -> Optional[str]:
    """Return the version of Wine, or None on Windows, where ntdll.dll has no such function."""
    try:
        version = win32.wine_get_version()
    except Win32Error:
        return None
    return win32.read(version, win32.lstrlenA(version)).decode("ascii")
