"""Paths of Unix as Windows programs see them, and paths of Windows."""
from __future__ import annotations

SYSTEM = "C:\\windows\\system32"
#: Where Wine's debugger writes what it has found of a program that crashed.
CRASHES = "C:\\windows\\temp\\crashes.txt"
#: Windows has 260 characters for a path, the drive, a file name and the end included.
LONGEST = 230
#: What no file name of Windows may have in it.
FORBIDDEN = set('"*:<>?\\|')


def windows_path(path: str) -> str:
    """The path on the drive that has the root of Unix."""
    return "Z:" + path.replace("/", "\\")


def strange(path: str) -> str:
    """Why Windows programs cannot use that path, in a few words, or an empty text."""
    found = sorted(FORBIDDEN & set(path))
    if found:
        return f"{' '.join(found)} in it"
    if len(path) > LONGEST:
        return "too long"
    if any(part.endswith((".", " ")) for part in path.split("/") if part not in (".", "..")):
        return "a name in it ends with a dot or a blank"
    return ""
