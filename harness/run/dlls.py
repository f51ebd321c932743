"""Finds the program to run, reads its header, and finds the folders where Windows must look for its
DLLs: those of PATH, and those of MinGW-w64's own DLLs."""
from __future__ import annotations

import mmap
import ntpath
import os
import struct

from harness.driver.wine.folders import strange, windows_path
from harness.driver.wine.sandbox import beside

MACHINES = {0x8664: "x86_64", 0x014C: "i686"}
IS_DLL = 0x2000
#: The extensions of programs and DLLs.
BATCH = (".bat", ".cmd")
ENDINGS = (*BATCH, ".com", ".dll", ".exe")


class NoProgram(Exception):
    """The file is no Windows program; the message says why."""


class Image:
    """An .exe or a DLL: its `path`, its `arch`, whether it `is_dll`, and its preferred address
    `base`. Raises NoProgram and OSError."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        with open(path, "rb") as file:
            try:
                self._data = data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise NoProgram("it is empty")
        try:
            start = struct.unpack_from("<I", data, 0x3C)[0] if data[:2] == b"MZ" else 0
            if not start or data[start:start + 4] != b"PE\0\0":
                raise NoProgram("it is not a Windows .exe")
            machine, kind = struct.unpack_from("<H16xH", data, start + 4)
            if machine not in MACHINES:
                raise NoProgram(f"it is for another machine (0x{machine:04x})")
            self.arch = MACHINES[machine]
            self.is_dll = bool(kind & IS_DLL)
            place, form = (48, "<Q") if self.arch == "x86_64" else (52, "<I")
            self.base = int(struct.unpack_from(form, data, start + place)[0])
        except struct.error:
            raise NoProgram("it is cut off or damaged")

    def is_from(self, compiler: str) -> bool:
        """Return whether it contains the name of that MinGW-w64 compiler, as in "12-posix"."""
        return self._data.find(f"GCC: (GNU) {compiler}".encode()) >= 0


def mingw_folders(arch: str) -> list[list[str]]:
    """Return the folders of DLLs of Debian's MinGW-w64: a list for each of its compilers, which
    differ in their thread model, the current one first. At least one list, perhaps empty."""
    target = arch + "-w64-mingw32"
    chosen = os.path.realpath(f"/usr/bin/{target}-g++").rpartition("-")[2]
    try:
        names = os.listdir(f"/usr/lib/gcc/{target}")
    except OSError:
        return [[]]
    names.sort(key=lambda name: (name.endswith("-" + chosen), name), reverse=True)
    return [[f"/usr/lib/gcc/{target}/{name}", f"/usr/{target}/lib", f"/usr/{target}/bin"]
            for name in names] or [[]]


def find(folder: str, name: str) -> str:
    """Find a file in that folder regardless of the case of its name. Return its path, or an empty
    string, also if there is no such folder."""
    path = os.path.join(folder, name)
    if os.path.lexists(path):
        return path
    try:
        return next((os.path.join(folder, file) for file in os.listdir(folder)
                     if file.lower() == name.lower()), "")
    except OSError:
        return ""


def has_programs(folder: str) -> bool:
    """Return whether the folder has a Windows program or a DLL."""
    try:
        names = "/".join([*os.listdir(folder), ""]).lower()
    except OSError:
        return False
    return any(ending + "/" in names for ending in ENDINGS)


def search(image: Image, windows: list[str], unix: list[str]) -> list[str]:
    """Return the folders where Windows must look for DLLs and programs, besides the program's own:
    those of `windows`, those of `unix` that have some, and those of MinGW-w64's compilers, first of
    the one that built the program or a DLL beside it."""
    images = [image, *filter(None, map(_image, beside(image.path)[1:]))]
    choices = mingw_folders(image.arch)
    fitting = (choice for each in images for choice in choices
               if choice and each.is_from(os.path.basename(choice[0])))
    folders = [*windows, *filter(has_programs, unix), *next(fitting, choices[0])]
    for arch in set(MACHINES.values()) - {image.arch}:
        folders += mingw_folders(arch)[0]  # For children; Windows skips foreign DLLs.
    return list(dict.fromkeys(folders))


def _image(path: str) -> Image | None:
    try:
        return Image(path)
    except (NoProgram, OSError):
        return None


def look_up(name: str, wine: str | None) -> tuple[list[str], str, Image | None]:
    """Find the program of that name: an .exe, a batch file, or one of Wine's own programs, by a
    Unix or Windows path; find_wine gets `wine`. Return the words with which Wine starts it, its
    path unless it is Wine's own, and its header if it is an .exe. Raises FileNotFoundError,
    OSError, NoProgram and HarnessError."""
    path = _on_unix(name)
    if not path:
        from harness.driver.wine.installation import find_wine  # Here, as the import is slow.
        own = ntpath.basename(name)
        files = {file.lower() for file in find_wine(wine).files("x86_64-windows")}
        inside = ntpath.dirname(name).lower() in ("", r"c:\windows\system32")
        if inside and files & {own.lower(), own.lower() + ".exe"}:
            return [own], "", None
        raise FileNotFoundError(name)
    path = os.path.abspath(path)
    reason = strange(path)
    if reason:
        raise NoProgram(f"Windows programs cannot use its path ({reason}); rename or move it")
    if path.lower().endswith(BATCH):
        return ["cmd.exe", "/c", windows_path(path)], path, None
    image = Image(path)
    if image.is_dll:
        raise NoProgram("it is a DLL, and only an .exe can be started")
    return [path], path, image


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
