"""Starts a program from a process without threads: fork, prepare, exec."""
from __future__ import annotations

import array
import ctypes
import os
import resource
import signal
import socket
from types import SimpleNamespace
from collections.abc import Callable, Sequence

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
ADDR_NO_RANDOMIZE = 0x0040000
#: The namespaces that a sandbox may have. Entering the first gives the right to enter the others.
NAMESPACES = ("user", "mnt", "net", "ipc", "uts", "pid")
#: The number of files that Wine may open at once.
FILES = 4096
#: Limits of a process in a sandbox, unless others are lower: bytes of private memory, bytes of a
#: file, processes and threads of the sandbox (the kernel does not apply this one to root).
LIMITS = {resource.RLIMIT_DATA: 2 << 30, resource.RLIMIT_FSIZE: 256 << 20,
          resource.RLIMIT_NPROC: 2000, resource.RLIMIT_CORE: 0}


class Start(SimpleNamespace):
    """How to start a program. `files` become its standard streams; without them it inherits those
    of this process. `group` is the process group to join; without one it leads its own session.
    `inside` is a process in the sandbox to enter; its limits apply then, and if `limited`.
    `last_wish` is the signal when this process dies (in a sandbox it dies anyway): a program
    without a server would start one that nothing ends. `prepare` is called in it last and may
    return an open file, or -1."""

    command: list[str]
    environment: dict[str, str]
    files: Sequence[int] = ()
    folder: str = ""
    group: int = 0
    inside: int = 0
    limited: bool = False
    last_wish: int = signal.SIGKILL
    prepare: Callable[[], int] | None = None


def spawn(start: Start) -> tuple[int, int]:
    """Start a program. Return its process id, and the file that `prepare` has returned in it, or
    -1. Raises OSError with the reason."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    child = os.fork()
    if not child:
        try:
            _join(start.group)
            if start.inside:
                enter(start.inside)
                pid = os.fork()  # Only children enter a process id namespace.
                if pid:
                    theirs.send(b"%d" % pid)
                    os._exit(0)
            else:
                LIBC.prctl(PR_SET_PDEATHSIG, start.last_wish, 0, 0, 0)
                if os.getppid() != parent:
                    os._exit(0)  # The parent has died already.
            _become(start, theirs)
        except BaseException as problem:
            theirs.send(b"!" + str(problem).encode(errors="replace"))
        finally:
            os._exit(127)
    theirs.close()
    pid, prepared = child, array.array("i")
    with ours:
        # The loop ends when exec has closed the other end.
        while True:
            message, extra, _, _ = ours.recvmsg(4096, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
            for _, _, data in extra:
                prepared.frombytes(data)
            if message.startswith(b"!"):
                raise OSError(message[1:].decode())
            if not message:
                break
            if message.isdigit():
                pid = int(message)
                os.waitpid(child, 0)
    return pid, prepared[0] if prepared else -1


def enter(process: int) -> None:
    """Enter a process's namespaces; that of process ids only for children. Raises OSError."""
    files = []
    for name in NAMESPACES:
        path = f"/proc/{process}/ns/{name}"
        if os.readlink(path) != os.readlink(f"/proc/self/ns/{name}"):
            files.append(os.open(path, os.O_RDONLY))
    for file in files:
        if LIBC.setns(file, 0):
            raise OSError(f"the sandbox cannot be entered: {os.strerror(ctypes.get_errno())}")
        os.close(file)


def _join(group: int) -> None:
    if not group:
        # The Wine server must not change the mode of this session's terminal.
        os.setsid()
        return
    try:
        os.setpgid(0, group)  # In the foreground of a terminal if the caller is.
    except OSError:
        pass  # The caller is gone.


def _become(start: Start, line: socket.socket) -> None:
    for number in range(1, signal.SIGSYS + 1):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    for number, file in enumerate(start.files):
        os.dup2(file, number)
    os.chdir(start.folder or ".")
    # Without this, one in several thousand starts of Debian's wine64 fails: its heap is where
    # Wine must map a page, at 0x7ffe0000.
    LIBC.personality(ADDR_NO_RANDOMIZE)
    if start.limited or start.inside:
        limit()
    if start.inside:  # Give up its rights in the sandbox permanently.
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        capability = 0
        while not LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            capability += 1
    file = start.prepare() if start.prepare else -1
    line.sendmsg([b"ready"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                               array.array("i", [file][:file >= 0]))])
    if file >= 0:
        os.close(file)
    os.execvpe(start.command[0], start.command, start.environment)


def limit() -> None:
    """Give this process the limits of a sandbox."""
    # Make a file that becomes too large an error of the call instead of the program's end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def allow_files() -> None:
    """Let Wine open many files. Respect a hard limit: the user set it on purpose."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
