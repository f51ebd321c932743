"""Makes the pages of a folder of submissions: a table of all, and the verdict on each."""
from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence
from urllib.parse import quote

import jinja2

from harness.check.grade.marks import STATES, Row, marks, text_lines, verdict_of, words
from harness.check.grade.outputs import places, write
from harness.judge.advice import advice, page as page_about
from harness.judge.claims import CLAIMS, sentence
from harness.judge.verdict import reason
from harness.report.results import SIGNS
from harness.web import source_hash, style

HERE = Path(__file__).parent
#: The colour and the sign of each state.
LOOKS = {"right": ("kept", "✓"), "wrong": ("broken", "✗"), "does not compile": ("broken", "✗"),
         "no program": ("not-judged", "–"), "no verdict": ("not-judged", "?"),
         "too slow": ("broken", "⏱")}


def write_pages(folder: Path, rows: Sequence[Row], points: Mapping[str, float],
                about: Mapping[str, Any]) -> None:
    """Write index.html, and a page for each submission. Raises HarnessError."""
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True,
                                   trim_blocks=True, lstrip_blocks=True,
                                   undefined=jinja2.StrictUndefined)
    script = (HERE / "grades.js").read_text(encoding="utf-8")
    where = places(rows)
    both = {"about": about, "claims": CLAIMS, "states": STATES, "looks": LOOKS, "signs": SIGNS,
            "style": style(HERE / "grades.css"), "marks": marks, "points": points,
            "reason": reason}
    paths = {name: f"{quote(place, errors='replace')}/index.html" for name, place in where.items()}
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; " \
        "form-action 'none'; script-src "
    _write(folder / "index.html", templates.get_template("grades.html").render(
        rows=rows, paths=paths, script=script, policy=policy + source_hash(script),
        columns=[name for name in CLAIMS if any(name in row.claims for row in rows)], **both))
    page = templates.get_template("submission.html")
    for row in rows:
        (folder / where[row.name]).mkdir(exist_ok=True)
        verdict = verdict_of(row.document) if row.claims else None
        _write(folder / where[row.name] / "index.html", page.render(
            row=row, verdict=verdict, policy=policy + "'none'", advice=advice, sentence=sentence,
            page_about=page_about, words=words(row), text=list(text_lines(row)), **both))


def _write(file: Path, text: str) -> None:
    # A file name may not be valid in any character set.
    write(file, text.encode(errors="backslashreplace").decode())
