"""Tests that harness.run runs any Windows program like a program of this machine."""
from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import List

import pytest

from harness.driver.paths import ROOT
from harness.driver.wine.installation import find_wine
from harness.selftests.runner import SHARE, Runner

pytestmark = [pytest.mark.slow, pytest.mark.products, pytest.mark.time_limit(120)]

#: Arguments that are special to a shell, to MinGW's run-time or to Wine.
ARGUMENTS = ["", "a b", 'a"b', "a\\", 'a\\\\"b', "*", "%PATH%", "ü€😀", "new\nline", "it's", "--x",
             "^&|<>", "a\tb", "C:\\x y\\"]


def test_arguments(runner: Runner) -> None:
    """Arguments arrive unchanged."""
    done = runner.run("probe.exe", "arguments", *ARGUMENTS)
    assert done.stdout.decode().split("\0")[:-1] == ARGUMENTS


def test_streams(runner: Runner) -> None:
    """All bytes pass in both directions, and nothing else is printed."""
    data = bytes(range(256)) * 4096
    done = runner.run("probe.exe", "copy", stdin=data)
    assert (done.returncode, done.stdout, done.stderr) == (0, data, b"%d\n" % len(data))


def test_streams_pass_while_it_runs(runner: Runner) -> None:
    """The program answers a line before it gets the next one."""
    with subprocess.Popen(runner.command("probe.exe", "copy"), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=runner.inner.environment) as process:
        assert process.stdin and process.stdout
        for line in (b"one\n", b"two\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line


@pytest.mark.parametrize("code, status, said", [
    ("0", 0, ""), ("1", 1, ""), ("255", 255, ""), ("0xFFFFFFFF", 255, ""), ("0xFFFFFFFE", 254, ""),
    ("256", 1, ""),  # Wine makes this 1.
    ("257", 255, "its exit code is 257 (0x00000101); the exit status is 255"),
    ("0xC0000005", 139, "it crashed: 0xC0000005 STATUS_ACCESS_VIOLATION"),
    ("0xC000013A", 130, "it crashed: 0xC000013A STATUS_CONTROL_C_EXIT")])
def test_exit_codes(runner: Runner, code: str, status: int, said: str) -> None:
    """The exit status is the program's; a line explains a code that is too large."""
    done = runner.run("probe.exe", "exit", code)
    line = f"harness.run: {runner.programs / 'probe.exe'}: {said}\n" if said else ""
    assert (done.returncode, done.stderr.decode()) == (status, line)


def test_it_is_ended_by_another_program(runner: Runner) -> None:
    """A program that another program ends does not look successful, although Wine reports 0."""
    done = runner.run("probe.exe", "ended")
    assert done.returncode == 128 + signal.SIGKILL
    assert b"another program ended it" in done.stderr


def test_no_program(runner: Runner) -> None:
    """A file that is missing, or is no program, has the right exit status and message."""
    (runner.programs / "text.exe").write_text("no program")
    (runner.programs / "folder.exe").mkdir()
    dll = find_wine().files("x86_64-windows")["version.dll"]
    for name, status, said in (("none.exe", 127, b"there is no such file"),
                               ("folder.exe", 126, b"Is a directory"),
                               (dll, 126, b"it is a DLL"),
                               ("text.exe", 126, b"it is not a Windows .exe")):
        done = runner.run(name)
        assert done.returncode == status and said in done.stderr


@pytest.mark.parametrize("words, said", [
    ("--timeout 0", "more than 0"), ("--nothing", "--nothing"), ("", "PROGRAM.exe"),
    ("--wine /none", "/none"), ("--env x", "NAME=VALUE"), ("--env PATH=x", "set WINEPATH"),
    ("--cwd /none", "no such folder"), ("--share " + 99 * "x", "1 to 60 bytes"),
    ("--linger 1", "--share")])
def test_wrong_options(runner: Runner, words: str, said: str) -> None:
    """One line says which option is wrong, without a traceback."""
    done = runner.run(*words.split(), *["probe.exe"][:len(words)])
    assert done.returncode == 125 and said in done.stderr.decode().splitlines()[-1]
    assert b"Traceback" not in done.stderr


def test_poor_surroundings(runner: Runner) -> None:
    """The program runs without streams and permissions; if it cannot, the message says why."""
    command = runner.command("probe.exe", "exit", "5")
    for poor in ('exec "$@" <&- >&- 2>&-', 'umask 0777; exec "$@"'):
        assert subprocess.run(["sh", "-c", poor, "sh", *command], timeout=100,
                              env=runner.inner.environment).returncode == 5
        assert not runner.inner.left()
    done = subprocess.run(["sh", "-c", 'ulimit -v 500000; exec "$@"', "sh", *command], timeout=100,
                          env=runner.inner.environment, capture_output=True)
    assert done.returncode == 125 and b"ulimit -v" in done.stderr
    assert runner.run("probe.exe", PATH="/none").stdout == b"hello\n"
    done = runner.run("probe.exe", TMPDIR="/none")
    assert done.returncode == 125 and b"in /none (No such file or directory); set" in done.stderr


@pytest.mark.parametrize("threads", ["posix", "win32"])
def test_the_compiler_s_dlls(runner: Runner, threads: str) -> None:
    """The DLLs come from the compiler that built the program."""
    compiler = f"x86_64-w64-mingw32-g++-{threads}"
    if subprocess.run(["which", compiler], stdout=subprocess.DEVNULL).returncode:
        pytest.skip(f"there is no {compiler}")
    (runner.programs / "throws.cpp").write_text(
        "#include <iostream>\n" + ("#include <thread>\n" if threads == "posix" else "") +
        "int main() { try { throw 7; } catch (int seven) { std::cout << seven; }\n" +
        ("std::thread([] {}).join();\n" if threads == "posix" else "") + "}\n")
    subprocess.run([compiler, "-o", "throws.exe", "throws.cpp"], cwd=runner.programs, check=True)
    done = runner.run("throws.exe")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"7", b"")


