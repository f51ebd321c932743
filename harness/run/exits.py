"""The whole exit code of a Windows program, of which a Unix parent sees eight bits.

Wine passes the code to exit_group(2). A seccomp filter reports that one system call to the
supervisor, with its argument, and lets it go on. The kernel has to allow it (Linux 5.5; a
container's rules may not): without it, programs run all the same, and their exit code is the low
byte.
"""
from __future__ import annotations

import ctypes
import fcntl
import os
import struct
from typing import Optional

PR_SET_NO_NEW_PRIVS = 38
SYS_SECCOMP = 317  # On x86_64, the only architecture whose programs run here.
SECCOMP_SET_MODE_FILTER = 1
#: SPEC_ALLOW keeps the kernel from slowing the program down; NEW_LISTENER returns the listener.
FLAGS = 1 << 2 | 1 << 3
NOTIFY, ALLOW = 0x7FC00000, 0x7FFF0000
GO_ON = 1
#: ioctl numbers of linux/seccomp.h, and struct seccomp_notif: id, thread, flags, then seccomp_data.
RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTICE = struct.Struct("QIIiIQQ40x")
#: BPF: load a word of seccomp_data, jump if it equals, return.
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, ARCHITECTURE = 0, 4
X86_64, EXIT_GROUP, EXIT_GROUP_32 = 0xC000003E, 231, 252
FILTER = b"".join(struct.pack("HBBI", *line) for line in (
    (LOAD, 0, 0, ARCHITECTURE),
    (EQUAL, 0, 2, X86_64),
    (LOAD, 0, 0, NUMBER),
    (EQUAL, 3, 2, EXIT_GROUP),
    (LOAD, 0, 0, NUMBER),
    (EQUAL, 1, 0, EXIT_GROUP_32),
    (RETURN, 0, 0, ALLOW),
    (RETURN, 0, 0, NOTIFY)))


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def listen(libc: ctypes.CDLL) -> int:
    """Have every exit of this process and of what it starts reported: the file on which that
    happens, or -1 where the kernel does not allow it."""
    program = Program(len(FILTER) // 8, FILTER)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return int(libc.syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, FLAGS, ctypes.byref(program)))


def receive(listener: int, process: int) -> Optional[int]:
    """Let the next process that ends go on: its exit code if it is `process`, or else None."""
    notice = bytearray(NOTICE.size)
    try:
        fcntl.ioctl(listener, RECEIVE, notice, True)
        number, thread, _, _, _, _, code = NOTICE.unpack(notice)
        ours = os.path.exists(f"/proc/{process}/task/{thread}")
        fcntl.ioctl(listener, SEND, struct.pack("QqiI", number, 0, 0, GO_ON))
    except OSError:
        return None  # It was killed in the meantime.
    return code & 0xFFFFFFFF if ours else None
