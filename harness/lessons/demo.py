"""Demonstrates the documented programs step by step: `make demo`.

Exits with 0 only if the message box showed the text that the writer copied into the object.
"""
from __future__ import annotations

import os
import sys
import time
from contextlib import closing, suppress

from harness.driver.contract import BUF_SIZE, NAME, decode, encode
from harness.driver.errors import Expired, HarnessError
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.lessons.command import exit_with
from harness.lessons.drawing import draw, dump

#: How long the user has to answer the message box on a desktop, in seconds.
PATIENCE = 30


class Teller:
    """Prints numbered steps; `pace` is the pause after each, in seconds."""

    def __init__(self, pace: float, colour: bool) -> None:
        self.pace = pace
        self.colour = colour
        self.steps = 0

    def paint(self, code: str, text: str) -> str:
        """Return the text in the colour of an SGR code, or unchanged if colours are off."""
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def mark(self, text: str) -> str:
        """Return the text in the colour of the message: yellow."""
        return self.paint("33", text)

    def step(self, text: str) -> None:
        """Print the heading of the next step."""
        self.steps += 1
        print(f"\n{self.paint('1;36', f'{self.steps}.')} {self.paint('1', text)}", flush=True)

    def show(self, *lines: str) -> None:
        """Print the lines and pause."""
        for line in lines:
            print(f"   {line}", flush=True)
        time.sleep(self.pace)


def desktop_host(tell: Teller) -> Host:
    """Open a host that draws on the user's display, or one without a display if none answers."""
    if os.environ.get("DISPLAY"):
        try:
            return open_host(Settings(display="x11"))
        except HarnessError:
            tell.show(f"(The display {os.environ['DISPLAY']} does not answer; "
                      "continuing without it.)")
    return open_host(Settings(), NAME)


def play(tell: Teller, host: Host) -> bool:
    """Run both programs. Return True if the message box showed what the writer wrote."""
    scene = Scene(host, product_pair("x86_64", "unicode"))
    tell.step("first_process starts, creates the file mapping object and copies its message.")
    writer = scene.writer()
    mapping = scene.message_of(writer)
    data = mapping.read(BUF_SIZE)
    written = decode(data, "unicode")
    tell.show(f"name: {NAME}",
              f"size: {BUF_SIZE} bytes requested, rounded up to one {mapping.section()[0]:,}-byte "
              "page",
              f'first bytes, which are "{tell.mark(written)}" in UTF-16:',
              *dump(data[:64], len(encode(written, "unicode")), tell.mark))
    mapping.close()
    tell.show("Now it waits for a key. The object exists as long as any process has a handle.")

    tell.step("second_process starts, opens the object by its name and shows what it finds.")
    reader = scene.reader()
    box = reader.box()
    tell.show(*(line.replace(written, tell.mark(written)) for line in draw(box)))
    tell.step("OK is pressed in the message box.")
    if host.display != "null":
        tell.show(f"The real message box is on your screen. Press OK within {PATIENCE} s; "
                  "after that it is pressed for you.")
        with suppress(Expired):
            reader.wait(PATIENCE)
    if not reader.ended():
        reader.answer(box)
    tell.show(f"second_process exits with {reader.wait().code}.")

    tell.step("A key is pressed in the console of first_process.")
    writer.press()
    tell.show(f"first_process exits with {writer.wait().code}.")

    tell.step("Both have closed their handles, so the object is gone:")
    gone = not scene.exists()
    tell.show("opening its name now fails with 2, ERROR_FILE_NOT_FOUND." if gone else
              "but it is still there!")
    return gone and box.text == written


def main() -> int:
    """Run the demonstration and return its exit code."""
    terminal = sys.stdout.isatty()
    pace = os.environ.get("PACE", "0.8" if terminal else "0")
    try:
        tell = Teller(float(pace), terminal)
    except ValueError:
        print(f'demo: PACE is "{pace}"; '
              "give the pause after each step in seconds, for instance PACE=2")
        return 2
    with closing(desktop_host(tell)) as host:
        shown = play(tell, host)
    print("\nThe reader showed what the writer wrote." if shown else
          "\nThe reader did not show what the writer wrote.")
    print("The course: docs/README.md. To check every documented claim: make test")
    return 0 if shown else 1


if __name__ == "__main__":
    exit_with("demo", main)
