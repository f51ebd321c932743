"""The folder of a Wine, and those that its server makes elsewhere."""
from __future__ import annotations

import os
import signal
import socket
import struct
import time
from contextlib import suppress
from typing import List, Optional, Tuple

from harness.driver.errors import HarnessError

#: Seconds in which somebody else's process may still be writing into a folder that is removed.
GRACE = 0.3


def new_folder() -> str:
    """The path of a folder in the temporary directory that is still to be made."""
    parent = os.path.abspath(os.environ.get("TMPDIR") or "/tmp")
    return os.path.join(parent, f"named-shared-memory-{os.urandom(6).hex()}")


def make(folder: str) -> None:
    """Make that folder. Raises HarnessError where that is not possible."""
    try:
        os.mkdir(folder, 0o700)
    except OSError as problem:
        raise HarnessError(f"no folder can be made in {os.path.dirname(folder)} "
                           f"({problem.strerror}); set TMPDIR to one that you may write to")


def server_folders(folder: str) -> List[str]:
    """Where the Wine server of the prefix in the folder may have its socket: Debian's in the user's
    run-time folder if there is one, and else in a folder that it notes in the prefix, of TMPDIR or
    of /tmp; others derive it from the prefix alone. In a sandbox /tmp is TMPDIR. Raises OSError
    where there is no prefix."""
    prefix = os.stat(os.path.join(folder, "prefix"))
    tmp = os.path.join(folder, "tmp")
    user = os.getuid()
    homes = [f"/run/user/{user}/wine", f"/tmp/.wine-{user}", f"{tmp}/.wine-{user}"]
    try:
        with open(os.path.join(folder, "prefix", "wineserver"), encoding="utf-8") as note:
            name = note.read()
        homes += [os.path.join(tmp, name), os.path.join("/tmp", name)]
    except OSError:
        pass
    return [f"{home}/server-{prefix.st_dev:x}-{prefix.st_ino:x}" for home in homes]


def server_listens(folder: str) -> bool:
    """Whether the Wine server of the prefix in the folder has its socket."""
    return any(os.path.exists(f"{server}/socket") for server in server_folders(folder))


def _connected(folder: str, seconds: float) -> Optional[socket.socket]:
    """A connection to that server, or None."""
    if not os.path.exists(os.path.join(folder, "prefix")):
        return None
    for server in server_folders(folder):
        try:
            place = os.open(server, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue  # It is not there.
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(seconds)
        try:
            # The whole path may be longer than a socket's address.
            line.connect(f"/proc/self/fd/{place}/socket")
            return line
        except OSError:
            line.close()
        finally:
            os.close(place)
    return None


def server_answers(folder: str, seconds: float = 5.0) -> bool:
    """Whether that server still serves: it greets whoever connects. One that is about to end does
    not, though its socket is still there."""
    line = _connected(folder, seconds)
    try:
        return bool(line and line.recv(1))
    except OSError:
        return False
    finally:
        if line:
            line.close()


def _kill_server(folder: str) -> None:
    """End it, if it is still there: without clients it takes no notice of its supervisor's end."""
    with suppress(OSError):
        line = _connected(folder, GRACE)
        if line:
            with line:
                os.kill(peer(line)[0], signal.SIGKILL)


def peer(line: socket.socket) -> Tuple[int, int]:
    """The process and the user at the other end."""
    process, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED,
                                                           12))
    return process, user


def remove(folder: str) -> None:
    """Remove the folder, and the server's own one wherever Wine keeps that, with a server that may
    have survived its supervisor."""
    _kill_server(folder)
    try:
        for server in server_folders(folder):
            _delete(server)
            try:
                os.rmdir(os.path.dirname(server))
            except OSError:
                pass  # It does not exist, or other servers are in it.
    except OSError:
        pass  # There was no prefix yet.
    late = time.monotonic() + GRACE
    while os.path.lexists(folder) and time.monotonic() < late:
        _delete(folder)


def _delete(folder: str) -> None:
    """Delete the folder as far as possible. (shutil takes as long to load as all the rest.)"""
    with suppress(FileNotFoundError):
        for _, folders, files, place in os.fwalk(folder, topdown=False):
            for name in [*files, *folders]:  # A link to a folder is one of these.
                with suppress(OSError):
                    try:
                        os.unlink(name, dir_fd=place)
                    except IsADirectoryError:
                        os.rmdir(name, dir_fd=place)
    with suppress(OSError):
        os.rmdir(folder)
