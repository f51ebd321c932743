"""Demonstrates the documented programs step by step: `make demo`.

Exits with 0 only if the message box showed the text that the writer copied into the object.
"""
from __future__ import annotations

import os
import sys
import time
from contextlib import closing, suppress
from itertools import count
from typing import Iterator

from harness.driver.contract import BUF_SIZE, NAME, decode, encode
from harness.driver.errors import Expired, HarnessError
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.driver.pair import Scene, product_pair
from harness.lessons.command import exit_with
from harness.lessons.drawing import draw, dump

#: How long the user has to answer the message box on a desktop, in seconds.
PATIENCE = 30
RIGHT = "\nThe reader showed what the writer wrote."


def desktop_host() -> Host:
    """Open a host that draws on the user's display, or one without a display if none answers."""
    if os.environ.get("DISPLAY"):
        try:
            return open_host(Settings(display="x11"))
        except HarnessError:
            print(f"   (The display {os.environ['DISPLAY']} does not answer; "
                  "continuing without it.)", flush=True)
    return open_host(Settings(), NAME)


def play(host: Host, colour: bool) -> Iterator[str]:
    """Run both programs. Yield what to print: for each step a heading, after an empty line, and
    what it shows; at the end RIGHT if the message box showed what the writer wrote."""
    numbers = count(1)

    def paint(code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if colour else text

    def mark(text: str) -> str:
        return paint("33", text)

    def step(text: str) -> str:
        return f"\n{paint('1;36', f'{next(numbers)}.')} {paint('1', text)}"

    def shown(*lines: str) -> str:
        return "\n".join(f"   {line}" for line in lines)

    scene = Scene(host, product_pair("x86_64", "unicode"))
    yield step("first_process starts, creates the file mapping object and copies its message.")
    writer = scene.writer()
    mapping = scene.message_of(writer)
    data = mapping.read(BUF_SIZE)
    written = decode(data, "unicode")
    yield shown(f"name: {NAME}",
                f"size: {BUF_SIZE} bytes requested, rounded up to one "
                f"{mapping.section()[0]:,}-byte page",
                f'first bytes, which are "{mark(written)}" in UTF-16:',
                *dump(data[:64], len(encode(written, "unicode")), mark))
    mapping.close()
    yield shown("Now it waits for a key. The object exists as long as any process has a handle.")

    yield step("second_process starts, opens the object by its name and shows what it finds.")
    reader = scene.reader()
    box = reader.box()
    yield shown(*(line.replace(written, mark(written)) for line in draw(box)))
    yield step("OK is pressed in the message box.")
    if host.display != "null":
        yield shown(f"The real message box is on your screen. Press OK within {PATIENCE} s; "
                    "after that it is pressed for you.")
        with suppress(Expired):
            reader.wait(PATIENCE)
    if not reader.ended():
        reader.answer(box)
    yield shown(f"second_process exits with {reader.wait().code}.")

    yield step("A key is pressed in the console of first_process.")
    writer.press()
    yield shown(f"first_process exits with {writer.wait().code}.")

    yield step("Both have closed their handles, so the object is gone:")
    gone = not scene.exists()
    yield shown("opening its name now fails with 2, ERROR_FILE_NOT_FOUND." if gone else
                "but it is still there!")
    yield RIGHT if gone and box.text == written else \
        "\nThe reader did not show what the writer wrote."


def main() -> int:
    """Run the demonstration and return its exit code."""
    terminal = sys.stdout.isatty()
    text = os.environ.get("PACE", "0.8" if terminal else "0")
    try:
        pace = float(text)
    except ValueError:
        print(f'demo: PACE is "{text}"; '
              "give the pause after each step in seconds, for instance PACE=2")
        return 2
    with closing(desktop_host()) as host:
        for piece in play(host, terminal):
            print(piece, flush=True)
            if not piece.startswith("\n"):
                time.sleep(pace)
    print("The course: docs/README.md. To check every documented claim: make test")
    return 0 if piece == RIGHT else 1


if __name__ == "__main__":
    exit_with("demo", main)
