"""Tests code, pictures, links, experiments and steps of the pages, the site made from them, and
that docs/play.html and its recording are up to date. `make commands` runs the pages' commands."""
from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, Iterator
from urllib.parse import unquote, urlsplit

import pytest

from harness.driver.errors import HarnessError
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.driver.paths import ROOT
from harness.interleavings.orders import branches, choices, parse
from harness.interleavings.replay import StepResult, replay
from harness.lessons import steps
from harness.lessons.lab import NAME, Laboratory
from harness.lessons.pages import (LINK, PICTURES, SHOWN, Block, anchors, blocks, commands, pages,
                                   prose)
from harness.lessons.pictures import DRAWN
from harness.lessons.show import SCENES
from harness.play.page import LISTINGS, PAGE, listing, page as game
from harness.play.record import (RECORDED, SETUPS, event_of, events, orders_to_run, states, table)

SCENE = re.compile(r"^make show SCENE=(\S+)$", re.M)
PRINTED = [row for row in commands() if SHOWN.match(row[1])]
EXPERIMENTS = [block for block in blocks(ROOT / "docs" / "laboratory.md") if block.kind == "pycon"]
MAKEFILES = "".join((ROOT / name).read_text() for name in ("Makefile", "harness/targets.mk"))
TABLE: Dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))


def test_each_output_is_on_one_page() -> None:
    """Each output is on one page only, which others link to; that of each scene on some."""
    printed = [command for _, command, shown in PRINTED if shown]
    assert sorted(printed) == sorted(set(printed))
    assert set(SCENE.findall("\n".join(command for _, command, _ in PRINTED))) == set(SCENES)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_as_it_is_drawn(name: str) -> None:
    """Each generated picture is up to date."""
    assert (PICTURES / f"{name}.svg").read_text(encoding="utf-8") == DRAWN[name]()


@pytest.mark.parametrize("page", pages(), ids=[page.name for page in pages()])
def test_a_page_fits_the_project(page: Path) -> None:
    """Every excerpt, and every block of C, matches its source file line by line. Every link within
    the project leads to an existing file and heading; each `make …` names a target."""
    for block in blocks(page):
        assert block.source or block.kind != "c", f"{page.name}: no source for\n{block.text}"
        if block.source:
            assert block.text in (ROOT / block.source).read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)", prose(page)):
        assert re.search(rf"^{target}:", MAKEFILES, re.M), f"{page.name}: make {target}"
    for link in LINK.findall(prose(page)):
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_requirements_are_those_of_pyproject() -> None:
    """The pages and CITATION.cff name the Python, modules and version of pyproject.toml."""
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


