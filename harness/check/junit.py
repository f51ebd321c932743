"""Writes the verdict as JUnit, for a CI: a test case for each claim."""
from __future__ import annotations

import re
from typing import Any, Dict, Sequence
from xml.etree import ElementTree

from harness.driver.contract import Words
from harness.judge.claims import ABOUT, sentence
from harness.judge.screen import broken_lines, page_line
from harness.judge.verdict import Verdict, reason

#: The text that identifies such a file.
MARK = '<testsuite name="claims"'


def _properties(parent: ElementTree.Element, pairs: Dict[str, str]) -> None:
    group = ElementTree.SubElement(parent, "properties")
    for name, value in pairs.items():
        ElementTree.SubElement(group, "property", name=name, value=value)


def junit(verdict: Verdict, document: Dict[str, Any], header: Sequence[str], words: Words) -> str:
    """Return the file. A broken claim is a failure; one that was not judged, not run, or met a
    platform gap is skipped (the type says which). A case has the name of its claim and a class of
    platform and pair, which are the same in every run; the text of the claim is a property.
    `document` is the verdict as it is written, `header` the first lines of the run. All values are
    already escaped; see words.py."""
    platform = re.match(r"wine-[\d.]*\d|\w+", document["platform"])
    place = ".".join([platform.group().replace(".", "_") if platform else "unknown",
                      "+".join(document["pairs"])])
    suite = ElementTree.Element(
        "testsuite", name="claims", tests=str(len(verdict.claims) + len(verdict.trouble)),
        timestamp=document["date"].rstrip("Z"), time=str(document["seconds"]),
        errors=str(len(verdict.trouble)), failures=str(len(verdict.of("broken"))),
        skipped=str(sum(claim.verdict in ("gap", "not judged", "not run")
                        for claim in verdict.claims.values())))
    _properties(suite, {name: value for line in header for name, _, value in
                        [line.partition(": ")]})
    for name, claim in verdict.claims.items():
        seconds = sum(test["seconds"] for test in document["tests"] if name in test["claims"])
        case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.3f}",
                                      classname=place)
        _properties(case, {"says": sentence(name, words), "program": ABOUT.get(name[0], "both")})
        if claim.verdict == "broken":
            ElementTree.SubElement(case, "failure", message=reason(claim.data()), type="broken"
                                   ).text = "\n".join([*broken_lines(name, claim, words),
                                                       page_line(name)])
        elif claim.verdict != "kept":
            ElementTree.SubElement(case, "skipped", message=reason(claim.data()),
                                   type=claim.verdict)
    for number, trouble in enumerate(verdict.trouble, 1):
        case = ElementTree.SubElement(suite, "testcase", classname=f"{place}.harness",
                                      name=f"trouble-{number}", time="0")
        ElementTree.SubElement(case, "error", message=trouble, type="none")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    return ElementTree.tostring(root, encoding="unicode") + "\n"
