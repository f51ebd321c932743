"""Tests the pages of a folder of submissions in a real browser."""
from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.check.grade import outputs
from harness.check.grade.marks import Row, possible, read_points
from harness.judge.claims import READER, WRITER, required
from harness.judge.results import Result, Seen
from harness.judge.verdict import judge
from harness.play.browser import AXE, LACKING, LIMIT, use_screen, violations

pytestmark = [pytest.mark.products, pytest.mark.time_limit(LIMIT),
              pytest.mark.skipif(bool(LACKING), reason=LACKING)]
TITLE = Seen("R5.title", READER, False, "title <b>", '"Process2"', '"<script>alert(1)"',
             "reader.c:3", "MessageBox(NULL, pBuf);")
ABOUT = {"date": "2026-01-02T03:04:05Z", "platform": "wine <i>", "task": "", "unsafe": "no bwrap"}
KEPT = [Seen(fact, WRITER, True, "", "", "") for fact in required("W5")]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write the results and pages of three submissions. Return the path of the table."""
    if not find_spec("jinja2"):
        pytest.skip("jinja2 is missing (Debian: python3-jinja2)")
    from harness.report.grades import write_pages
    verdict = judge([Result("a", "x", READER, ["R5.title"], "failed", [TITLE]),
                     Result("b", "x", WRITER, list(required("W5")), "passed", KEPT)]).data()
    document = {**json.loads(json.dumps(verdict)), "level": "calls"}
    said = ["✗ It does not compile:", f"w.c:3: {'x' * 300}"]
    finding = {"what": "its end", "expected": "0", "seen": "1", "times": 1, "where": "w.c:1",
               "source": "return 1;", "hint": "return 0", "program": WRITER}
    task = {"task": "length", "right": False, "findings": [finding]}
    outputs.save(tmp_path, "length", [Row("dora", "wrong", {WRITER: "w.c"}, task)], {})
    write_pages(tmp_path, list(outputs.load(tmp_path).values()), {"right": 1.0},
                {**ABOUT, "task": "length"})
    rows = [Row("carol", "wrong", {READER: "reader.c"}, document, equal=["as from b"]),
            Row("alice", "right"), Row("bob <i>", "does not compile", lines=said)]
    points = possible(read_points(None, ""), rows)
    outputs.write_all(tmp_path, rows, points)
    write_pages(tmp_path, rows, points, ABOUT)
    return tmp_path / "index.html"


def test_the_table_in_a_browser(results: Path, opened: Any) -> None:
    """The table sorts, filters, and opens a verdict."""
    opened.get(results.as_uri())

    def find(selector: str) -> Any:
        return opened.find_element("css selector", selector)

    def shown() -> Any:
        return opened.execute_script("return [...document.querySelectorAll('tbody tr')]"
                                     ".filter(one => one.offsetParent)"
                                     ".map(one => one.querySelector('a').textContent)")
    assert shown() == ["carol", "alice", "bob <i>"]
    find("th:nth-child(2) button").click()
    assert shown() == ["alice", "carol", "bob <i>"]
    find("th:nth-child(2) button").click()
    assert shown() == ["bob <i>", "carol", "alice"]
    assert find("th[aria-sort]").get_attribute("aria-sort") == "descending"
    find("input[value=right]").click()
    assert shown() == ["alice"]
    find("input[value='']").click()
    find("#equal").click()
    assert shown() == ["carol"]
    find("#equal").click()
    find("#search").send_keys("compile?")
    assert find("#none").is_displayed() and shown() == []
    find("#search").clear()
    find("#search").send_keys("carol")
    find("tbody tr:not([hidden]) td:last-child").click()
    assert opened.title == "carol: wrong"
    assert "reader.c:3" in find("main").text and "alert(1)" in find("main").text
    find("nav a").click()
    assert opened.current_url == results.as_uri()
    opened.get_log("performance")  # Discard the requests for other pages.


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_the_pages(results: Path, opened: Any, width: int, dark: bool) -> None:
    """No page is wider than the screen, and axe finds nothing."""
    use_screen(opened, width, dark=dark)
    for page in (results, *results.parent.glob("*/index.html")):
        opened.get(page.as_uri())
        assert opened.execute_script("return document.documentElement.scrollWidth") <= width
        if AXE.exists():
            assert violations(opened) == []
    opened.get_log("performance")
