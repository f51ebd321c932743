"""Which DLLs an .exe imports, and where Windows is to look for them: in PATH, and where MinGW-w64
keeps those of its own."""
from __future__ import annotations

import mmap
import os
import struct
from typing import Dict, Iterator, List, Set, Tuple

MACHINES = {0x8664: "x86_64", 0x014C: "i686"}
IS_DLL = 0x2000
#: What the names of programs and DLLs end with.
ENDINGS = (".bat", ".cmd", ".com", ".dll", ".exe")


class NoProgram(Exception):
    """The file is no Windows program; the text says why."""


class Image:
    """An .exe or a DLL: its `path` and `arch`, and `imports`, the names that it wants of each DLL.
    Raises NoProgram and OSError."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        with open(path, "rb") as file:
            try:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise NoProgram("it is empty")
        try:
            self._read()
        except (struct.error, IndexError):
            raise NoProgram("it is cut off or damaged")

    def _word(self, form: str, offset: int) -> int:
        return int(struct.unpack_from("<" + form, self.data, offset)[0])

    def _read(self) -> None:
        data = self.data
        start = self._word("I", 0x3C) if data[:2] == b"MZ" else 0
        if not start or data[start:start + 4] != b"PE\0\0":
            raise NoProgram("it is not a Windows .exe")
        machine, sections, kind = struct.unpack_from("<HH14xH", data, start + 4)
        self.is_dll = bool(kind & IS_DLL)
        if machine not in MACHINES:
            raise NoProgram(f"it is for another machine (0x{machine:04x})")
        self.arch = MACHINES[machine]
        optional = start + 24
        self.base = self._word("Q", optional + 24) if machine == 0x8664 else \
            self._word("I", optional + 28)
        first = optional + self._word("H", start + 20)
        self.sections: List[Tuple[int, ...]] = [
            struct.unpack_from("<8x4I", data, first + 40 * number) for number in range(sections)]
        self._wide = self.arch == "x86_64"
        self._tables = optional + (112 if self._wide else 96)
        self.imports: Dict[str, Set[bytes]] = {}
        table = self._offset(self._word("I", self._tables + 8))
        while table:
            names, _, _, dll, thunks = struct.unpack_from("<5I", data, table)
            if not dll:
                break
            wanted = self.imports.setdefault(self._text(dll).decode("ascii", "replace"), set())
            wanted |= set(self._names(self._offset(names or thunks)))
            table += 20

    def _names(self, entry: int) -> Iterator[bytes]:
        form, size = ("Q", 8) if self._wide else ("I", 4)
        while True:
            name = self._word(form, entry)
            if not name:
                return
            if not name >> (8 * size - 1):  # The others are numbers.
                yield self._text(name + 2)
            entry += size

    def exports(self) -> Set[bytes]:
        """The names that others can import."""
        table = self._offset(self._word("I", self._tables))
        if not table:
            return set()
        count, names = struct.unpack_from("<24xI4xI", self.data, table)
        starts = struct.unpack_from(f"<{count}I", self.data, self._offset(names))
        # They lie side by side, and there may be thousands: one look at the sections will do.
        shift: int = self._offset(starts[0]) - starts[0] if starts else 0
        return {self.data[start + shift:self.data.find(b"\0", start + shift)] for start in starts}

    def _offset(self, address: int) -> int:
        """Where in the file the relative virtual address is; 0 for none."""
        for size, start, raw, place in self.sections:
            if start <= address < start + max(size, raw):
                return address - start + place
        return 0

    def _text(self, address: int) -> bytes:
        offset = self._offset(address)
        return bytes(self.data[offset:self.data.find(b"\0", offset)])


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
    the one whose DLLs have all that this program and its own DLLs import from them."""
    folders = [*windows, *filter(has_programs, unix)]
    choices = mingw_folders(image.arch)
    fitting = (choice for choice in choices if _fits(image, folders, choice))
    folders += next(fitting, choices[0])
    for arch in set(MACHINES.values()) - {image.arch}:
        folders += mingw_folders(arch)[0]  # For its children; Windows skips DLLs of another one.
    return list(dict.fromkeys(folders))


def _fits(image: Image, folders: List[str], compiler: List[str]) -> bool:
    seen: Set[str] = set()
    images = [image]
    while images:
        for name, wanted in images.pop().imports.items():
            if name.lower() in seen:
                continue
            seen.add(name.lower())
            own = _first([os.path.dirname(image.path), *folders], name)
            path = own or _first(compiler, name)
            if path:
                images.append(Image(path))
                if not own and not wanted <= images[-1].exports():
                    return False
    return True


def _first(folders: List[str], name: str) -> str:
    """The DLL in the first folder that has it, whatever the case of its name; or an empty text."""
    return next(filter(None, (find(folder, name) for folder in folders)), "")
