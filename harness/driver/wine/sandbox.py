"""What a program in the sandbox can see: the arguments of bubblewrap. Everything else is out of its
reach: files, the network, other processes."""
from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import Dict, Iterable, List, Tuple

BWRAP = "/usr/bin/bwrap"
#: What is wanted: where it works, or nowhere else, or not at all.
CHOICES = ("auto", "required", "none")
NAMESPACES = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
              "--unshare-cgroup-try"]
#: Of the system's own, as far as it is there: libraries, and what these look for. There is no
#: shell, nor any other program in a usual place.
SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share/ca-certificates",
          "/usr/share/fontconfig", "/usr/share/fonts", "/usr/share/wine", "/usr/share/X11",
          "/usr/share/zoneinfo", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts",
          "/etc/localtime", "/etc/ssl/certs", "/sys/devices/system/cpu")
LINKS = ("/lib", "/lib32", "/lib64", "/libx32")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
#: What a tool of the system needs.
TOOLS = ("/usr", "/etc/alternatives", "/etc/ld.so.cache")


def lacking() -> str:
    """Why no sandbox can be tried here, or an empty text."""
    return "" if os.access(BWRAP, os.X_OK) else "bubblewrap is not installed"


def beside(file: str, endings: Tuple[str, ...] = (".dll",)) -> List[str]:
    """The file, and those with these endings in its folder, unless they are links to what is
    somebody else's."""
    folder = os.path.dirname(os.path.abspath(file))
    may = (os.path.join(os.path.realpath(folder), ""), "/usr/")
    paths = [os.path.join(folder, name) for name in os.listdir(folder)
             if name.lower().endswith(endings)]
    return [file, *(path for path in paths if os.path.realpath(path).startswith(may))]


def user() -> str:
    """The name of the user, as Wine takes it from the system."""
    import pwd  # Here, since not all of this is for Unix alone.
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return os.environ.get("USER") or "user"


def command(folder: str, shown: Iterable[str], environment: Dict[str, str]) -> List[str]:
    """What starts a command as the first process of a sandbox. It can write into the run's folder,
    and read the system's programs and what is `shown`: files and folders by their absolute paths.
    /tmp is the folder's tmp. The only user there is the person, without a name for others."""
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


def tool(words: List[str], shown: Iterable[str], folder: str = "", where: str = "/") -> List[str]:
    """What runs a tool of the system on files that somebody hands in: it can read the system's
    programs and what is `shown`, write into the folder if one is given, and begins in `where`."""
    shown = list(shown)
    around = [*_empty(TOOLS, [*shown, *[folder][:bool(folder)]]), "--dev", "/dev",
              "--tmpfs", "/tmp"]
    for path in shown:
        around += ["--ro-bind", path, path]
    if folder:
        around += ["--bind", folder, folder]
    return [*around, "--remount-ro", "/", "--chdir", where, *words]


def _private(path: str) -> bool:
    """Whether another user's folder that is closed to others leads to that path."""
    path = os.path.realpath(path)
    while path != "/":
        path = os.path.dirname(path)
        with suppress(OSError):  # It is not there.
            folder = os.stat(path)
            if folder.st_uid and not folder.st_mode & stat.S_IXOTH:
                return True
    return False


def _empty(paths: Iterable[str], shown: Iterable[str]) -> List[str]:
    """A sandbox with nothing but these paths and the system's libraries in it, where what is
    `shown` can be read. The root of a user namespace may not enter another user's private folder:
    there it has to be the machine's, which has no capabilities in the sandbox either."""
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
