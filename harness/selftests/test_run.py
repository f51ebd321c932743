"""Tests that harness.run runs any Windows program like a program of this machine, finds programs as
Windows does, and explains what is missing."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List

import pytest

from harness.driver.paths import ROOT
from harness.driver.wine.installation import find_wine
from harness.selftests.inner_runs import SHARE, InnerRuns, after

#: Arguments that are special to a shell, to MinGW's run-time or to Wine.
ARGUMENTS = ["", "a b", 'a"b', "a\\", 'a\\\\"b', "*", "%PATH%", "ü€😀", "new\nline", "it's", "--x",
             "^&|<>", "a\tb", "C:\\x y\\"]


def test_arguments_and_streams(runner: InnerRuns) -> None:
    """Arguments and all bytes of standard input arrive unchanged. With --lf all line ends of the
    output become LF, even across two reads; without it the output is unchanged. The program answers
    a line before it gets the next one."""
    heard = runner.expect(0, "", "probe.exe", "arguments", *ARGUMENTS)
    assert heard.split("\0")[:-1] == ARGUMENTS
    for data in (bytes(range(256)) * 4096, b"a\r\nb\rc\r\r\n" * 30000, b"x\r"):
        done = runner.launch("probe.exe", "copy", data=data)
        assert (done.code, done.out, done.errors) == (0, data, b"%d\n" % len(data))
        done = runner.launch("--lf", "probe.exe", "copy", data=data)
        assert done.out == data.replace(b"\r\n", b"\n")
    with runner.start(runner.command("probe.exe", "copy"), stdin=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for line in (b"one\n", b"two\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line


def test_no_program(runner: InnerRuns) -> None:
    """A file that is missing, is no program, or takes longer to read than the time limit, has the
    right exit status and message."""
    (runner.programs / "text.exe").write_text("no program")
    (runner.programs / "folder.exe").mkdir()
    runner.expect(127, "there is no such file", "none.exe")
    runner.expect(126, "Is a directory", "folder.exe")
    runner.expect(126, "it is not a Windows .exe", "text.exe")
    runner.expect(126, "it is a DLL", find_wine().files("x86_64-windows")["version.dll"])
    os.mkfifo(runner.programs / "pipe.exe")
    runner.expect(124, "its file was not read in 0.5 s", "--timeout", "0.5", "pipe.exe")


def test_poor_surroundings(runner: InnerRuns) -> None:
    """The program runs without streams and permissions; if it cannot, the message says why."""
    command = runner.command("probe.exe", "exit", "5")
    for poor in ("exec <&- >&- 2>&-", "umask 0777"):
        assert runner.run(command, around=after(poor)) == (5, b"", b"")
        assert not runner.left()
    done = runner.run(command, around=after("ulimit -v 500000"))
    assert done.code == 125 and "ulimit -v" in done.text
    assert runner.expect(0, "", "probe.exe", PATH="/none") == "hello\n"
    runner.expect(125, "in /none (No such file or directory); set", "probe.exe", TMPDIR="/none")


@pytest.mark.parametrize("threads", ["posix", "win32"])
def test_the_compiler_s_dlls(runner: InnerRuns, threads: str) -> None:
    """The DLLs come from the compiler that built the program."""
    compiler = f"x86_64-w64-mingw32-g++-{threads}"
    if subprocess.run(["which", compiler], stdout=subprocess.DEVNULL).returncode:
        pytest.skip(f"there is no {compiler}")
    (runner.programs / "throws.cpp").write_text(
        "#include <iostream>\n#include <thread>\nint main()\n{\n#ifdef _GLIBCXX_HAS_GTHREADS\n"
        "    std::thread([] {}).join();\n#endif\n"
        "    try { throw 7; } catch (int seven) { std::cout << seven; }\n}\n")
    subprocess.run([compiler, "-o", "throws.exe", "throws.cpp"], cwd=runner.programs, check=True)
    assert runner.expect(0, "", "throws.exe") == "7"


@pytest.mark.parametrize("options, line, variables, heard, said", [
    ("", "echo %MINE%", {"MINE": "a"}, "a", ""),
    ("--env MINE=b", "echo %MINE%", {"MINE": "a"}, "b", ""),
    ("--env WINEDEBUG=-all", "echo %WINEDEBUG%", {}, "-all", ""),
    ("", "echo %WINEDEBUG%", {"WINEDEBUG": "+all", "WINEPREFIX": "/none"}, "-all,.*",
     "ignored from your environment: WINEDEBUG, WINEPREFIX;"),
    ("", "echo %TEMP%", {}, r".*\\Temp", ""), ("", "cd", {}, r"Z:\\.*\\a folder", ""),
    ("--cwd /usr", "cd", {}, r"Z:\\usr", ""),
    # Larger than a message between processes.
    ("", "echo %L3:~0,3%", {f"L{number}": 100_000 * "x" for number in range(4)}, "xxx", "")])
def test_surroundings(runner: InnerRuns, options: str, line: str, variables: Dict[str, str],
                      heard: str, said: str) -> None:
    """The environment is the caller's with --env, and ignored variables are named; the folder is
    the caller's or --cwd's; there are a temporary folder and a shell."""
    assert re.fullmatch(heard + "\r\n", runner.expect(
        0, said, *options.split(), "probe.exe", "shell", line, **variables))


def test_programs_that_share_meet(runner: InnerRuns) -> None:
    """Two runs that share a name share a Wine; others, and another version's, have their own."""
    with runner.running(*SHARE, "probe.exe", "meet") as first:
        assert b"second" in runner.launch(*SHARE, "probe.exe", "meet", alone=False).out
        assert first.wait(20) == 0
    with runner.running("probe.exe", "meet"):
        with runner.running("probe.exe", "meet"):
            pass
    other = shutil.copytree(ROOT / "harness", runner.folder / "new" / "harness",
                            copy_function=shutil.copy)
    with runner.running(*SHARE, "probe.exe", "meet"):
        new = runner.start([sys.executable, str(other / "run"), *SHARE,
                            str(runner.programs / "probe.exe"), "meet"])
        assert new.stdout and new.stdout.readline().strip() == b"ready"
        new.terminate()
        new.wait(20)


