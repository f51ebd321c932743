"""README.md, harness/README.md and docs/: their blocks, links and commands. `make pages` renews the
outputs, play.html, and the pictures; that of the message box is from the last `make test`.

A block of `console` has commands after `$ `, each with what it prints; one of `pycon` is a session
of the laboratory. A block of `c` follows the comment `<!-- from: FILE -->` and is a piece of that
file. The blocks of `diff` in docs/robust/README.md, applied in order, make its files.
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
#: What names the user's desktop.
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")
FENCE = re.compile(r"(?:<!-- from: (?P<source>\S+) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
                   re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
#: The commands whose output is on a page: they are quick and print the same each time.
SHOWN = re.compile(r"make (help|demo|show( SCENE=[\w-]+)?|robust STEP=\d+"
                   r"|interleavings (PAIR=\w+ )?ORDER=.*)$"
                   r"|x86_64-w64-mingw32-gcc .*\| grep ")


Files = Dict[str, List[str]]  #: The lines of files by their names.


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its language, the file it is from (`c` only), and its text."""

    page: Path
    kind: str
    source: Optional[str]
    text: str

    def commands(self) -> List[Tuple[str, str]]:
        """Each command of a `console` block with the output that follows it."""
        pieces = re.split(r"^\$ (.*)\n", self.text, flags=re.M)[1:]
        return list(zip(pieces[::2], pieces[1::2]))

    def typed(self) -> List[str]:
        """The lines that a block of `pycon` types into the laboratory."""
        return re.findall(r"^>>> (.*)$", self.text, re.M)


def pages() -> List[Path]:
    """README.md, the map of harness/, and all pages of docs/."""
    return [ROOT / "README.md", ROOT / "harness" / "README.md",
            *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        yield Block(page, found["kind"], found["source"], found["text"])


def commands() -> List[Tuple[Path, str, str]]:
    """Page, command and shown output of every command in every page, each pair once."""
    return list(dict.fromkeys((page, command, output) for page in pages()
                              for block in blocks(page) if block.kind == "console"
                              for command, output in block.commands()))


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(page: Path) -> Set[str]:
    """The anchors of the page's headings."""
    return set(map(slug, re.findall(r"^#+ (.*)$", prose(page), re.M)))


def patched(files: Files, diff: str) -> None:
    """Apply a unified diff of one file to `files`, which holds their lines by name."""
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
    """The environment for a command of a page, as at a terminal without a display: on a
    desktop `make demo` would open a real message box and wait for the user."""
    # A make that this make has not started says less.
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("MAKE", "PYTEST_")) and name not in DISPLAYS}


def output_of(command: str) -> str:
    """What the command prints on standard output, run in the project's folder."""
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env=surroundings(),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120,
                          check=False)
    return done.stdout.decode()


def experiment(lines: List[str]) -> str:
    """What the laboratory prints for these lines."""
    done = subprocess.run([sys.executable, "-m", "harness.lessons.lab"], cwd=ROOT,
                          env=surroundings(), input="\n".join(lines).encode(),
                          stdout=subprocess.PIPE, timeout=120, check=True)
    return done.stdout.decode()


def renewed(page: Path) -> str:
    """The page's text with the outputs as the commands print them now."""
    def renew(found: "re.Match[str]") -> str:
        block = Block(page, found["kind"], found["source"], found["text"])
        if block.kind == "pycon":
            return f"```pycon\n{experiment(block.typed())}```"
        if block.kind != "console":
            return found[0]
        text = "".join(f"$ {command}\n{output_of(command) if SHOWN.match(command) else shown}"
                       for command, shown in block.commands())
        return f"```console\n{text}```"
    return FENCE.sub(renew, page.read_text(encoding="utf-8"))


def main() -> int:
    """Renew every page, and the pictures."""
    if PHOTOGRAPH.exists():
        shutil.copy(PHOTOGRAPH, PICTURES / "box.png")
    for name, draw in DRAWN.items():
        (PICTURES / f"{name}.svg").write_text(draw(), encoding="utf-8")
    PAGE.write_text(play_page(), encoding="utf-8")
    if LACKING:
        print(f"docs/pictures/play.png stays as it is: {LACKING}")
    else:
        photograph(PICTURES / "play.png")
    for page in pages():
        text = renewed(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(f"renewed: {page.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
