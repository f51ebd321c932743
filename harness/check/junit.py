"""The verdict as JUnit, for a CI: a test case for each claim."""
from __future__ import annotations

import re
from typing import Any, Dict, Sequence
from xml.etree import ElementTree

from harness.driver.contract import Words
from harness.judge.claims import ABOUT, sentence
from harness.judge.screen import broken_lines, page_line
from harness.judge.verdict import Verdict, reason

#: What shows that a file is one of these.
MARK = '<testsuite name="claims"'


def _properties(parent: ElementTree.Element, pairs: Dict[str, str]) -> None:
    group = ElementTree.SubElement(parent, "properties")
    for name, value in pairs.items():
        ElementTree.SubElement(group, "property", name=name, value=value)


def junit(verdict: Verdict, document: Dict[str, Any], header: Sequence[str], words: Words) -> str:
    """The file: a failure where a claim is broken, skipped where it was not judged, not run, or met
    a platform gap (the type says which). A case is named by its claim and its class by platform and
    pair, so that they stay the same from run to run; what a claim says is a property. `document` is
    the verdict as it is written, `header` the lines that a run begins with. Everything in it is
    escaped already; see words.py."""
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
