"""What an .exe is, and where Windows is to look for its DLLs: in PATH, and where MinGW-w64 keeps
those of its own."""
from __future__ import annotations

import mmap
import os
import struct
from typing import List, Optional

from harness.driver.wine.sandbox import beside

MACHINES = {0x8664: "x86_64", 0x014C: "i686"}
IS_DLL = 0x2000
#: What the names of programs and DLLs end with.
ENDINGS = (".bat", ".cmd", ".com", ".dll", ".exe")


class NoProgram(Exception):
    """The file is no Windows program; the text says why."""


class Image:
    """An .exe or a DLL: its `path`, its `arch`, whether it `is_dll`, and its `base`, the address at
    which it wants to lie. Raises NoProgram and OSError."""

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
        """Whether that compiler of MinGW-w64, as in "12-posix", has left its name in it."""
        return self._data.find(f"GCC: (GNU) {compiler}".encode()) >= 0


def mingw_folders(arch: str) -> List[List[str]]:
    """Where Debian's MinGW-w64 has DLLs: a list for each of its compilers, which differ in their
    model of threads, with that of the one that is chosen now first. At least one, perhaps empty."""
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
    """The file in that folder, whatever the case of its name; or an empty text, also if there is no
    such folder."""
    path = os.path.join(folder, name)
    if os.path.lexists(path):
        return path
    try:
        return next((os.path.join(folder, file) for file in os.listdir(folder)
                     if file.lower() == name.lower()), "")
    except OSError:
        return ""


def has_programs(folder: str) -> bool:
    """Whether a Windows program or a DLL is in that folder."""
    try:
        with os.scandir(folder) as files:
            return any(file.name.lower().endswith(ENDINGS) for file in files)
    except OSError:
        return False


def search(image: Image, windows: List[str], unix: List[str]) -> List[str]:
    """The folders in which Windows is to look for DLLs and programs, beside the program's own:
    those of `windows`, those of `unix` that have some, and those of MinGW-w64's compilers, first of
    the one that has built the program, or a DLL beside it."""
    images = [image, *filter(None, map(_image, beside(image.path)[1:]))]
    choices = mingw_folders(image.arch)
    fitting = (choice for each in images for choice in choices
               if choice and each.is_from(os.path.basename(choice[0])))
    folders = [*windows, *filter(has_programs, unix), *next(fitting, choices[0])]
    for arch in set(MACHINES.values()) - {image.arch}:
        folders += mingw_folders(arch)[0]  # For its children; Windows skips DLLs of another one.
    return list(dict.fromkeys(folders))


def _image(path: str) -> Optional[Image]:
    try:
        return Image(path)
    except (NoProgram, OSError):
        return None
