"""Tests the web site: its links work, it is accessible, and it makes no requests."""
from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

if not find_spec("markdown_it"):
    pytest.skip("markdown-it is missing (Debian: python3-markdown-it)", allow_module_level=True)

from harness.driver.paths import ROOT
from harness.lessons import site
from harness.play.browser import AXE, LACKING, LIMIT, use_screen, violations

pytestmark = [pytest.mark.products, pytest.mark.time_limit(3 * LIMIT)]
in_browser = pytest.mark.skipif(bool(LACKING), reason=LACKING)

PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the site, with a simple page as its report."""
    report = tmp_path / "index.html"
    report.write_text("<!DOCTYPE html><html lang='en'><title>report</title><main><h1>Report</h1>")
    folder = tmp_path / "site"
    monkeypatch.setattr(sys, "argv", ["site", str(folder), f"kept={report}",
                                      "--address", "https://example.org/shared/"])
    assert site.main() == 0
    return folder


def test_every_link_leads_somewhere(made: Path) -> None:
    """Every link leads to an existing anchor of the site, or to a file of the project."""
    pages = list(made.rglob("*.html"))
    assert len(pages) == len(list((ROOT / "docs").rglob("*.md"))) + 2
    for page in pages:
        text = page.read_text(encoding="utf-8").partition("<script")[0]
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            address = urlsplit(link)
            if address.scheme in ("http", "https", "data"):
                continue
            target = Path(unquote(address.path)) if address.scheme else (
                page.parent / address.path).resolve() if address.path else page
            assert target.exists(), f"{page.name}: {link}"
            assert target.is_relative_to(made) == (not address.scheme), f"{page.name}: {link}"
            if address.fragment and target.suffix == ".html":
                assert f'id="{address.fragment}"' in target.read_text(encoding="utf-8"), link


def test_a_link_that_is_sent_has_a_picture(made: Path) -> None:
    """Every page except reports has a description, and a picture with an absolute URL."""
    for page in made.rglob("*.html"):
        if not page.name.startswith("report-"):
            text = page.read_text(encoding="utf-8")
            assert re.search(r'name="description" content="[A-Z][^"]{20,}"', text), page
            assert 'content="https://example.org/shared/pictures/play.png"' in text, page
    assert (made / "pictures" / "play.png").exists()


@pytest.mark.slow
@in_browser
@pytest.mark.parametrize("width, dark", [(390, True), (1280, False)], ids=["phone", "laptop"])
def test_everybody_can_read_it(made: Path, opened: Any, width: int, dark: bool) -> None:
    """No page of the course is wider than the screen, and axe finds nothing."""
    use_screen(opened, width, dark=dark)
    for page in made.rglob("*.html"):
        if not page.name.startswith("report-"):
            opened.get(page.as_uri())
            assert opened.execute_script("return document.documentElement.scrollWidth") <= width
            assert not AXE.exists() or violations(opened) == [], page.name
    opened.get("about:blank")
    opened.get_log("performance")  # Discard the requests for pictures.


@pytest.mark.slow
@in_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("picture", PICTURES, ids=[picture.stem for picture in PICTURES])
def test_a_picture_can_be_read(opened: Any, picture: Path, dark: bool) -> None:
    """All text of a picture has the contrast that WCAG requires."""
    use_screen(opened, 1280, 1200, dark)
    opened.get(picture.as_uri())
    assert opened.execute_script(CONTRAST) == []
