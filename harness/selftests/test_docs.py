"""The pages say what is so: their code, outputs, commands and links."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.driver.host import Host
from harness.driver.paths import ROOT
from harness.lessons.pages import (LINK, PICTURES, SHOWN, anchors, blocks, commands, output_of,
                                   pages, prose)
from harness.lessons.pictures import DRAWN
from harness.lessons.scenes import SCENES

pytestmark = pytest.mark.products

SCENE = re.compile(r"make show SCENE=(\S+)$")
PRINTED = [row for row in commands() if SHOWN.match(row[1])]
#: What takes too long for a run of the suite. `make commands` runs these, too; here their targets
#: and variables must exist.
LONG = re.compile(r"make( \w+=\S+)*$|make (-s )?(test|check|exercise)\b")
#: What test_examples.py runs in a copy of the project.
EXAMPLES = re.compile(r"(docs|build)/examples|docs/driving|build/(commands|mingw-w64)")

MAKEFILES = "".join((ROOT / name).read_text() for name in ("Makefile", "harness/targets.mk"))


def named(row: object) -> str:
    """How a test calls its page or command."""
    return row.name if isinstance(row, Path) else str(row)[:60] if "\n" not in str(row) else ""


@pytest.mark.parametrize("page, command, shown",
                         [row for row in PRINTED if SCENE.match(row[1])], ids=named)
def test_a_scene_plays_as_shown(host: Host, page: Path, command: str, shown: str) -> None:
    """The lines of a scene are those in the page."""
    found = SCENE.match(command)
    assert found
    assert "".join(line + "\n" for line in SCENES[found[1]](host)) == shown


@pytest.mark.parametrize("page, command, shown",
                         [row for row in PRINTED if not SCENE.match(row[1])], ids=named)
def test_a_command_prints_what_is_shown(page: Path, command: str, shown: str) -> None:
    """The output in the page is the command's."""
    assert output_of(command) == shown


def test_no_output_is_printed_twice() -> None:
    """Each scene, and each other output, is on one page; the others link to it."""
    printed = [command for _, command, shown in PRINTED if shown]
    assert sorted(printed) == sorted(set(printed))


def test_every_scene_is_on_a_page() -> None:
    """What `make show` lists can be read about."""
    assert {found[1] for _, command, _ in PRINTED for found in [SCENE.match(command)]
            if found} == set(SCENES)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_as_it_is_drawn(name: str) -> None:
    """`make pages` would not change it."""
    assert (PICTURES / f"{name}.svg").read_text(encoding="utf-8") == DRAWN[name]()


def test_make_plays_a_scene() -> None:
    """`make show` prints what the scene says, and refuses a name that is none."""
    assert output_of("make show SCENE=reader-alone") == next(
        shown for _, command, shown in PRINTED if command.endswith("reader-alone"))
    assert "there is no scene" in output_of("make show SCENE=nothing 2>&1")


@pytest.mark.parametrize("page, command", [row[:2] for row in commands()
                                           if not SHOWN.match(row[1])
                                           and not EXAMPLES.search(row[1])], ids=named)
def test_a_command_can_be_run(page: Path, command: str) -> None:
    """A command without output in the page is run, or takes long and has its target."""
    if not LONG.match(command):
        assert output_of(f"{{ {command}; }} >/dev/null 2>&1; echo $?") == "0\n"
        return
    for word in command.partition(" | ")[0].replace(" -s", "").split()[1:]:
        name = word.split("=")[0]
        known = rf"^{name}:|\b{name}\b *=|\$[({{]{name}[:)]|\$\${name}\b"
        assert re.search(known, MAKEFILES, re.M), f"{page.name}: {command}: there is no {name}"


def test_every_target_in_the_prose_exists() -> None:
    """Each `make …` in a sentence names a target."""
    for page in pages():
        for target in re.findall(r"`make ([a-z]+)", prose(page)):
            assert re.search(rf"^{target}:", MAKEFILES, re.M), f"{page.name}: make {target}"


@pytest.mark.parametrize("page", pages(), ids=named)
def test_code_is_in_its_source(page: Path) -> None:
    """A piece of C, or of anything that says where it is from, is its source's, line by line."""
    for block in blocks(page):
        assert block.source or block.kind != "c", f"{page.name}: from where is\n{block.text}"
        if block.source:
            assert block.text in (ROOT / block.source).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link within the project has its file, and its heading there."""
    for link in LINK.findall(prose(page)):
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"
