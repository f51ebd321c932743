"""Renders the report as HTML, from a verdict document, the scene and other files in build/."""
from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import jinja2

from harness.driver.paths import BUILD, ROOT
from harness.interleavings.documented import DOCUMENTED
from harness.interleavings.model import start
from harness.interleavings.orders import word
from harness.interleavings.outcomes import grouped, predict_all, shortest
from harness.judge.advice import advice, page as page_about
from harness.judge.claims import CLAIMS
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


def image(kind: str, data: bytes) -> str:
    """Return an image as a data URL."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def photographs() -> List[Tuple[str, str]]:
    """Return the last run's screenshots of message boxes on an X display: pair and image."""
    return [(file.stem, image("png", file.read_bytes()))
            for file in sorted((BUILD / "desktop").glob("*.png"))]


def orders() -> List[Dict[str, object]]:
    """Return the outcomes of the documented Unicode pair, each with its shortest order."""
    first = start(DOCUMENTED)
    groups = grouped(predict_all(first))
    return [{"sees": outcome.sees, "cause": outcome.cause, "orders": outcome.orders,
             "shortest": word(shortest(first, groups[outcome.key]))}
            for outcome in DOCUMENTED.outcomes]


def render(document: Document, scene: Optional[Played], why: str, log: str = "",
           before: Optional[Document] = None) -> str:
    """Return the page. `why` explains a missing scene; `log` is the run's log; `before` is an
    earlier verdict to compare with."""
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                                   trim_blocks=True, lstrip_blocks=True,
                                   undefined=jinja2.StrictUndefined)
    player = play_page()
    script = (HERE / "page.js").read_text(encoding="utf-8")
    played = player.partition("<script>")[2].partition("</script>")[0]
    tests = sorted(document["tests"], key=lambda test: -float(test["seconds"]))
    text: str = templates.get_template("page.html").render(
        document=document, claims=CLAIMS, groups=results.GROUPS, signs=results.SIGNS, gaps=WINE,
        results=results, counted=results.counted(document), columns=results.columns(document),
        reason=reason, advice=advice, page_about=page_about, scene=scene, why=why,
        photographs=[] if document["subject"] else photographs(), orders=orders(), player=player,
        picture=image("svg+xml", (ROOT / "docs/pictures/interleavings.svg").read_bytes()),
        slowest=tests[:SLOWEST], log=log[-LOG:], said=SAID, few=FEW,
        style=style(HERE / "style.css"),
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src "
               f"{source_hash(script)} {source_hash(played)}; base-uri 'none'; form-action 'none'",
        changes=results.changes(document, before) if before else None, before=before,
        download="data:application/json;base64," + base64.b64encode(
            json.dumps(document, indent=1).encode()).decode())
    return text
