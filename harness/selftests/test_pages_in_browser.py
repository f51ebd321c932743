"""Tests in a real browser that everybody can read the pages that the project makes, and that the
tables of a report and of grades sort and filter. test_play_in_browser.py has the game."""
from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Callable, List

import pytest

if not find_spec("jinja2"):
    pytest.skip("jinja2 is missing (Debian: python3-jinja2)", allow_module_level=True)

from harness.check.grade import outputs
from harness.check.grade.outputs import Row, possible, read_points
from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS, READER, WRITER
from harness.judge.verdict import judge
from harness.play.browser import AXE, LACKING, use_screen, violations
from harness.play.page import PAGE
from harness.report.page import render, write_pages
from harness.report.scene import record
from harness.selftests.documents import RESULTS, document

pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))
ABOUT = {"date": "2026-01-02T03:04:05Z", "platform": "wine <i>", "task": "", "unsafe": "no bwrap"}


def report(folder: Path) -> List[str]:
    """Make a report with a finding, a scene and a log."""
    page = folder / "page.html"
    page.write_text(render(document(RESULTS), record(document()), "", "a log"), encoding="utf-8")
    return [page.as_uri()]


def grades(folder: Path) -> List[str]:
    """Make the table and pages of three submissions, and of one of an exercise."""
    finding = {"what": "its end", "expected": "0", "seen": "1", "times": 1, "where": "w.c:1",
               "source": "return 1;", "hint": "return 0", "program": WRITER}
    task = {"task": "length", "right": False, "findings": [finding]}
    outputs.save(folder, "length", [Row("dora", "wrong", {WRITER: "w.c"}, task)], {})
    write_pages(folder, list(outputs.load(folder).values()), {"right": 1.0},
                {**ABOUT, "task": "length"})
    verdict = {**json.loads(json.dumps(judge(RESULTS).data())), "level": "calls"}
    rows = [Row("carol", "wrong", {READER: "reader.c"}, verdict, equal=["as from b"]),
            Row("alice", "right"), Row("bob <i>", "does not compile", lines=[
                "✗ It does not compile:", f"w.c:3: {'x' * 300}"])]
    points = possible(read_points(None, ""), rows)
    outputs.write_all(folder, rows, points)
    write_pages(folder, rows, points, ABOUT)
    return [(folder / "index.html").as_uri(),
            *(page.as_uri() for page in folder.glob("*/index.html"))]


def course(folder: Path) -> List[str]:
    """Make the web site."""
    pytest.importorskip("markdown_it", reason="Debian: python3-markdown-it")
    from harness.lessons import site
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["site", str(folder / "site")])
        assert site.main() == 0
    return [page.as_uri() for page in (folder / "site").rglob("*.html")]


def game(folder: Path) -> List[str]:
    """Return addresses at the start, with a message box open, and at the end."""
    return [f"{PAGE.as_uri()}#{order}" for order in (
        "early/", "leftover/w2w2w2w1w1w1rrr", "last/wrwwwwrrrr", "robust/wwwwrt")]


@pytest.mark.parametrize("width, dark", [(390, True), (640, False), (1280, False), (1280, True)])
@pytest.mark.parametrize("make", [report, grades, course, game])
def test_everybody_can_read_it(tmp_path: Path, opened: Any, make: Callable[[Path], List[str]],
                               width: int, dark: bool) -> None:
    """No page is wider than a phone, an enlarged or a usual window, and axe finds nothing."""
    use_screen(opened, width, dark=dark)
    for page in make(tmp_path):
        opened.get("about:blank")
        opened.get(page)
        opened.execute_script("document.querySelectorAll('details').forEach(one => one.open = 1)")
        assert opened.execute_script("return document.documentElement.scrollWidth") <= width, page
        assert not AXE.exists() or violations(opened) == [], page
    opened.get("about:blank")
    opened.get_log("performance")  # Discard the requests for pictures and other pages.


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("picture", PICTURES, ids=[picture.stem for picture in PICTURES])
def test_a_picture_can_be_read(opened: Any, picture: Path, dark: bool) -> None:
    """All text of a picture has the contrast that WCAG requires."""
    use_screen(opened, 1280, 1200, dark)
    opened.get(picture.as_uri())
    assert opened.execute_script(CONTRAST) == []


def expects(opened: Any, rows: str, name: str) -> Callable[..., None]:
    """Return a function that asserts that exactly the rows with these names are visible."""
    def expect(*names: str) -> None:
        assert opened.execute_script(
            f"return [...document.querySelectorAll('{rows}')].filter(one => one.offsetParent)"
            f".map(one => {name})") == [*names]
    return expect


def test_the_table_of_grades(tmp_path: Path, opened: Any, find: Callable[[str], Any]) -> None:
    """The table sorts, filters, and opens a verdict."""
    index = grades(tmp_path)[0]
    opened.get(index)
    expect = expects(opened, "tbody tr", "one.querySelector('a').textContent")
    expect("carol", "alice", "bob <i>")
    find("th:nth-child(2) button").click()
    expect("alice", "carol", "bob <i>")
    find("th:nth-child(2) button").click()
    expect("bob <i>", "carol", "alice")
    assert find("th[aria-sort]").get_attribute("aria-sort") == "descending"
    find("input[value=right]").click()
    expect("alice")
    find("input[value='']").click()
    find("#equal").click()
    expect("carol")
    find("#equal").click()
    find("#search").send_keys("compile?")
    assert find("#none").is_displayed()
    expect()
    find("#search").clear()
    find("#search").send_keys("carol")
    find("tbody tr:not([hidden]) td:last-child").click()
    assert opened.title == "carol: wrong"
    assert "reader.c:3" in find("main").text and "alert(1)" in find("main").text
    find("nav a").click()
    assert opened.current_url == index
    opened.get_log("performance")  # Discard the requests for other pages.


def test_a_report(tmp_path: Path, opened: Any, find: Callable[[str], Any]) -> None:
    """Opened from a file, the page filters claims, replays an order, and makes no requests."""
    use_screen(opened, 390, 900)
    opened.get(f"{report(tmp_path)[0]}#W5")
    expect = expects(opened, "details.claim", "one.id")
    assert find("#W5").get_attribute("open")
    expect(*CLAIMS)
    find("input[value=broken]").click()
    expect("R5")
    find("input[value='']").click()
    find("#search").send_keys("user32")
    expect("R7")
    find("#search").send_keys("?")
    assert find("#none").is_displayed()
    find("button[data-order=wwrrrrrrwwww]").click()
    opened.switch_to.frame("frame")
    for _ in "wwrrr":
        find("#redo").click()
    assert find("#box").is_displayed()
    opened.switch_to.default_content()
