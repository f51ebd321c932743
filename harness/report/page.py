"""The page itself, from the run, the scene, and what else lies in build/."""
from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import jinja2

from harness.driver.paths import BUILD
from harness.judge.claims import CLAIMS

from harness.report.results import OUTCOMES, Run
from harness.report.scene import Played

#: How the figures of build/bench.json are called, and their unit; times are in seconds there.
FIGURES = {"a": "a warm launch of the smallest .exe",
           "a_box": "the smallest program with a message box", "b": "a verified round trip",
           "c": "from nothing to the first verified round trip",
           "f": "the usual way: a round trip", "f_start": "the usual way: its start"}


def photographs() -> List[Tuple[str, str]]:
    """The boxes that the last run photographed on an X display: pair, and image as a data URI."""
    return [(file.stem, "data:image/png;base64,"
             + base64.b64encode(file.read_bytes()).decode())
            for file in sorted((BUILD / "desktop").glob("*.png"))]


def bars() -> Tuple[str, List[Tuple[str, float, float]]]:
    """Whose figures build/bench.json has, and each with its milliseconds and part of the most."""
    file = BUILD / "bench.json"
    if not file.exists():
        return "", []
    kept: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    most = max(kept[name] for name in FIGURES)
    return kept["wine"], [(text, 1000 * kept[name], 100 * kept[name] / most)
                          for name, text in FIGURES.items()]


def picture() -> str:
    """The picture of the interleavings, if they were run."""
    file = BUILD / "interleavings.svg"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def orders() -> Dict[str, Any]:
    """What `make interleavings` found, from build/interleavings.json; empty if it was not run."""
    file = BUILD / "interleavings.json"
    found: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def render(run: Run, scene: Optional[Played], why: str) -> str:
    """The page as HTML. `why` says why there is no scene, if there is none."""
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent),
                                   autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                   undefined=jinja2.StrictUndefined)
    wine, figures = bars()
    text: str = templates.get_template("page.html").render(
        run=run, claims=CLAIMS, outcomes=OUTCOMES, scene=scene, why=why, wine=wine,
        figures=figures, photographs=photographs(), picture=picture(), orders=orders())
    return text
