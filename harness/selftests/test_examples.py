"""Tests docs/examples. `make commands` builds and runs each example."""
from __future__ import annotations

import re
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import List

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.installation import find_wine
from harness.selftests.inner_runs import InnerRuns

EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.parametrize("arguments", [[], ["--nothing"]])
def test_the_ten_lines(inner: InnerRuns, arguments: List[str]) -> None:
    """The script in wine.md runs a program, passes on its status, and leaves nothing behind."""
    reader = BUILD / "x86_64-ansi" / "second_process.exe"
    done = inner.run(["sh", str(EXAMPLES / "isolated.sh"), str(reader), *arguments],
                     environment={"WINE": str(find_wine().loader)})
    assert done == (1, b"Could not open file mapping object (2).\r\n", b"")


#: A project unlike the example: folders, C++, resources, a library, a DLL, and `main`.
PROJECT = {
    "src/app.cpp": """
        #include <winsock2.h>
        #include <iostream>
        #include <stdexcept>
        #include "number.h"
        #ifndef __USE_MINGW_ANSI_STDIO
        #error without the flags
        #endif
        int main()
        {
            char text[9] = "";
            LoadStringA(GetModuleHandle(nullptr), 1, text, 9);
            try { throw std::runtime_error(text); }
            catch (std::exception &it) { std::cout << it.what() << htonl(NUMBER) << seven(); }
        }""",
    "src/number.h": """
        #define NUMBER 1
        extern "C" int seven(void);""",
    "src/app.rc": """
        #include <windows.h>
        STRINGTABLE { 1 "resource" }""",
    "dll/seven.c": "int seven(void) { return 7; }",
    "tests/bad.c": "int seven(void); int main(void) { return seven(); }",
    "tests/good.cpp": """
        #include "../src/number.h"
        int main() { return seven() - 7; }""",
}
SETTINGS = {"PROGRAM": "app", "MAIN": "src/app.cpp src/app.rc", "SOURCES": "", "DLL": "seven",
            "DLL_SOURCES": "dll/seven.c", "TESTS": "tests/bad.c tests/good.cpp", "UNICODE": "",
            "LDLIBS": "-lws2_32"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create that project in a folder, with the example's Makefile."""
    for compiler in ("x86_64-w64-mingw32-g++", "clang++"):
        if not shutil.which(compiler):
            pytest.skip(f"there is no {compiler}")
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text) + "\n")
    text = (EXAMPLES / "hello" / "Makefile").read_text()
    for name, value in {**SETTINGS, "RUN": f"{sys.executable} '{ROOT}/harness/run'"}.items():
        text, count = re.subn(rf"^{name}( *)=.*$", f"{name} = {value}", text,
                              flags=re.MULTILINE)
        assert count == 1
    (tmp_path / "Makefile").write_text(text)
    return tmp_path


def test_the_makefile_builds_other_projects(inner: InnerRuns, project: Path) -> None:
    """The Makefile builds C++, resources and a DLL in folders, with GCC and with Clang, links
    libraries after the objects, and runs all tests although the first one fails. It builds nothing
    if nothing changed, and everything if compiler or flags did."""
    for words, built in [
            ("test", "mingw32-g++ "), ("", "Nothing to be done"), ("-W src/number.h", "app.cpp.o"),
            ("CFLAGS=-O0", "-O0 -c"), ("CFLAGS=-O0 LDLIBS='-lws2_32 -lole32'", "-lole32"),
            ("test CC=clang CXX=clang++", "-o build/x86_64/dll/seven.c.o")]:
        done = inner.run(["make", *shlex.split(words)], 100.0, checkout=project)
        assert built in done.text and done.code == 2 * ("test" in words), done.text
        if "test" in words:
            assert "failed: build/x86_64/tests/bad.exe" in done.text.splitlines(), done.text
            assert ("mingw32-g" in done.text) != ("clang" in words), done.text
            run = [sys.executable, str(ROOT / "harness" / "run"), "build/x86_64/app.exe"]
            assert inner.run(run, checkout=project) == (0, b"resource167772167", b"")


def test_other_flags_keep_those_that_are_needed(inner: InnerRuns, tmp_path: Path) -> None:
    """Setting CFLAGS keeps the flags that the program needs, such as -municode for wmain."""
    folder = tmp_path / "hello"
    shutil.copytree(EXAMPLES / "hello", folder, ignore=shutil.ignore_patterns("build"))
    assert inner.run(["make", "CFLAGS=-O0"], checkout=folder).code == 0


def test_the_makefile_to_take_is_short() -> None:
    """The Makefile has at most 80 lines."""
    assert len((EXAMPLES / "hello" / "Makefile").read_text().splitlines()) <= 80
