"""The arguments of bubblewrap, which determine what a program in the sandbox can reach. Other
files, the network and other processes are out of its reach."""
from __future__ import annotations

import os
import pwd
import re
import stat
from collections.abc import Iterable
from contextlib import suppress

BWRAP = "/usr/bin/bwrap"
NAMESPACES = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
              "--unshare-cgroup-try"]
#: Folders of the system to show if they exist: libraries and their data. There is no shell, nor any
#: other program in a usual place.
SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share/ca-certificates",
          "/usr/share/fontconfig", "/usr/share/fonts", "/usr/share/wine", "/usr/share/X11",
          "/usr/share/zoneinfo", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts",
          "/etc/localtime", "/etc/ssl/certs", "/sys/devices/system/cpu")
LINKS = ("/lib", "/lib32", "/lib64", "/libx32")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
#: What a tool of the system needs.
TOOLS = ("/usr", "/etc/alternatives", "/etc/ld.so.cache")


def lacking() -> str:
    """Return why no sandbox is possible here, or an empty string."""
    return "" if os.access(BWRAP, os.X_OK) else "bubblewrap is not installed"


def beside(file: str, endings: tuple[str, ...] = (".dll",)) -> list[str]:
    """Return the file, and the files with these endings in its folder, except links to files
    outside of that folder and /usr."""
    folder = os.path.dirname(os.path.abspath(file))
    may = (os.path.join(os.path.realpath(folder), ""), "/usr/")
    paths = [os.path.join(folder, name) for name in os.listdir(folder)
             if name.lower().endswith(endings)]
    return [file, *(path for path in paths if os.path.realpath(path).startswith(may))]


def user() -> str:
    """Return the user's name, as Wine gets it from the system."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return os.environ.get("USER") or "user"


def command(folder: str, shown: Iterable[str], environment: dict[str, str]) -> list[str]:
    """Return the words that start a command as the first process of a sandbox. It can write to the
    run's folder, and read the system's programs and what is `shown`: files and folders by absolute
    paths. Its /tmp is the folder's tmp. It knows only this user."""
    etc = os.path.join(folder, "etc")
    os.makedirs(etc, exist_ok=True)
    for name, text in {"passwd": f"{user()}:x:{os.getuid()}:{os.getgid()}::/:/bin/false\n",
                       "hosts": f"127.0.0.1 localhost\n::1 localhost\n"
                                f"127.0.1.1 {os.uname().nodename}\n",
                       "nsswitch.conf": "passwd: files\nhosts: files\n"}.items():
        with open(os.path.join(etc, name), "w", encoding="utf-8") as file:
            file.write(text)
    shown = [folder, *shown]
    words = [*_empty(SYSTEM, shown), "--as-pid-1"]
    for name in os.listdir(etc):
        words += ["--ro-bind", f"{etc}/{name}", f"/etc/{name}"]
    for path in DEVICES:
        words += ["--dev-bind", path, path]
    words += ["--bind", f"{folder}/tmp", "/tmp", "--bind", folder, folder]
    for path in shown[1:]:
        words += ["--ro-bind-try", path, path]
    screen = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", environment.get("DISPLAY", ""))
    if screen:
        socket = f"/tmp/.X11-unix/X{screen.group(1)}"
        words += ["--bind-try", socket, socket]
        if "XAUTHORITY" in environment:
            words += ["--ro-bind-try", environment["XAUTHORITY"], environment["XAUTHORITY"]]
    return [*words, "--remount-ro", "/", "--chdir", folder]


def tool(words: list[str], shown: Iterable[str], folder: str = "", where: str = "/") -> list[str]:
    """Return a command that runs a tool of the system on submitted files. It can read the system's
    programs and what is `shown`, write to the folder if one is given, and starts in `where`."""
    shown = list(shown)
    around = [*_empty(TOOLS, [*shown, *[folder][:bool(folder)]]), "--dev", "/dev",
              "--tmpfs", "/tmp"]
    for path in shown:
        around += ["--ro-bind", path, path]
    if folder:
        around += ["--bind", folder, folder]
    return [*around, "--remount-ro", "/", "--chdir", where, *words]


def _private(path: str) -> bool:
    """Return whether that path goes through another user's folder that is closed to others."""
    path = os.path.realpath(path)
    while path != "/":
        path = os.path.dirname(path)
        with suppress(OSError):  # It does not exist.
            folder = os.stat(path)
            if folder.st_uid and not folder.st_mode & stat.S_IXOTH:
                return True
    return False


def _empty(paths: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Return the words for a sandbox with only these paths and the system's libraries, in which
    `shown` will be readable. The root of a user namespace may not enter another user's private
    folder: for one, use the machine's root, which has no capabilities in the sandbox either."""
    users = ["--unshare-user-try"] * (os.geteuid() != 0 or not any(map(_private, shown)))
    words = [BWRAP, *users, *NAMESPACES, "--die-with-parent", "--cap-drop", "ALL",
             "--proc", "/proc"]
    for path in paths:
        words += ["--ro-bind-try", path, path]
    for path in LINKS:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    return words
