"""The two sources: one text for both character sets, all compilers and all language levels."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from harness.driver.paths import BUILD
from harness.judge.checks import check

pytestmark = pytest.mark.products

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
#: Each compiler with each machine and with each language level, but not with each combination; make
#: builds with GCC and C99. WIN32_LEAN_AND_MEAN saves time.
COMPILERS = {
    "gcc-x86_64-c17": ["x86_64-w64-mingw32-gcc", "-std=c17"],
    "gcc-i686-c11": ["i686-w64-mingw32-gcc", "-std=c11"],
    "clang-x86_64-c99": ["clang", "--target=x86_64-w64-mingw32", "-std=c99"],
    "clang-x86_64-c17": ["clang", "--target=x86_64-w64-mingw32", "-std=c17"],
    "clang-i686-c11": ["clang", "--target=i686-w64-mingw32", "-std=c11"],
}
LEAN = "-DWIN32_LEAN_AND_MEAN"
PROGRAMS = ["first_process", "second_process"]


def source(program: str) -> str:
    """Return the path of the program's source."""
    return str(BUILD.parent / program / f"{program}.c")


@pytest.mark.slow
@check("B2.imports")
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("charset", ["ansi", "unicode"])
def test_the_sources_compile_without_a_warning(compiler: str, charset: str) -> None:
    """Each installed compiler accepts the same text in each character set."""
    command = COMPILERS[compiler]
    if sys.platform == "win32":
        pytest.skip("tested where the products are built; a compiler on Windows may lack the "
                    "headers")
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    defines = ["-DUNICODE", "-D_UNICODE"] if charset == "unicode" else []
    done = subprocess.run([*command, *WARNINGS, LEAN, *defines, "-fsyntax-only",
                           *map(source, PROGRAMS)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@check("B2.imports", "B3.name")
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_source_leaves_the_charset_to_tchar(program: str) -> None:
    """The code has no type, literal or function of one character set, and includes the documented
    headers."""
    with open(source(program), encoding="ascii") as file:
        text = file.read()
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    assert re.findall(r"#include <(.*)>", code) == ["windows.h", "stdio.h", "conio.h", "tchar.h"]
    assert re.search(r"#define BUF_SIZE 256\n", code)
    assert re.search(r"\bint _tmain\(", code)
    # Outside of TEXT() only the pragma for MSVC has a string.
    outside = re.sub(r'TEXT\("[^"]*"\)|#pragma.*', "", code)
    assert '"' not in outside
    assert not re.search(r"\b(char|wchar_t|W?CHAR|LPC?W?STR|w?printf|strlen|wcslen)\b", outside)
    assert not re.search(r"\b(CreateFileMapping|OpenFileMapping|MessageBox)[AW]\b", outside)
