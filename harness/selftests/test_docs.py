"""The pages say what is so: their code, pictures and links. `make commands` runs their commands and
compares the outputs."""
from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from harness.driver.host import Host
from harness.driver.paths import ROOT
from harness.lessons import show
from harness.lessons.pages import (LINK, PICTURES, SHOWN, anchors, blocks, commands, output_of,
                                   pages, prose)
from harness.lessons.pictures import DRAWN
from harness.lessons.scenes import SCENES

pytestmark = pytest.mark.products

SCENE = re.compile(r"make show SCENE=(\S+)$")
PRINTED = [row for row in commands() if SHOWN.match(row[1])]
MAKEFILES = "".join((ROOT / name).read_text() for name in ("Makefile", "harness/targets.mk"))


def named(page: Path) -> str:
    """How a test calls its page."""
    return page.name


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


@pytest.mark.slow
def test_make_demo_prints_what_is_shown() -> None:
    """On a desktop too, where a command of a page opens nothing."""
    assert [output_of("make demo")] == [shown for _, command, shown in PRINTED
                                        if command == "make demo"]


def test_a_scene_prints_what_is_shown(host: Host) -> None:
    """The output on the page is the scene's; `make commands` compares all of them."""
    printed = "".join(f"{line}\n" for line in SCENES["reader-alone"](host))
    assert [printed] == [shown for _, command, shown in PRINTED
                         if command == "make show SCENE=reader-alone"]


def test_a_scene_that_is_none(monkeypatch: pytest.MonkeyPatch,
                              capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused by its name."""
    monkeypatch.setattr(sys, "argv", ["show", "nothing"])
    assert show.main() == 2
    assert 'there is no scene "nothing"' in capsys.readouterr().err


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


def test_requirements_are_those_of_pyproject() -> None:
    """The pages quote its Python, its modules and its version, and no others."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [python] = re.findall(r'requires-python = ">=(.*)"', project)
    [version] = re.findall(r'^version = "(.*)"', project, re.M)
    modules = re.findall(r'"(\w+)"', re.findall(r"dependencies = .*", project)[0])
    changes = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+) - (\S+)$", changes, re.M)[0] == (
        version, *re.findall(r'^date-released: "(.*)"', citation, re.M))
    assert f'version: "{version}"\n' in citation
    for name in ("windows.md", "readme-windows.txt"):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"Python (\S+) or newer", text)) == {python}, name
        assert f"pip install {' '.join(modules)}\n" in text, name
    assert f"Python {python}" in (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
