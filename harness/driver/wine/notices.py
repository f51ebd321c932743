"""Reads what a Unix parent cannot see of programs under Wine: the whole exit code, of which a
parent gets eight bits, and Wine's own messages, which would go to standard error.

Wine passes the code to exit_group(2), and writes its messages to file 2, unlike Windows programs,
which have other files. A seccomp filter reports these calls to the supervisor. This needs Linux 5.5
and may be denied in a container. Without it programs run all the same, but their exit code is the
low byte, and Wine's messages are not read."""
from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from collections.abc import Iterable
from contextlib import suppress

from harness.driver.wine.spawn import LIBC, PR_SET_NO_NEW_PRIVS

SYS_SECCOMP = 317  # On x86_64, the only architecture whose programs run here.
SECCOMP_SET_MODE_FILTER = 1
#: SPEC_ALLOW keeps the kernel from slowing the program down; NEW_LISTENER returns the listener.
FLAGS = 1 << 2 | 1 << 3
NOTIFY, ALLOW, REFUSE = 0x7FC00000, 0x7FFF0000, 0x00050001
GO_ON = 1
#: ioctl numbers of linux/seccomp.h, and struct seccomp_notif: id, thread, flags, then seccomp_data
#: with the number of the call, the architecture, the address, and the arguments.
RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTICE = struct.Struct("QIIiIQ3Q24x")
#: BPF: load a word of seccomp_data, jump if it equals, return.
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24
X86_64, WRITE, IOCTL, EXIT_GROUP, EXIT_GROUP_32 = 0xC000003E, 1, 16, 231, 252
#: The ioctl that puts keys into a terminal as if a user had typed them.
TIOCSTI = 0x5412
FILTER = (
    (LOAD, 0, 0, ARCHITECTURE),
    (EQUAL, 2, 0, X86_64),
    (LOAD, 0, 0, NUMBER),
    (EQUAL, 10, 8, EXIT_GROUP_32),
    (LOAD, 0, 0, NUMBER),
    (EQUAL, 8, 0, EXIT_GROUP),
    (EQUAL, 0, 2, IOCTL),
    (LOAD, 0, 0, SECOND),
    (EQUAL, 4, 3, TIOCSTI),
    (EQUAL, 0, 2, WRITE),
    (LOAD, 0, 0, FIRST),
    (EQUAL, 2, 0, 2),
    (RETURN, 0, 0, ALLOW),
    (RETURN, 0, 0, REFUSE),
    (RETURN, 0, 0, NOTIFY))
#: Messages of Wine for the supervisor; other output passes.
WINE_SAYS = (rb"[0-9a-f]{4,}:(?:err|fixme):|wine: (Unhandled|Unimplemented|Call from) |"
             rb"Read the Wine Dev")
#: The most messages to keep for a process.
MOST = 40


def install(lines: Iterable[tuple[int, int, int, int]] = FILTER, flags: int = FLAGS) -> int:
    """Install a seccomp filter, by default the one that has those calls of this process and its
    descendants reported. Return the file that reports them, or -1 if the kernel denies it."""
    LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    kept = ctypes.create_string_buffer(code)
    program = struct.pack("HP", len(code) // 8, ctypes.addressof(kept))  # struct sock_fprog
    return int(LIBC.syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, flags, program))


class Notices:
    """What the processes of a run have reported, by process id: the exit `codes`, and Wine's
    messages, `words`. `killed` is whether the `program` has ended with 0 because another process
    (TerminateProcess) or its debugger ended it: Wine passes on no code then. Unless `quiet`, the
    messages also go to standard error."""

    def __init__(self, listener: int, program: int, quiet: bool) -> None:
        self.listener = listener
        self.codes: dict[int, int] = {}
        self.words: dict[int, list[str]] = {}
        self.killed = False
        self.program = program
        self._quiet = quiet

    def receive(self) -> None:
        """Receive the next call. Let it continue, unless it was a message for this process."""
        notice = bytearray(NOTICE.size)
        try:
            fcntl.ioctl(self.listener, RECEIVE, notice, True)
            number, thread, _, call, _, _, *arguments = NOTICE.unpack(notice)
            process = _process_of(thread)
            result, flags = 0, GO_ON
            if call == WRITE:
                import re  # Here, as few programs have messages.
                address, size = arguments[1], arguments[2]
                text = _read(thread, address, min(size, 4096)) if size < 4096 else b""
                if re.match(WINE_SAYS, text):
                    lines = self.words.setdefault(process, [])
                    lines += text.decode(errors="replace").splitlines()
                    del lines[:-MOST]
                    if self._quiet:
                        result, flags = size, 0
            else:
                self.codes[process] = arguments[0] & 0xFFFFFFFF
                if process == self.program and not arguments[0]:
                    self.killed = _is_killed(process)
            fcntl.ioctl(self.listener, SEND, struct.pack("QqiI", number, result, 0, flags))
        except OSError:
            pass  # It was killed in the meantime.


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status", "rb") as status:
        return int(status.read().partition(b"\nTgid:")[2].split()[0])


def _is_killed(process: int) -> bool:
    """Return whether Wine's server has ordered a process to end. Before it ends by itself, a
    process closes its connection to the server, its only Unix socket that is neither a standard
    stream nor inherited. Raises OSError."""
    files = _files(process)
    others = {*_files(os.getpid()).values(), *(files.get(number, "") for number in range(3))}
    with open(f"/proc/{process}/net/unix", encoding="utf-8", errors="replace") as sockets:
        unix = {f"socket:[{line.split()[6]}]" for line in sockets}
    return not unix.isdisjoint(set(files.values()) - others)


def _files(process: int) -> dict[int, str]:
    folder, found = f"/proc/{process}/fd", {}
    for name in os.listdir(folder):
        with suppress(FileNotFoundError):  # This is the open folder.
            found[int(name)] = os.readlink(f"{folder}/{name}")
    return found


def _read(thread: int, address: int, size: int) -> bytes:
    """Read a part of its memory; nothing if that is denied."""
    try:
        with open(f"/proc/{thread}/mem", "rb", 0) as memory:
            return os.pread(memory.fileno(), size, address)
    except OSError:
        return b""
