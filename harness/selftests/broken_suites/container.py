"""Process 1 of a strict container, for commands of the self-tests: it reaps only its own children,
and a seccomp filter refuses what a run might want and Docker's default profile refuses.

    python3 container.py COMMAND...
"""
from __future__ import annotations

import ctypes
import errno
import os
import struct
import subprocess
import sys

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
#: System calls of x86_64 that fail with EPERM: personality, unshare, mount.
REFUSED = (135, 272, 165)
LOAD_NUMBER = (0x20, 0, 0, 0)
ALLOW = (0x06, 0, 0, 0x7FFF0000)
REFUSE = (0x06, 0, 0, 0x00050000 | errno.EPERM)


def confine() -> None:
    """Refuse those calls to this process and its descendants. Raises OSError."""
    program = [LOAD_NUMBER]
    for number in REFUSED:
        program += [(0x15, 0, 1, number), REFUSE]  # For this call refuse, else skip.
    program.append(ALLOW)
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))
    whole = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program),
                                                    ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
            PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(whole)), 0, 0):
        raise OSError(ctypes.get_errno(), "no seccomp filter")


if __name__ == "__main__":
    assert os.getpid() == 1, "for process 1 of a namespace"
    confine()
    # Wait only for that process, as process 1 of many containers does.
    sys.exit(subprocess.call(sys.argv[1:]))
