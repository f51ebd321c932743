"""The verdict as JUnit, for a CI: a test case for each claim."""
from __future__ import annotations

from typing import Sequence
from xml.etree import ElementTree

from harness.driver.contract import Words
from harness.judge.claims import ABOUT, claim_of
from harness.judge.results import Result
from harness.judge.screen import broken_lines, page_line
from harness.judge.verdict import Verdict, reason

#: What shows that a file is one of these.
MARK = '<testsuite name="claims"'


def junit(verdict: Verdict, results: Sequence[Result], properties: Sequence[str],
          words: Words) -> str:
    """The file: a failure where a claim is broken, skipped where it was not judged, not run, or met
    a platform gap (the type says which). Everything in it is escaped already; see words.py."""
    suite = ElementTree.Element(
        "testsuite", name="claims", tests=str(len(verdict.claims) + len(verdict.trouble)),
        errors=str(len(verdict.trouble)), failures=str(len(verdict.of("broken"))),
        skipped=str(sum(claim.verdict in ("gap", "not judged", "not run")
                        for claim in verdict.claims.values())))
    lines = ElementTree.SubElement(suite, "properties")
    for line in properties:
        name, _, value = line.partition(": ")
        ElementTree.SubElement(lines, "property", name=name, value=value)
    for name, claim in verdict.claims.items():
        seconds = sum(result.seconds for result in results if name in map(claim_of, result.facts))
        case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.3f}",
                                      classname=ABOUT.get(name[0], "both"))
        if claim.verdict == "broken":
            ElementTree.SubElement(case, "failure", message=reason(claim.data()), type="broken"
                                   ).text = "\n".join([*broken_lines(name, claim, words),
                                                       page_line(name)])
        elif claim.verdict != "kept":
            ElementTree.SubElement(case, "skipped", message=reason(claim.data()),
                                   type=claim.verdict)
    for trouble in verdict.trouble:
        case = ElementTree.SubElement(suite, "testcase", classname="harness", name="trouble")
        ElementTree.SubElement(case, "error", message=trouble, type="none")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    return ElementTree.tostring(root, encoding="unicode") + "\n"
