"""Reads from /proc which processes there are, and ends them. (Importing psutil takes too long.)"""
from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

#: Wine's own programs that serve others.
SERVICES = ("conhost.exe", "explorer.exe", "plugplay.exe", "rpcss.exe", "services.exe", "start.exe",
            "svchost.exe", "winedbg.exe", "winedevice.exe")


def _text(process: int, name: str) -> str:
    with open(f"/proc/{process}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()


def _stat(process: int) -> list[str]:
    """Return state, parent and so on of a process. Raises OSError if it has gone."""
    # The preceding name may contain spaces and parentheses.
    return _text(process, "stat").rpartition(")")[2].split()


def parents() -> dict[int, int]:
    """Return the parent of each process of this machine, by process ids."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # It has just ended.
            found[int(name)] = int(_stat(int(name))[1])
    return found


def children_of(process: int) -> list[int]:
    """Return that process's children, exited ones included. Some may be missing if others end
    meanwhile."""
    try:
        return [int(child) for child in _text(process, f"task/{process}/children").split()]
    except FileNotFoundError:  # The kernel lacks this file.
        return [child for child, parent in parents().items() if parent == process]


def descendants(ancestor: int) -> list[int]:
    """Return the process ids of all descendants of that process."""
    family = parents().items()
    found = [ancestor]
    for parent in found:
        found += [child for child, its in family if its == parent]
    return found[1:]


def programs(ancestor: int) -> dict[int, str]:
    """Return the Windows programs among the descendants of that process, by process id."""
    found = {}
    for process in descendants(ancestor):
        with suppress(OSError):  # It has ended.
            path = _text(process, "cmdline").partition("\0")[0].replace("\\", "/")
            name = os.path.basename(path.partition(".exe")[0]) + ".exe"
            if ".exe" in path.lower() and name.lower() not in SERVICES:
                found[process] = name
    return found


def is_running(process: int) -> bool:
    """Return whether it exists and has not ended; its parent may not have reaped it yet."""
    try:
        return _stat(process)[0] not in "ZX"
    except OSError:
        return False


def kill_all(ancestor: int) -> None:
    """Kill that process, a subreaper that does not answer, after all of its descendants: without it
    nothing identifies them, and a program of Wine 10 cannot end while its notices are not read.
    Gives up after five seconds. Raises OSError if that is not permitted."""
    os.kill(ancestor, signal.SIGSTOP)  # It starts nothing more.
    end = time.monotonic() + 5.0
    living = descendants(ancestor)
    while living and time.monotonic() < end:
        for process in living:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        living = [process for process in descendants(ancestor) if is_running(process)]
    os.kill(ancestor, signal.SIGKILL)


def memory(process: int) -> int:
    """Return how many bytes of it are in memory."""
    try:
        return int(_text(process, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0  # It has just ended.
