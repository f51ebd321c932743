"""Creates verdict documents as `--verdict` writes them, for tests of their readers."""
from __future__ import annotations

import json
from typing import Any, Dict, Sequence

from harness.driver.contract import Words
from harness.driver.hosts import platform_name, wine_path
from harness.driver.pair import product
from harness.judge.claims import READER, WRITER, required
from harness.judge.reporter import FORMAT, environment
from harness.judge.results import Result, Seen
from harness.judge.subject import sha256
from harness.judge.verdict import judge

#: A finding whose texts must be escaped, and the facts of a claim that holds.
TITLE = Seen("R5.title", READER, False, "title <b>", '"Process2"', '"<script>alert(1)"',
             "reader.c:3", "if (a < b) MessageBox(NULL, pBuf);")
HOLDS = [Seen(fact, WRITER, True, "", "", "") for fact in required("W5")]
#: Results in which R5 is broken and W5 is kept.
RESULTS = [Result("a", "x", READER, ["R5.title"], "failed", [TITLE]),
           Result("b", "x", WRITER, list(required("W5")), "passed", HOLDS)]


def document(results: Sequence[Result] = (), **changed: Any) -> Dict[str, Any]:
    """Return the document of a run on the Unicode pair with these results and changed fields."""
    files = [{"program": role, "command": half.command, "file": str(half.file),
              "source": "", "sha256": sha256(half.file), "arch": half.arch, "charset": half.charset}
             for role in ("first_process", "second_process")
             for half in [product("x86_64", "unicode", role)]]
    made: Dict[str, Any] = json.loads(json.dumps({
        "format": FORMAT, "level": "calls", "subject": {}, "sandbox": "none",
        "unsafe": "", "pairs": ["x86_64-unicode"],
        "files": files, "words": Words().__dict__, "commit": "abc", "platform": platform_name(),
        "wine": wine_path(), "environment": environment(), "date": "2026-01-02T03:04:05Z",
        "seconds": 3.0, "programs": 7, **judge(results).data(),
        "tests": [result.row() for result in results]}))
    return {**made, **changed}
