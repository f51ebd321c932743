"""Reads the blocks, links and commands of README.md, harness/README.md and docs/. `make pages`
updates the outputs, play.html and the pictures; the message box is from the last `make test`.

A `console` block has commands after `$ `, each with its output; a `pycon` block is a session of the
laboratory. A `c` block follows the comment `<!-- from: FILE -->` and is an excerpt of that file.
Applying the `diff` blocks of docs/robust/README.md in order creates its files.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple

from harness.driver.paths import BUILD, ROOT
from harness.lessons.pictures import DRAWN
from harness.play.browser import LACKING, photograph
from harness.play.page import PAGE, page as play_page

PICTURES = ROOT / "docs" / "pictures"
PHOTOGRAPH = BUILD / "desktop" / "x86_64-unicode.png"
#: The environment variables that select the user's desktop.
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")
FENCE = re.compile(r"(?:<!-- from: (?P<source>\S+) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
                   re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
#: The commands whose output `make pages` updates: they are quick and print the same each time.
SHOWN = re.compile(r"make (help|demo|show( SCENE=[\w-]+)?|robust STEP=\d+"
                   r"|interleavings (PAIR=\w+ )?ORDER=.*)$"
                   r"|x86_64-w64-mingw32-gcc .*\| grep ")
#: The laboratory, which reads its script from standard input.
LABORATORY = f"{sys.executable} -m harness.lessons.lab"

Files = Dict[str, List[str]]  #: The lines of files by their names.


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, source file (`c` only) and text."""

    kind: str
    source: Optional[str]
    text: str

    def commands(self) -> List[Tuple[str, str]]:
        """Return each command of a `console` block with its output."""
        pieces = re.split(r"^\$ (.*)\n", self.text, flags=re.M)[1:]
        return list(zip(pieces[::2], pieces[1::2]))

    def typed(self) -> str:
        """Return the lines that a `pycon` block types into the laboratory."""
        return "".join(re.findall(r"^>>> (.*\n)", self.text, re.M))


def pages() -> List[Path]:
    """Return README.md, harness/README.md and all pages of docs/."""
    return [ROOT / "README.md", ROOT / "harness" / "README.md",
            *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield Block(found["kind"], found["source"], found["text"])


def commands() -> List[Tuple[Path, str, str]]:
    """Return page, command and shown output of every command, without duplicates."""
    return list(dict.fromkeys((page, command, output) for page in pages()
                              for block in blocks(page) if block.kind == "console"
                              for command, output in block.commands()))


def prose(page: Path) -> str:
    """Return the page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(page: Path) -> Set[str]:
    """Return the anchors of the page's headings."""
    return set(map(slug, re.findall(r"^#+ (.*)$", prose(page), re.M)))


def patched(files: Files, diff: str) -> None:
    """Apply a unified diff of one file to `files`, which maps names to lines."""
    name = re.findall(r"^\+\+\+ b/(.*)$", diff, re.M)[0]
    old, new, place = files.get(name, []), [], 0
    for start, body in re.findall(r"^@@ -(\d+)\S* \+\S+ @@.*\n((?:[-+ ].*\n|\n)*)", diff, re.M):
        first = max(int(start) - 1, 0)
        new += old[place:first]
        place = first
        for line in body.splitlines(True):
            if line[0] in " -\n":
                assert old[place] == (line[1:] or "\n"), f"{name}: {line}"
                place += 1
            if line[0] in " +\n":
                new.append(line[1:] or "\n")
    files[name] = new + old[place:]


def surroundings() -> Dict[str, str]:
    """Return the environment for a command of a page. It names no display: on a desktop
    `make demo` would open a real message box and wait for the user."""
    # With the MAKE variables, a nested make would also print its level and folder.
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("MAKE", "PYTEST_")) and name not in DISPLAYS}


def output_of(command: str, typed: str = "") -> str:
    """Run the command in the project's folder and return its standard output."""
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=surroundings(),
                          input=typed.encode(), stdout=subprocess.PIPE, timeout=120, check=False)
    return done.stdout.decode()


def renewed(page: Path) -> str:
    """Return the page's text with the current output of its commands."""
    def renew(found: "re.Match[str]") -> str:
        block = Block(found["kind"], found["source"], found["text"])
        if block.kind == "pycon":
            return f"```pycon\n{output_of(LABORATORY, block.typed())}```"
        if block.kind != "console":
            return found[0]
        text = "".join(f"$ {command}\n{output_of(command) if SHOWN.match(command) else shown}"
                       for command, shown in block.commands())
        return f"```console\n{text}```"
    return FENCE.sub(renew, page.read_text(encoding="utf-8"))


def main() -> int:
    """Update every page and the pictures."""
    if PHOTOGRAPH.exists():
        shutil.copy(PHOTOGRAPH, PICTURES / "box.png")
    for name, draw in DRAWN.items():
        (PICTURES / f"{name}.svg").write_text(draw(), encoding="utf-8")
    PAGE.write_text(play_page(), encoding="utf-8")
    if LACKING:
        print(f"docs/pictures/play.png is not updated: {LACKING}")
    else:
        photograph(PICTURES / "play.png")
    for page in pages():
        text = renewed(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(f"updated: {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