def test_sharing(runner: InnerRuns) -> None:
    """A Wine can outlast its programs; others' options may not differ; its pipes end."""
    with runner.running(*SHARE, "--linger", "1.5", "probe.exe", "box") as first:
        with runner.running(*SHARE, "probe.exe", "box") as second:
            second.terminate()
            assert second.stdout and second.stdout.read() == b""
        done = runner.launch(*SHARE, "--prefix", "full", "probe.exe", alone=False)
        assert done.code == 125 and b"was started with other options" in done.errors
        first.terminate()
        first.wait(20)
        ended = time.monotonic()
        assert runner.left()
    runner.nothing_left()
    assert time.monotonic() - ended > 1


def test_many_at_once(runner: InnerRuns) -> None:
    """Eight runs can start at once, separately and sharing."""
    alone: List[str] = []
    for share in (alone, SHARE):
        runs = [runner.start(runner.command(*share, "probe.exe", "exit", str(number)))
                for number in range(8)]
        assert [run.wait(100) for run in runs] == list(range(8))


def test_as_a_module(runner: InnerRuns) -> None:
    """In a checkout it runs as a module."""
    done = runner.run([sys.executable, "-m", "harness.run", "--keep",
                       str(runner.programs / "probe.exe")])
    kept = Path(done.text.rpartition("kept: ")[2].strip())
    assert done.code == 0 and done.text.startswith("hello\n")
    assert (kept / "prefix" / "user.reg").is_file()
    shutil.rmtree(kept)


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
    dlls.expect(255, said + "\nits child uses.exe could not be started: ", "probe.exe", "run",
                f'"{dlls.programs}/uses.exe"', PATH=path)


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
