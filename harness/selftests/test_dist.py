"""Tests what make builds, and when, also with the Makefile of docs/examples/hello; the contents of
the zip for users without a compiler, and that it works unpacked; and that the harness runs on
Windows."""
from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.selftests.conftest import ON_WINDOWS
from harness.selftests.inner_runs import PYTEST, InnerRuns, put
from harness.setup.dist import NAME, pack


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the archive from the current build."""
    for arch in ("x86_64", "i686"):
        if not (BUILD / f"{arch}-traced" / "traced.exe").is_file():
            pytest.skip(f"the archive has both architectures, and this build has no {arch}")
    path = tmp_path_factory.mktemp("dist") / "archive.zip"
    pack(ROOT, path)
    return path


def test_it_holds_all_variants_and_their_sums(archive: Path) -> None:
    """The archive holds all programs, the harness and README.txt, and the sum of each file."""
    with zipfile.ZipFile(archive) as opened:
        files = {name[len(NAME) + 1:]: opened.read(name) for name in opened.namelist()}
        assert all(name.startswith(f"{NAME}/") for name in opened.namelist())
    wanted = {f"build/{file.parent.name}/{file.name}" for file in BUILD.glob("*/*")
              if file.suffix in (".exe", ".dll") and file.parent.name != "misbehaving"}
    wanted |= {"README.txt", "LICENSE", "docs/windows.md", "first_process/first_process.c",
               "second_process/second_process.c", "harness/conftest.py", "pyproject.toml"}
    assert wanted <= set(files)
    assert not [name for name in files if name.endswith(".pyc")]
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sorted(sums) == sorted(f"{hashlib.sha256(data).hexdigest()}  {name}"
                                  for name, data in files.items())


def test_where_and_when_it_was_made_cannot_be_seen(archive: Path, tmp_path: Path) -> None:
    """The same files in another folder, with other dates and modes, give the same archive."""
    shutil.unpack_archive(str(archive), str(tmp_path))
    for file in (tmp_path / NAME).rglob("*.exe"):
        file.chmod(0o700)
    pack(tmp_path / NAME, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


PRODUCT = "build/x86_64-unicode/first_process.exe"


@pytest.mark.skipif(not shutil.which("x86_64-w64-mingw32-gcc"), reason="needs MinGW-w64's compiler")
def test_a_product_is_built_once_and_everywhere_the_same(inner: InnerRuns, tmp_path: Path) -> None:
    """make rebuilds a program only if something changed: if it replaced one that a test is
    starting, CreateProcess would fail with 193. A program built in another folder has the same
    bytes, also if the compiler is called gcc and little else is on PATH, as with MSYS2."""
    def make(folder: str, *words: str, path: str = os.defpath) -> bool:
        done = inner.run(["make", *words, PRODUCT], checkout=tmp_path / folder,
                         environment={"PATH": path})
        assert done.code == 0, done.text
        return f"-o {PRODUCT}" in done.text

    for folder in ("a", "b c"):
        (tmp_path / folder).mkdir()
        for name in ("Makefile", "first_process"):
            (tmp_path / folder / name).symlink_to(ROOT / name)
    tools = put(tmp_path / "tools", {}, "x86_64-w64-mingw32-gcc", "make", "sh", "mkdir", "cmp")
    Path(tools, "gcc").symlink_to("x86_64-w64-mingw32-gcc")
    assert [make("a", *words) for words in (
        (), (), ("CFLAGS=-O1",), ("CFLAGS=-O1",), ())] == [True, False, True, False, True]
    assert make("b c", "CROSS=", "ARCHS=x86_64", path=tools)
    assert (tmp_path / "a" / PRODUCT).read_bytes() == (tmp_path / "b c" / PRODUCT).read_bytes()


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


def test_the_makefile_to_take_builds_other_projects(inner: InnerRuns, tmp_path: Path) -> None:
    """The Makefile builds C++, resources and a DLL in folders, with GCC and with Clang, links
    libraries after the objects, and runs all tests although the first one fails. It builds nothing
    if nothing changed, and everything if compiler or flags did."""
    for compiler in ("x86_64-w64-mingw32-g++", "clang++"):
        if not shutil.which(compiler):
            pytest.skip(f"there is no {compiler}")
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    text = (ROOT / "docs" / "examples" / "hello" / "Makefile").read_text()
    for name, value in {**SETTINGS, "RUN": f"{sys.executable} '{ROOT}/harness/run'"}.items():
        text, count = re.subn(rf"^{name}( *)=.*$", f"{name} = {value}", text, flags=re.M)
        assert count == 1
    (tmp_path / "Makefile").write_text(text)
    for words, built in [
            ("test", "mingw32-g++ "), ("", "Nothing to be done"), ("-W src/number.h", "app.cpp.o"),
            ("CFLAGS=-O0", "-O0 -c"), ("CFLAGS=-O0 LDLIBS='-lws2_32 -lole32'", "-lole32"),
            ("test CC=clang CXX=clang++", "-o build/x86_64/dll/seven.c.o")]:
        done = inner.run(["make", *shlex.split(words)], 100.0, checkout=tmp_path)
        assert built in done.text and done.code == 2 * ("test" in words), done.text
        if "test" in words:
            assert "failed: build/x86_64/tests/bad.exe" in done.text.splitlines(), done.text
            assert ("mingw32-g" in done.text) != ("clang" in words), done.text
            run = [sys.executable, str(ROOT / "harness" / "run"), "build/x86_64/app.exe"]
            assert inner.run(run, checkout=tmp_path) == (0, b"resource167772167", b"")


def test_the_harness_runs_from_the_unpacked_folder(inner: InnerRuns, archive: Path, tmp_path: Path,
                                                   pytestconfig: pytest.Config) -> None:
    """The harness runs with only the contents of the archive, also without 32-bit programs."""
    folder = tmp_path / "Heruntergeladenes & 数"
    shutil.unpack_archive(str(archive), str(folder))
    for programs in (folder / NAME / "build").glob("i686*"):
        shutil.rmtree(programs)
    options = [f"--{name}={value}" for name in ("wine", "prefix")
               for value in [pytestconfig.getoption(name)] if value]
    done = inner.run([*PYTEST, "harness/claims/test_round_trip.py",
                      "harness/claims/products/test_executables.py", *options], 120.0,
                     checkout=folder / NAME)
    assert done.code == 0 and " passed" in done.text, done.text


#: Modules that only Unix has, that a Windows run does not need, or that some Pythons there lack.
UNIX = """_curses crypt ctypes curses fcntl grp nis ossaudiodev posix pty pwd readline spwd resource
    syslog termios tty xdist pexpect ptyprocess pyvirtualdisplay jinja2 psutil PIL Xlib
    selenium""".split()
#: Imports modules as if on Windows; of the others, only what Python and pytest need is there.
IMPORTS = f"""
import importlib, pefile, pytest, shutil, subprocess, sys, tempfile
sys.platform = "win32"
shutil.which = lambda *words: None  # It asks Windows, from Python 3.12 on.
sys.modules.update(dict.fromkeys({UNIX}))
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except pytest.skip.Exception:
        pass
print(sum(name.startswith("harness") for name in sys.modules))
"""


def test_windows_imports_nothing_of_unix() -> None:
    """No claim, no self-test for Windows, and nothing that they import needs a Unix module."""
    files = [ROOT / "harness" / name for name in (
        "conftest.py", "driver/windows.py", "judge/plugin.py", "judge/fixtures.py",
        "lessons/demo.py", "selftests/conftest.py", *(f"selftests/{name}" for name in ON_WINDOWS))]
    files += (ROOT / "harness" / "claims").rglob("test_*.py")
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    done = subprocess.run([sys.executable, "-c", IMPORTS, *names], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0 and int(done.stdout) > 90, done.stderr
