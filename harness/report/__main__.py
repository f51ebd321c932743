"""Makes build/report/index.html from the last run: `make report`."""
from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple
from xml.etree.ElementTree import ParseError

import jinja2

from driver.claims import CLAIMS
from driver.errors import Expired, HarnessError
from driver.host import BUILD

from .results import OUTCOMES, read_run
from .scene import Played, play

#: How the figures of build/bench.json are called, and their unit; times are in seconds there.
FIGURES = {"a": "a warm launch of the smallest .exe", "b": "a verified round trip",
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


def played() -> Tuple[Optional[Played], str]:
    """The scene, or None and why it could not be played."""
    try:
        return play(), ""
    except (HarnessError, Expired) as problem:
        return None, str(problem)


def main() -> int:
    """Make the page; the exit code."""
    results = BUILD / "results.xml"
    try:
        run = read_run(results)
    except (OSError, ParseError, StopIteration) as problem:
        print(f"report: no results of a run were found ({problem}); run make test first",
              file=sys.stderr)
        return 1
    scene, why = played()
    wine, figures = bars()
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent),
                                   autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                   undefined=jinja2.StrictUndefined)
    page = BUILD / "report" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(templates.get_template("page.html").render(
        run=run, claims=CLAIMS, outcomes=OUTCOMES, scene=scene, why=why, wine=wine,
        figures=figures, photographs=photographs(), picture=picture()), encoding="utf-8")
    print(f"The report is build/report/index.html; open it in a browser. "
          f"It says: {run.cell('', '').fraction} tests passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