def test_lines(runner: Runner) -> None:
    """With --lf all line ends become LF, even across two reads; without it the output is
    unchanged."""
    data = b"a\r\nb\rc\r\r\n" * 30000
    done = runner.run("--lf", "probe.exe", "copy", stdin=data)
    assert done.stdout == data.replace(b"\r\n", b"\n")
    assert runner.run("--lf", "probe.exe", "copy", stdin=b"x\r").stdout == b"x\r"


def test_variables_that_do_not_count(runner: Runner) -> None:
    """Ignored variables are named."""
    done = runner.run("probe.exe", WINEDEBUG="+all", WINEPREFIX="/none")
    assert b"ignored from your environment: WINEDEBUG, WINEPREFIX;" in done.stderr
    assert runner.run("--env", "temp=x", "probe.exe").returncode == 125


def test_surroundings(runner: Runner) -> None:
    """The environment is the caller's with --env, the folder is the caller's or --cwd's, and there
    are a temporary folder and a shell."""
    def said(*words: str, **environment: str) -> str:
        return runner.start_to_end(*words, environment=environment).stdout.decode().strip()
    assert said("probe.exe", "variable", "MINE", MINE="a") == "a"
    assert said("--env", "MINE=b", "probe.exe", "variable", "MINE", MINE="a") == "b"
    assert said("probe.exe", "variable", "WINEDEBUG", WINEDEBUG="+all").startswith("-all,")
    assert said("--env", "WINEDEBUG=-all", "probe.exe", "variable", "WINEDEBUG") == "-all"
    assert said("probe.exe", "variable", "TEMP").endswith("\\Temp")
    assert said("probe.exe", "folder") == "Z:" + str(runner.programs).replace("/", "\\")
    assert said("--cwd", "/usr", "probe.exe", "folder") == "Z:\\usr"
    assert said("probe.exe", "shell", "echo heard") == "heard"


def test_programs_that_share_meet(runner: Runner) -> None:
    """Two runs that share a name share a Wine; others have their own."""
    with runner.running("first", *SHARE, "probe.exe", "meet") as first:
        assert b"second" in runner.start_to_end(*SHARE, "probe.exe", "meet").stdout
        assert first.wait(20) == 0
    with runner.running("first", "probe.exe", "meet"):
        with runner.running("first", "probe.exe", "meet"):
            pass
    runner.nothing_left()


def test_sharing(runner: Runner) -> None:
    """A Wine can outlast its programs for a time; runs with other options may not share it; its
    pipes end although its desktop remains."""
    with runner.running("box", *SHARE, "--linger", "1.5", "probe.exe", "box") as first:
        with runner.running("box", *SHARE, "probe.exe", "box") as second:
            second.terminate()
            assert second.stdout and second.stdout.read() == b""
        done = runner.start_to_end(*SHARE, "--prefix", "full", "probe.exe")
        assert done.returncode == 125 and b"was started with other options" in done.stderr
        first.terminate()
        first.wait(20)
        ended = time.monotonic()
        assert runner.inner.left()
    runner.nothing_left()
    assert time.monotonic() - ended > 1


def test_a_large_environment(runner: Runner) -> None:
    """The environment can be larger than a message between processes."""
    large = {f"LARGE{number}": 100_000 * "x" for number in range(4)}
    done = runner.start_to_end("probe.exe", "exit", "7", environment=large)
    assert done.returncode == 7


def test_many_at_once(runner: Runner) -> None:
    """Eight runs can start at once, separately and sharing."""
    alone: List[str] = []
    for share in (alone, SHARE):
        runs = [subprocess.Popen(runner.command(*share, "probe.exe", "exit", str(number)),
                                 env=runner.inner.environment, stdin=subprocess.DEVNULL)
                for number in range(8)]
        assert [run.wait(100) for run in runs] == list(range(8))
        runner.nothing_left()


def test_as_a_module(runner: Runner) -> None:
    """In a checkout it runs as a module."""
    done = subprocess.run([sys.executable, "-m", "harness.run", "--keep",
                           str(runner.programs / "probe.exe")], cwd=ROOT, capture_output=True,
                          env=runner.inner.environment, text=True, timeout=100)
    kept = done.stderr.rpartition("kept: ")[2].strip()
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert (Path(kept) / "prefix" / "user.reg").is_file()
    subprocess.run(["rm", "-r", kept], check=True)
