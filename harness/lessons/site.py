"""Makes the web site from docs/: the course as pages, the game, and examples of reports.

    python3 -m harness.lessons.site FOLDER [NAME=REPORT ...] [--address URL] [--source URL]
"""
from __future__ import annotations

import argparse
import re
import shutil
import sys
from html import escape
from os.path import relpath
from pathlib import Path
from typing import Dict, List

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.driver.paths import ROOT
from harness.lessons.pages import slug
from harness.play.page import PAGE
from harness.web import fill, style

DOCS = ROOT / "docs"
#: The files of docs/ that the site has; links to others lead to the project.
PUBLISHED = (".md", ".html", ".png", ".svg")
TEMPLATE = ROOT / "harness" / "web" / "page.html"
MARKDOWN = MarkdownIt("commonmark").enable("table")


def published(link: str, page: Path, source: str) -> str:
    """Convert a link of a page in docs/ to the site's: to a page, or to a file of the project."""
    path, hash_sign, anchor = link.partition("#")
    if not path or re.match(r"\w+:", path):
        return link
    target = (page.parent / path).resolve()
    if DOCS not in target.parents or target.suffix not in PUBLISHED:
        return source + target.relative_to(ROOT).as_posix() + hash_sign + anchor
    return re.sub(r"README\.md$", "index.html", path).replace(".md", ".html") + hash_sign + anchor


def course(file: Path, wanted: argparse.Namespace, reports: Dict[str, str]) -> str:
    """Return a page of docs/ as HTML, with links to the reports."""
    tokens = MARKDOWN.parse(file.read_text(encoding="utf-8"))
    title = words(next(token for token in tokens if token.type == "inline"))
    first = next(tokens[place + 1] for place, token in enumerate(tokens)
                 if token.type == "paragraph_open")
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[place + 1].content))
        for child in token.children or []:
            for name in set(child.attrs) & {"href", "src"}:
                child.attrSet(name, published(str(child.attrs[name]), file, wanted.source))
    body: str = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    # Tables and code may be wider than a phone; make them scroll, by keyboard too.
    for plain, wide in (("<table>", '<div class="wide" tabindex="0"><table>'),
                        ("</table>", "</table></div>"), ("<th></th>", "<td></td>"),
                        ("<td><code>--", '<td class="option"><code>--'),
                        ("<pre>", '<pre tabindex="0">')):
        body = body.replace(plain, wide)
    top = relpath(DOCS, file.parent)
    links = {"Course": f"{top}/index.html", "Play": f"{top}/play.html",
             **{name: f"{top}/{page}" for name, page in reports.items()},
             "Source": wanted.source}
    return fill(TEMPLATE.read_text(encoding="utf-8"), {
        "title": escape(title), "description": escape(words(first)[:300]),
        "image": f"{wanted.address or top + '/'}pictures/play.png", "style": style(),
        "links": "\n".join(f'<a href="{escape(to)}">{escape(name)}</a>'
                           for name, to in links.items()),
        "body": body})


def game(wanted: argparse.Namespace) -> str:
    """Return docs/play.html with the site's links and picture."""
    text = re.sub(r'href="([\w/]+\.md)"', lambda found: 'href="%s"' % published(
        found[1], PAGE, wanted.source), PAGE.read_text(encoding="utf-8"))
    return text.replace('content="pictures/', f'content="{wanted.address}pictures/')


def words(token: Token) -> str:
    """Return a heading or paragraph without its markup."""
    return "".join(" " if child.type == "softbreak" else child.content
                   for child in token.children or [])


def main() -> int:
    """Make the site and return the exit code."""
    parser = argparse.ArgumentParser(prog="site", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the site is written")
    parser.add_argument("reports", nargs="*", help="a report's name and its file")
    parser.add_argument("--address", default="", help="the URL of the site, with a final slash")
    parser.add_argument("--source", default=ROOT.as_uri() + "/",
                        help="the URL of the project's files (default: this clone)")
    wanted = parser.parse_args()
    named: List[List[str]] = [report.split("=", 1) for report in wanted.reports]
    pages = {f"Report: {name}": f"report-{name}.html" for name, _ in named}
    shutil.rmtree(wanted.folder, ignore_errors=True)
    for file in DOCS.rglob("*.md"):
        made = wanted.folder / published(file.relative_to(DOCS).as_posix(), DOCS / "x", "")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(course(file, wanted, pages), encoding="utf-8")
    shutil.copytree(DOCS / "pictures", wanted.folder / "pictures")
    (wanted.folder / "play.html").write_text(game(wanted), encoding="utf-8")
    for name, report in named:
        shutil.copy(report, wanted.folder / f"report-{name}.html")
    print(f"Site: {wanted.folder / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
