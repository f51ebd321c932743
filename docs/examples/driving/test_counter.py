"""Tests counter.exe, which otherwise needs a person at the keyboard."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

# The checkout of named-shared-memory, built with `make`.
sys.path.insert(0, os.environ.get("NAMED_SHARED_MEMORY", str(Path(__file__).parents[3])))

from harness.driver.fixture import host  # noqa: E402, F401 # pytest finds it by its name.
from harness.driver.programs import HELD, Launch  # noqa: E402
from harness.driver.waiting import wait_for  # noqa: E402
from harness.driver.win32.console import Key  # noqa: E402


@pytest.fixture(scope="session")
def counter(tmp_path_factory):
    """Build counter.exe."""
    file = tmp_path_factory.mktemp("build") / "counter.exe"
    subprocess.run(["x86_64-w64-mingw32-gcc", "-Wall", "-o", str(file),
                    str(Path(__file__).with_name("counter.c"))], check=True)
    return file


def key(character):
    """Return the key of a character for WriteConsoleInput."""
    return Key(ord(character.upper()), ord(character))


def line(program, number):
    """Wait for that line of the program's output, and return it."""
    def look():
        lines = program.status()[1].out.splitlines()
        return lines[number] if len(lines) > number else None
    return wait_for(look, f"line {number}", program.describe)


def test_it_counts_what_is_pressed(host, counter):  # noqa: F811
    """Press keys, read the output, and answer the message box with the sum."""
    program = host.start("counter", f'"{host.path(counter)}"')
    for character in "++=":
        program.press(key(character))
    box = program.box()
    assert (box.title, box.text) == ("Counter", "Counted to 2.")
    assert [button.label for button in box.buttons] == ["OK", "Cancel"]
    program.answer(box, box.buttons[1])
    program.press(key("q"))
    ended = program.wait()
    assert (ended.code, ended.out) == (0, b"+ = q\r\n1\r\n2\r\n")


def test_two_count_together(host, counter):  # noqa: F811
    """Both programs share memory, which the test can read and write, too. Each needs a console of
    its own, so that a key reaches only one of them."""
    first, second = (host.start(name, f'"{host.path(counter)}"', launch=Launch(new_console=True))
                     for name in ("one", "two"))
    assert (line(first, 0), line(second, 0)) == (b"+ = q", b"+ = q")
    host.open("Local\\Counter").map().write((40).to_bytes(4, "little"))
    first.press(key("+"))
    assert line(first, 1) == b"41"
    second.press(key("+"))
    assert line(second, 1) == b"42"


def test_the_second_finds_what_the_first_made(host, counter):  # noqa: F811
    """The first program is held after CreateFileMapping, before it maps its view."""
    first = host.start("one", f'"{host.path(counter)}"', launch=HELD)
    first.go_through("CreateFileMappingA")
    second = host.start("two", f'"{host.path(counter)}"')
    second.press(key("+"))
    assert line(second, 1) == b"1"
    assert [call.name for call in first.calls()] == ["CreateFileMappingA"]
