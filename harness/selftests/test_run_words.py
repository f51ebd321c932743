"""Tests that harness.run explains why a run ended, and finds programs as Windows does."""
from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from harness.selftests.inner_runs import InnerRuns

SOURCES = {
    "f.c": "int f(void) { return 7; }", "g.c": "int f(void); int g(void) { return f(); }",
    "uses.c": "int g(void); int main(void) { return g(); }",
    "no.c": "int __stdcall DllMain(void *a, int b, void *c) { return 0; }\n"
            "int g(void) { return 7; }",
    "crash.c": "static void deep(int *p)\n{\n    *p = 1;\n}\n"
               "int main(void)\n{\n    deep(0);\n    return 0;\n}\n"}


def build(runner: InnerRuns, *commands: str, arch: str = "x86_64") -> None:
    """Run GCC with these arguments in the folder of programs, on these sources."""
    for name, text in SOURCES.items():
        (runner.programs / name).write_text(text)
    for words in commands:
        subprocess.run([f"{arch}-w64-mingw32-gcc", *words.split()], cwd=runner.programs, check=True)


@pytest.fixture
def dlls(runner: InnerRuns) -> InnerRuns:
    """Build f.dll, g.dll, which needs it, uses.exe, which needs g.dll; and broken ones."""
    for name in ("dll", "wrong", "refuses"):
        (runner.programs / name).mkdir()
    build(runner, "-shared -o dll/f.dll f.c", "-shared -o dll/g.dll g.c dll/f.dll",
          "-o uses.exe uses.c dll/g.dll", "-shared -o refuses/g.dll no.c")
    build(runner, "-shared -o wrong/g.dll f.c", arch="i686")
    return runner


@pytest.mark.parametrize("path, said", [
    ("none", "0xC0000135 STATUS_DLL_NOT_FOUND; g.dll is missing (uses.exe needs it)"),
    ("wrong", "g.dll cannot be loaded (uses.exe needs it): 0xC000007B"),
    ("refuses", "0xC0000142 STATUS_DLL_INIT_FAILED; g.dll failed to initialize")])
def test_a_dll(dlls: InnerRuns, path: str, said: str) -> None:
    """A DLL's problem is reported for the program; for its child, without another status."""
    path = f"{os.environ['PATH']}:{dlls.programs / path}"
    dlls.expect(126, said, "uses.exe", PATH=path)
    done = dlls.launch("probe.exe", "run", f'"{dlls.programs}/uses.exe"', PATH=path)
    assert done.code == 255 and said in done.errors.decode(), done.errors
    assert b"its child uses.exe could not be started: " in done.errors


def test_a_dll_of_a_32bit_program(runner: InnerRuns) -> None:
    """A DLL's problem is reported for a 32-bit program, which Wine runs in a second process."""
    (runner.programs / "dll").mkdir()
    build(runner, "-shared -o dll/g.dll -Df=g f.c", "-o uses.exe uses.c dll/g.dll", arch="i686")
    done = runner.launch("uses.exe")
    if b"it is a 32-bit program, and" in done.errors:
        pytest.skip(done.errors.decode())
    assert done.code == 126 and b"g.dll is missing (uses.exe needs it)" in done.errors


def test_path(dlls: InnerRuns) -> None:
    """All of PATH and WINEPATH is searched for DLLs, at start or later, and for children."""
    folder = str(dlls.programs / "dll")
    path = f"{os.environ['PATH']}:{folder}"
    windows = "Z:" + folder.replace("/", "\\")
    shutil.copy(dlls.programs / "uses.exe", dlls.programs / "dll" / "child.exe")
    dlls.expect(7, "", "uses.exe", PATH=path)
    dlls.expect(7, "", "--env", f"WINEPATH={windows}", "uses.exe")
    dlls.expect(7, "", "probe.exe", "load", "g.dll", PATH=path)
    dlls.expect(7, "", "probe.exe", "run", "child.exe 1", PATH=path)


def test_crashes(runner: InnerRuns) -> None:
    """A backtrace has functions, and lines if the file has them; a stack overflow is recognized."""
    build(runner, "-g -O0 -o crash.exe crash.c")
    done = runner.launch("crash.exe")
    assert done.code == 139, done.errors
    lines = [line.partition(".exe: ")[2] for line in done.errors.decode().splitlines()]
    assert lines[0] == "it crashed: 0xC0000005 STATUS_ACCESS_VIOLATION"
    assert lines[1] == "crash: page fault on write access to 0x0000000000000000"
    assert [line.split()[1] for line in lines[2:4]] == ["deep", "main"]
    assert lines[2].endswith("crash.c:3") and lines[3].endswith("crash.c:7")
    runner.expect(139, "0xC00000FD STATUS_STACK_OVERFLOW", "probe.exe", "overflow")


def test_what_is_to_be_run(runner: InnerRuns) -> None:
    """A batch file, a program of Wine's own, and a Windows path in any case can be run; an invalid
    name is refused, without control characters for the terminal."""
    (runner.programs / "batch.bat").write_text("@echo off\necho %1\nexit /b 5\n")
    assert runner.expect(5, "", str(runner.programs / "batch.bat"), "heard") == "heard\r\n"
    runner.expect(8, "", "cmd", "/c", "exit 8")
    windows = "Z:" + str(runner.programs / "PROBE.EXE").replace("/", "\\")
    runner.expect(9, "", windows, "exit", "9")
    for name, said in (("a?\x1b[2J.exe", b"? in it"), ("a .exe/a.exe.", b"dot or a space")):
        path = runner.programs / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(runner.programs / "probe.exe", path)
        done = runner.launch(str(path))
        assert done.code == 126 and said in done.errors and b"\x1b" not in done.errors
