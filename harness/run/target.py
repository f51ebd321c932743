"""Finds the program to run: an .exe, a batch file, or one of Wine's own programs, by a Unix or
Windows path."""
from __future__ import annotations

import ntpath
import os
from types import SimpleNamespace

from harness.driver.wine.paths import strange, windows_path
from harness.run.dlls import Image, NoProgram, find

BATCH = (".bat", ".cmd")


class Target(SimpleNamespace):
    """A program: the words with which Wine starts it, and the header if it is an .exe outside of
    Wine; `path` is that file, or the batch file."""

    words: list[str]
    image: Image | None = None
    path: str = ""


def look_up(name: str, wine: str | None) -> Target:
    """Find the program of that name, which may be Wine's own; find_wine gets `wine`. Raises
    FileNotFoundError, OSError, NoProgram and HarnessError."""
    path = _on_unix(name)
    if not path:
        from harness.driver.wine.installation import find_wine  # Here, as the import is slow.
        own = ntpath.basename(name)
        files = {file.lower() for file in find_wine(wine).files("x86_64-windows")}
        inside = ntpath.dirname(name).lower() in ("", r"c:\windows\system32")
        if inside and files & {own.lower(), own.lower() + ".exe"}:
            return Target(words=[own])
        raise FileNotFoundError(name)
    path = os.path.abspath(path)
    reason = strange(path)
    if reason:
        raise NoProgram(f"Windows programs cannot use its path ({reason}); rename or move it")
    if path.lower().endswith(BATCH):
        return Target(words=["cmd.exe", "/c", windows_path(path)], path=path)
    image = Image(path)
    if image.is_dll:
        raise NoProgram("it is a DLL, and only an .exe can be started")
    return Target(words=[path], image=image, path=path)


def _on_unix(name: str) -> str:
    """Find a file by a Unix or Windows path, the latter regardless of case. Return its Unix path,
    or an empty string. An existing Unix path takes precedence."""
    if os.path.lexists(name):
        return name
    if name[1:2] == ":" and name[0] not in "Zz":
        return ""
    parts = (name[2:] if name[1:2] == ":" else name).replace("\\", "/").split("/")
    path = "/" if not parts[0] else ""
    for part in filter(None, parts):
        path = find(path or ".", part)
        if not path:
            return ""
    return path
