"""Makes pages: the report of a run, from its verdict document, the scene and other files in build/;
and of a folder of submissions, a table of all and the verdict on each."""
from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence
from urllib.parse import quote

import jinja2

from harness.check.grade.outputs import STATES, Row, marks, places, write
from harness.driver.paths import BUILD, ROOT
from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import start
from harness.interleavings.orders import word
from harness.interleavings.outcomes import grouped, predict_all, shortest
from harness.judge.advice import advice, page as page_about
from harness.judge.claims import CLAIMS, sentence
from harness.judge.gaps import WINE
from harness.judge.verdict import reason
from harness.play.page import page as play_page
from harness.report import results
from harness.report.results import Document
from harness.report.scene import Played
from harness.web import source_hash, style

HERE = Path(__file__).parent
#: The number of characters to keep from the end of a log, and of one test's output.
LOG, SAID = 60_000, 4_000
#: The number of slowest tests to list, and of findings of a claim to show at first.
SLOWEST, FEW = 5, 3
#: The colour and the sign of each state of a submission.
LOOKS = {"right": ("kept", "✓"), "wrong": ("broken", "✗"), "does not compile": ("broken", "✗"),
         "no program": ("not-judged", "–"), "no verdict": ("not-judged", "?"),
         "too slow": ("broken", "⏱")}
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                               trim_blocks=True, lstrip_blocks=True,
                               undefined=jinja2.StrictUndefined)
SCRIPT = (HERE / "page.js").read_text(encoding="utf-8")
TEMPLATES.globals.update(
    advice=advice, claims=CLAIMS, few=FEW, page_about=page_about, reason=reason, script=SCRIPT,
    scripts=source_hash(SCRIPT), signs=results.SIGNS, style=style(HERE / "style.css"))


def image(kind: str, data: bytes) -> str:
    """Return an image as a data URL."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def render(document: Document, scene: Optional[Played], why: str, log: str = "",
           before: Optional[Document] = None) -> str:
    """Return the page. `why` explains a missing scene; `log` is the run's log; `before` is an
    earlier verdict to compare with."""
    first = start(DOCUMENTED)
    groups = grouped(predict_all(first))
    orders = [(outcome, word(shortest(first, groups[outcome.key])))
              for outcome in DOCUMENTED.outcomes]
    player = play_page()
    played = player.partition("<script>")[2].partition("</script>")[0]
    tests = sorted(document["tests"], key=lambda test: -float(test["seconds"]))
    # Pairs and their screenshots of the last run of the project's own programs on an X display.
    photographs = [] if document["subject"] else [
        (file.stem, image("png", file.read_bytes()))
        for file in sorted((BUILD / "desktop").glob("*.png"))]
    return str(TEMPLATES.get_template("page.html").render(
        document=document, groups=results.GROUPS, gaps=WINE, results=results, why=why,
        counted=results.counted(document), columns=results.columns(document), scene=scene,
        photographs=photographs, orders=orders, player=player,
        picture=image("svg+xml", (ROOT / "docs/pictures/interleavings.svg").read_bytes()),
        slowest=tests[:SLOWEST], log=log[-LOG:], said=SAID,
        scripts=f"{source_hash(SCRIPT)} {source_hash(played)}",
        changes=results.changes(document, before) if before else None, before=before,
        download="data:application/json;base64," + base64.b64encode(
            json.dumps(document, indent=1).encode()).decode()))


def write_pages(folder: Path, rows: Sequence[Row], points: Mapping[str, float],
                about: Mapping[str, Any]) -> None:
    """Write index.html, and a page for each submission. Raises HarnessError."""
    where = places(rows)
    both = {"about": about, "states": STATES, "looks": LOOKS, "marks": marks, "points": points}
    paths = {name: f"{quote(place, errors='replace')}/index.html" for name, place in where.items()}
    write(folder / "index.html", TEMPLATES.get_template("grades.html").render(
        rows=rows, paths=paths,
        columns=[name for name in CLAIMS if any(name in row.claims for row in rows)], **both))
    for row in rows:
        (folder / where[row.name]).mkdir(exist_ok=True)
        write(folder / where[row.name] / "index.html", TEMPLATES.get_template(
            "submission.html").render(
                row=row, sentence=sentence, **both))