def test_the_web_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link leads to an existing anchor of the site, or to a file of the project. Every page
    except reports has a description, and a picture with an absolute URL."""
    pytest.importorskip("markdown_it", reason="Debian: python3-markdown-it")
    from harness.lessons import site
    report = tmp_path / "index.html"
    report.write_text("<!DOCTYPE html><html lang='en'><title>report</title><main><h1>Report</h1>")
    folder = tmp_path / "site"
    monkeypatch.setattr(sys, "argv", ["site", str(folder), f"kept={report}",
                                      "--address", "https://example.org/shared/"])
    assert site.main() == 0
    assert (folder / "pictures" / "play.png").exists()
    pages = list(folder.rglob("*.html"))
    assert len(pages) == len(list((ROOT / "docs").rglob("*.md"))) + 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if not page.name.startswith("report-"):
            assert re.search(r'name="description" content="[A-Z][^"]{20,}"', text), page
            assert 'content="https://example.org/shared/pictures/play.png"' in text, page
        for link in re.findall(r'(?:href|src)="([^"]+)"', text.partition("<script")[0]):
            address = urlsplit(link)
            if address.scheme in ("http", "https", "data"):
                continue
            target = Path(unquote(address.path)) if address.scheme else (
                page.parent / address.path).resolve() if address.path else page
            assert target.exists(), f"{page.name}: {link}"
            assert target.is_relative_to(folder) == (not address.scheme), f"{page.name}: {link}"
            if address.fragment and target.suffix == ".html":
                assert f'id="{address.fragment}"' in target.read_text(encoding="utf-8"), link


def test_the_page_builds_the_robust_pair() -> None:
    """All diffs of the page make the files of the pair; each scene has a heading, in order."""
    files = steps.built(len(steps.SCENES))
    assert {name: "".join(lines) for name, lines in files.items()} == {
        file.name: file.read_text(encoding="utf-8") for file in steps.PAGE.parent.glob("*.[ch]")}
    headings = re.findall(r"^## (\d+)\. (.*)$", steps.PAGE.read_text(encoding="utf-8"), re.M)
    assert headings == [(str(number), scene.__doc__)
                        for number, scene in enumerate(steps.SCENES, 1)]


def test_a_step_ends_its_failure() -> None:
    """What a step prints of its scene differs from what the scene printed before the step."""
    shown = {command: lines for page, command, lines in PRINTED if page == steps.PAGE}
    for step in range(2, len(steps.SCENES) + 1):
        after = re.split(r"^Before step", shown[f"make robust STEP={step}"], flags=re.M)[0]
        assert after.partition("\n")[2] not in shown[f"make robust STEP={step - 1}"], step


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    """Open a laboratory in a new host."""
    with closing(open_host(Settings(), NAME)) as host, closing(Laboratory(host)) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("block", EXPERIMENTS,
                         ids=[str(number) for number in range(1, len(EXPERIMENTS) + 1)])
def test_an_experiment(laboratory: Laboratory, capsys: pytest.CaptureFixture[str],
                       block: Block) -> None:
    """An experiment prints what the page shows."""
    laboratory.run(block.typed().splitlines())
    assert capsys.readouterr().out == block.text


@pytest.mark.slow
def test_what_is_typed_wrongly(laboratory: Laboratory, capsys: pytest.CaptureFixture[str]) -> None:
    """The laboratory reports an error in one line, and continues."""
    laboratory.run(["first.Nothing()", "first.CloseHandle()", "first.CloseHandle(12345)"])
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if not line.startswith(">>> ")] == [
        "AttributeError: no function Nothing; dir(first) lists them",
        "TypeError: BOOL CloseHandle(HANDLE object) takes 1 arguments",
        "first: CloseHandle(0x3039) -> FALSE, last error 6 (ERROR_INVALID_HANDLE)"]
    assert {"MapViewOfFile", "show"} < set(dir(laboratory.locals["first"]))


@pytest.mark.parametrize("setup", SETUPS)
def test_the_recording_agrees_with_the_model(setup: str) -> None:
    """In every state, the same programs can continue, and each does what the model predicts."""
    rows, recorded = TABLE["setups"][setup]["rows"], TABLE["setups"][setup]["events"]
    numbers = {state: number for number, state in enumerate(states(SETUPS[setup]))}
    for state, number in numbers.items():
        assert set(rows[number]) == {actor for actor, _ in branches(state)}
        for actor, (after, event) in rows[number].items():
            taken, seen = state.take(actor)
            result = StepResult(actor, choices(state)[actor], seen, seen, taken)
            shown, named = recorded[event], result.after.named
            views = len(result.after.objects[named].views) if named >= 0 else 0
            expected = event_of(result, shown.get("calls", []), views, shown.get("title"))
            assert after == numbers[result.after]
            # Whether a call has not returned yet is seen, and not predicted.
            assert {**shown, "waits": 0} == {**json.loads(json.dumps(expected)), "waits": 0}
    assert len(rows) == len(numbers)
    assert TABLE["setups"][setup]["runs"] == len(orders_to_run(setup))


def test_a_real_order_is_recorded_as_it_was(host: Host) -> None:
    """Replaying an order gives the recorded events. Recording fails if two orders disagree about a
    step, or if no order takes a step."""
    first, order = parse("wwrrrrrrwwww")
    story = replay(host, first, order)
    setup, state = TABLE["setups"]["pair"], 0
    for actor, event in zip(order, events(story)):
        state, number = setup["rows"][state][actor]
        assert json.loads(json.dumps(event)) == setup["events"][number]
    with pytest.raises(HarnessError, match="not every step was taken"):
        table(first, [story])
    other = (story[0]._replace(seen=story[0].seen._replace(error=183)), *story[1:])
    with pytest.raises(HarnessError, match="w.create had different results"):
        table(first, [story, other])


@pytest.mark.parametrize("program", LISTINGS)
def test_each_step_is_in_the_listing(program: str) -> None:
    """The listing marks a line for every recorded step of the program."""
    marked = {step for line in listing(program) for step in line["steps"]}
    taken = {setup["events"][event]["step"] for setup in TABLE["setups"].values()
             for row in setup["rows"] for actor, (_, event) in row.items()
             if setup["actors"][actor]["program"] == program}
    assert taken <= marked


def test_the_game_is_made_from_its_sources() -> None:
    """docs/play.html is up to date, small and self-contained."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == game()
    assert len(text.encode()) < 300_000
    assert not re.search(r"""(src|href)=["']?(https?:|//)|@import|url\(""", text)
