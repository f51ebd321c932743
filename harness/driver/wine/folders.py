"""The folder of a Wine, and the folders that its server makes elsewhere; and Unix paths as Windows
programs see them."""
from __future__ import annotations

import os
import signal
import socket
import struct
import time
from contextlib import suppress

from harness.driver.errors import HarnessError

#: Seconds: for a Wine server to end (without clients it ignores SIGINT), and in which another
#: process, itself about to end, may still write into a folder that is being removed.
GRACE, WRITES = 0.3, 5.0
SYSTEM = "C:\\windows\\system32"
#: Where Wine's debugger describes crashes.
CRASHES = "C:\\windows\\temp\\crashes.txt"
#: Windows allows 260 characters for a path, including drive, file name and terminator.
LONGEST = 230
#: The characters that no Windows file name may contain.
FORBIDDEN = set('"*:<>?\\|')


def windows_path(path: str) -> str:
    """Return the path on the drive that maps the Unix root."""
    return "Z:" + path.replace("/", "\\")


def strange(path: str) -> str:
    """Return why Windows programs cannot use that path, in a few words, or an empty string."""
    found = sorted(FORBIDDEN & set(path))
    if found:
        return f"{' '.join(found)} in it"
    if len(path) > LONGEST:
        return "too long"
    if any(part.endswith((".", " ")) for part in path.split("/") if part not in (".", "..")):
        return "a name in it ends with a dot or a space"
    return ""


def new_folder() -> str:
    """Return the path of a new folder in the temporary directory, without making it."""
    parent = os.path.abspath(os.environ.get("TMPDIR") or "/tmp")
    return os.path.join(parent, f"named-shared-memory-{os.urandom(6).hex()}")


def make(folder: str) -> None:
    """Make that folder. Raises HarnessError if that is impossible."""
    try:
        os.mkdir(folder, 0o700)
    except OSError as problem:
        raise HarnessError(f"no folder can be made in {os.path.dirname(folder)} "
                           f"({problem.strerror}); set TMPDIR to one that you may write to")


def server_folders(folder: str) -> list[str]:
    """Return where the Wine server of the prefix in the folder may have its socket. Debian's is in
    the user's run-time folder if there is one, else in a folder of TMPDIR or /tmp that the prefix
    names; others derive it from the prefix. In a sandbox /tmp is TMPDIR. Raises OSError."""
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


def server_answers(folder: str) -> bool:
    """Return whether the Wine server of the prefix in the folder serves: it then greets every
    client. One that starts, or is about to end, does not, although its socket exists."""
    for server in server_folders(folder):
        try:
            place = os.open(server, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue  # It does not exist.
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5.0)
                # The whole path may be too long for a socket's address.
                line.connect(f"/proc/self/fd/{place}/socket")
                return bool(line.recv(1))
        except OSError:
            pass  # It belongs to another server.
        finally:
            os.close(place)
    return False


def remove_rest(folder: str, seconds: float) -> None:
    """Remove the folder of a killed supervisor, within `seconds`, and end what has survived in its
    prefix: a server ignores its end without clients, and ends no program that is not one yet."""
    prefix = f"WINEPREFIX={folder}/prefix\0".encode()
    end = time.monotonic() + seconds
    clean = 0  # A process has no environment for a moment while it becomes another program.
    while (clean < 2 or os.path.exists(folder)) and time.monotonic() < end:
        found = False
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError):
                with open(f"/proc/{name}/environ", "rb") as file:
                    if prefix in file.read():
                        os.kill(int(name), signal.SIGKILL)
                        found = True
        clean = 0 if found else clean + 1
        if clean:
            remove(folder)
            time.sleep(0.01)


def peer(line: socket.socket) -> tuple[int, int]:
    """Return the process id and the user id of the peer."""
    process, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED,
                                                           12))
    return process, user


def remove(folder: str) -> None:
    """Remove the folder, and the server's folder elsewhere."""
    try:
        for server in server_folders(folder):
            _delete(server)
            try:
                os.rmdir(os.path.dirname(server))
            except OSError:
                pass  # It does not exist, or other servers are in it.
    except OSError:
        pass  # There was no prefix yet.
    late = time.monotonic() + WRITES
    _delete(folder)
    while os.path.lexists(folder) and time.monotonic() < late:
        time.sleep(0.01)
        _delete(folder)


def _delete(folder: str) -> None:
    """Delete as much of the folder as possible. (Importing shutil would take too long.)"""
    with suppress(FileNotFoundError):
        for _, folders, files, place in os.fwalk(folder, topdown=False):
            for name in [*files, *folders]:  # Links to folders are among them.
                with suppress(OSError):
                    try:
                        os.unlink(name, dir_fd=place)
                    except IsADirectoryError:
                        os.rmdir(name, dir_fd=place)
    with suppress(OSError):
        os.rmdir(folder)
