"""What a program in the sandbox can see: the arguments of bubblewrap. Everything else is out of its
reach: files, the network, other processes."""
from __future__ import annotations

import os
import pwd
import re
from typing import Dict, Iterable, List

BWRAP = "/usr/bin/bwrap"
#: What is wanted: where it works, or nowhere else, or not at all.
CHOICES = ("auto", "required", "none")
NAMESPACES = ["--unshare-user-try", "--unshare-pid", "--unshare-net", "--unshare-ipc",
              "--unshare-uts", "--unshare-cgroup-try"]
#: Of the system's own, as far as it is there: libraries, and what these look for. There is no
#: shell, nor any other program in a usual place.
SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share/ca-certificates",
          "/usr/share/fontconfig", "/usr/share/fonts", "/usr/share/wine", "/usr/share/X11",
          "/usr/share/zoneinfo", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts",
          "/etc/localtime", "/etc/ssl/certs", "/sys/devices/system/cpu")
LINKS = ("/lib", "/lib32", "/lib64", "/libx32")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def user() -> str:
    """The name of the user, as Wine takes it from the system."""
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
    words = [BWRAP, *NAMESPACES, "--as-pid-1", "--die-with-parent", "--cap-drop", "ALL"]
    for path in SYSTEM:
        words += ["--ro-bind-try", path, path]
    for name in os.listdir(etc):
        words += ["--ro-bind", f"{etc}/{name}", f"/etc/{name}"]
    for path in LINKS:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    for path in DEVICES:
        words += ["--dev-bind", path, path]
    words += ["--proc", "/proc", "--bind", f"{folder}/tmp", "/tmp", "--bind", folder, folder]
    for path in shown:
        words += ["--ro-bind-try", path, path]
    screen = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", environment.get("DISPLAY", ""))
    if screen:
        socket = f"/tmp/.X11-unix/X{screen.group(1)}"
        words += ["--bind-try", socket, socket]
        if "XAUTHORITY" in environment:
            words += ["--ro-bind-try", environment["XAUTHORITY"], environment["XAUTHORITY"]]
    return [*words, "--remount-ro", "/", "--chdir", folder]
