"""The .exe files themselves: their headers, imports and strings."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Set

import pefile
import pytest

from harness.driver.contract import (CREATE_FAILED, MAP_FAILED, MESSAGE, NAME, OPEN_FAILED, TITLE,
                                     encode)
from harness.driver.pair import Half, product
from harness.driver.paths import BUILD
from harness.judge.executable import MACHINES
from harness.judge.checks import check

pytestmark = pytest.mark.products

CONSOLE = pefile.SUBSYSTEM_TYPE["IMAGE_SUBSYSTEM_WINDOWS_CUI"]
#: The DLLs of Windows that a documented program may need; DLLs of a compiler (vcruntime140,
#: libgcc_s_seh-1, libwinpthread-1, …) are not among them.
SHIPPED = re.compile(r"(kernel32|user32|msvcrt|ucrtbase|api-ms-win-[a-z0-9-]+)\.dll")

#: The functions of each program that end with A or W, depending on the character set.
CHARSET_CALLS = {"first_process": {"CreateFileMapping"},
                 "second_process": {"OpenFileMapping", "MessageBox"}}
#: The functions of each program that are the same in both character sets.
PLAIN_CALLS = {"first_process": {"MapViewOfFile", "UnmapViewOfFile", "CloseHandle", "_getch"},
               "second_process": {"MapViewOfFile", "UnmapViewOfFile", "CloseHandle"}}
#: The strings of each source, with their format specifications.
STRINGS = {"first_process": [NAME, MESSAGE, CREATE_FAILED, MAP_FAILED],
           "second_process": [NAME, TITLE, OPEN_FAILED, MAP_FAILED]}

variants = pytest.mark.parametrize("half, program", [
    pytest.param(product(arch, charset, program), program, id=f"{arch}-{charset}-{program}")
    for arch in ("x86_64", "i686") for charset in ("ansi", "unicode") for program in CHARSET_CALLS])


def file_of(half: Half) -> Path:
    """Return the program's file. Skips if its architecture was not built."""
    if not (BUILD / half.arch).is_dir():
        pytest.skip(f"no {half.arch} programs were built")
    return half.file


def headers(half: Half) -> "pefile.PE":
    """Return the parsed headers and imports of the program."""
    return pefile.PE(str(file_of(half)))


def imports(half: Half) -> Dict[str, Set[str]]:
    """Return the functions that the program imports, by the name of their DLL in lower case."""
    return {entry.dll.decode().lower(): {function.name.decode() for function in entry.imports
                                         if function.name}
            for entry in getattr(headers(half), "DIRECTORY_ENTRY_IMPORT", [])}


@check("R7.user32")
@pytest.mark.parametrize("arch", ["x86_64", "i686"])
@pytest.mark.parametrize("charset", ["ansi", "unicode"])
def test_the_writer_does_not_link_user32(arch: str, charset: str) -> None:
    """The writer shows no window, so it does not import user32.dll."""
    assert "user32.dll" not in imports(product(arch, charset, "first_process"))


@check("B1.dlls", "B1.console", "B2.imports", "R7.user32")
@variants
def test_the_imports_are_those_of_the_charset(half: Half, program: str) -> None:
    """Each variant is a console program for its machine, and TCHAR selects the functions of one
    character set throughout."""
    image = headers(half)
    assert MACHINES[image.FILE_HEADER.Machine] == half.arch
    assert image.OPTIONAL_HEADER.Subsystem == CONSOLE
    assert all(SHIPPED.fullmatch(dll) for dll in imports(half))
    own, other = ("W", "A") if half.charset == "unicode" else ("A", "W")
    every = set().union(*imports(half).values())
    assert {name + own for name in CHARSET_CALLS[program]} | PLAIN_CALLS[program] <= every
    assert not {name + other for name in CHARSET_CALLS[program]} & every


@check("B2.imports", "B3.name")
@variants
def test_the_strings_are_in_the_charset(half: Half, program: str) -> None:
    """Each documented string is encoded in the program's character set, and not in the other."""
    data = file_of(half).read_bytes()
    other = "ansi" if half.charset == "unicode" else "unicode"
    for text in STRINGS[program]:
        text = text.replace("{}", "%d").replace("\r\n", "\n") + "\0"
        assert encode(text, half.charset) in data
        assert encode(text, other) not in data


@variants
def test_the_program_is_hardened_and_reproducible(half: Half, program: str) -> None:
    """The program can be loaded at any address, and its data cannot be executed. Each build gives
    the same bytes, and they reveal nothing about the build machine."""
    wanted = ["DYNAMIC_BASE", "NX_COMPAT"] + ["HIGH_ENTROPY_VA"] * (half.arch == "x86_64")
    image = headers(half)
    flags = image.OPTIONAL_HEADER.DllCharacteristics
    missing = [name for name in wanted
               if not flags & pefile.DLL_CHARACTERISTICS[f"IMAGE_DLLCHARACTERISTICS_{name}"]]
    assert not missing
    assert image.DIRECTORY_ENTRY_BASERELOC
    assert not image.FILE_HEADER.IMAGE_FILE_RELOCS_STRIPPED
    debug = image.OPTIONAL_HEADER.DATA_DIRECTORY[6]
    assert (image.FILE_HEADER.TimeDateStamp, image.FILE_HEADER.NumberOfSymbols, debug.Size) == (
        0, 0, 0)
    assert not [section.Name for section in image.sections if section.Name.startswith(b".debug")]
    assert str(BUILD.parent).encode() not in half.file.read_bytes()
