"""Makes the report of a run from its verdict: `make report`, and the page of `make check`."""
from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.paths import BUILD
from harness.report.results import load
from harness.report.scene import record


def main() -> int:
    """Make the page. Return the exit code."""
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    parser.add_argument("verdict", type=Path, nargs="?", default=BUILD / "verdict.json",
                        help="the file that --verdict wrote (default: build/verdict.json)")
    parser.add_argument("page", type=Path, nargs="?", default=BUILD / "report" / "index.html",
                        help="the file to write (default: build/report/index.html)")
    parser.add_argument("--before", type=Path, help="an earlier verdict to compare with")
    wanted = parser.parse_args()
    if not find_spec("jinja2"):
        print("report: no page was made: jinja2 is missing (Debian: python3-jinja2)",
              file=sys.stderr)
        return 1
    from harness.report.page import render
    try:
        document = load(wanted.verdict)
        before = load(wanted.before) if wanted.before else None
        scene, why = None, ""
        try:
            scene = record(document)
        except (HarnessError, Expired, Win32Error) as problem:
            why = str(problem)
        log = wanted.verdict.with_suffix(".log")
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        wanted.page.parent.mkdir(parents=True, exist_ok=True)
        wanted.page.write_text(render(document, scene, why, text, before), encoding="utf-8")
    except (HarnessError, OSError) as problem:
        print(f"report: {problem}", file=sys.stderr)
        return 1
    print(f"Report: {wanted.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
