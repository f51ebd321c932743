"""Makes build/report/index.html from the last run: `make report`."""
from __future__ import annotations

import sys
from typing import Optional, Tuple
from xml.etree.ElementTree import ParseError

from harness.driver.errors import Expired, HarnessError
from harness.driver.paths import BUILD

from harness.report.page import render
from harness.report.results import read_run
from harness.report.scene import Played, record


def played() -> Tuple[Optional[Played], str]:
    """The scene, or None and why it could not be played."""
    try:
        return record(), ""
    except (HarnessError, Expired) as problem:
        return None, str(problem)


def main() -> int:
    """Make the page; the exit code."""
    try:
        run = read_run(BUILD / "results.xml")
    except (OSError, ParseError, StopIteration) as problem:
        print(f"report: no results of a run were found ({problem}); run make test first",
              file=sys.stderr)
        return 1
    page = BUILD / "report" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(run, *played()), encoding="utf-8")
    print(f"The report is build/report/index.html; open it in a browser. "
          f"It says: {run.cell('', '').fraction} tests passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
