"""docs/examples: each is built and run with the commands that the page about it shows."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.installation import find_wine
from harness.lessons.pages import blocks
from harness.selftests.trial import Place

pytestmark = [pytest.mark.products, pytest.mark.time_limit(300)]

EXAMPLES = ROOT / "docs" / "examples"
#: Where Debian's rustc has the standard library for Windows.
RUST = Path("/usr/lib/rustlib/x86_64-pc-windows-gnu")
#: A part of the commands, what has to be there for them, and what they print if all is well. Each
#: line can only come from the .exe itself, or from a tool that knows its exit status.
ROWS = [
    ("docs/examples/hello", "make", [r"ok: the name is in it"]),
    ("examples/cmake", "cmake", [r"100% tests passed, 0 tests failed out of 2"]),
    ("examples/meson", "meson", [r"Ok: +2", r"Fail: +0"]),
    ("examples/automake", "automake", [r"# PASS:  2", r"# FAIL:  0"]),
    ("examples/cargo", "/usr/bin/cargo", [r"this_is_windows \.\.\. ok", r"2 passed; 0 failed"]),
    ("winedbg.exe", "make", [r"Stopped on breakpoint 1", r"greeting\.c:4"]),
    ("docs/examples/driving", "make", [r"3 passed"]),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as somebody has it who has run make, in a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("newcomer") / "named shared memory"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "build", "__pycache__"))
    (folder / "build" / "examples").mkdir(parents=True)
    for name in ("x86_64", "x86_64-unicode"):
        shutil.copytree(BUILD / name, folder / "build" / name)
    return folder


@pytest.mark.parametrize("part, tool, printed", ROWS, ids=[row[0].split("/")[-1] for row in ROWS])
def test_it_works_as_the_page_says(copy: Path, place: Place, part: str, tool: str,
                                   printed: "list[str]") -> None:
    """Every block of the pages with that part in it runs, command by command."""
    if not shutil.which(tool) or tool.endswith("cargo") and not RUST.is_dir():
        pytest.skip(f"{tool} is not installed, or has no Windows target")
    commands = [command for page in ("cross-compiling.md", "driving.md")
                for block in blocks(ROOT / "docs" / page) if part in block.text
                for command, _ in block.commands()]
    if part == "winedbg.exe":
        commands.insert(0, next(command for block in blocks(ROOT / "docs" / "cross-compiling.md")
                                for command, _ in block.commands() if "DEBUG=1" in command))
    text = ""
    temporary = copy.parent / "tmp"  # pytest leaves its own folders there.
    temporary.mkdir(exist_ok=True)
    for command in commands:
        done = subprocess.run(["sh", "-c", command], cwd=copy, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280,
                              env={**place.environment, "PATH": f"/usr/bin:{os.environ['PATH']}",
                                   "TMPDIR": str(temporary)})
        text += f"$ {command}\n{done.stdout}"
        assert done.returncode == 0, text
    assert not list(temporary.glob("named-shared-memory-*"))
    for line in printed:
        assert re.search(line, text), text


@pytest.mark.parametrize("arguments, status", [([], 1), (["--nothing"], 1)], ids=str)
def test_the_ten_lines(place: Place, arguments: "list[str]", status: int) -> None:
    """The script in wine.md runs a program, passes on its status, and leaves nothing."""
    reader = BUILD / "x86_64-ansi" / "second_process.exe"
    done = subprocess.run(["sh", str(EXAMPLES / "isolated.sh"), str(reader), *arguments],
                          capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL,
                          env={**place.environment, "WINE": str(find_wine().loader)})
    assert (done.returncode, done.stdout) == (status, "Could not open file mapping object (2).\n")
    assert not place.left()


def test_the_makefile_to_take_is_short() -> None:
    """It can be read at one go."""
    assert len((EXAMPLES / "hello" / "Makefile").read_text().splitlines()) <= 40
