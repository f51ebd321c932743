"""What the JUnit file says beside outcomes and claims, so that it can be read on its own."""
from __future__ import annotations

import subprocess
from pathlib import Path
from typing import List, Optional, Tuple
from xml.etree import ElementTree

import pytest
from _pytest.junitxml import xml_key

from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS
from harness.judge.header import pytest_report_header
from harness.judge.screen import finding_lines, help_lines, page_line
from harness.judge.verdict import Verdict, reason


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True,
                          stdin=subprocess.DEVNULL, text=True, timeout=20)
    return done.stdout.strip()


def commit() -> str:
    """The commit that the sources are of, and whether they were changed since."""
    try:
        return ((_git("rev-parse", "--short", "HEAD") or "none")
                + (", changed since" if _git("status", "--porcelain") else ""))
    except OSError:
        return "unknown, without git"


def note_surroundings(config: pytest.Config) -> None:
    """Write the lines of the report header (`name: value`) and the commit as properties of the
    whole run, where this process writes a JUnit file."""
    file = config.stash.get(xml_key, None)
    if file:
        for line in [*pytest_report_header(config), f"commit: {commit()}"]:
            name, _, value = line.partition(": ")
            file.add_global_property(name, value)


def about(item: pytest.Item) -> List[Tuple[str, str]]:
    """The properties of a test: the first sentence of its docstring, and its pair if it has one."""
    told = (getattr(getattr(item, "obj", None), "__doc__", None) or "").split("\n\n")[0]
    pair = item.callspec.params.get("pair") if hasattr(item, "callspec") else None
    return [("tells", " ".join(told.split()))] + ([("pair", str(pair))] if pair else [])


def taken_over(config: pytest.Config) -> Optional[Path]:
    """The JUnit file that was asked for; pytest then writes none of its own tests to it."""
    file = config.stash.get(xml_key, None)
    if not file:
        return None
    config.pluginmanager.unregister(file)
    del config.stash[xml_key]
    return Path(file.logfile)


def write_claims(file: Path, verdict: Verdict, properties: List[str]) -> None:
    """Write a JUnit file with a test case for each claim: a failure where it is broken, skipped
    where it was not judged, not run, or met a platform gap (the type says which). `properties`
    are lines of the report header."""
    suite = ElementTree.Element(
        "testsuite", name="claims", tests=str(len(verdict.claims)),
        errors=str(len(verdict.trouble)),
        failures=str(len(verdict.of("broken"))),
        skipped=str(sum(claim.verdict in ("gap", "not judged", "not run")
                        for claim in verdict.claims.values())))
    told = ElementTree.SubElement(suite, "properties")
    for line in properties:
        name, _, value = line.partition(": ")
        ElementTree.SubElement(told, "property", name=name, value=value)
    for name, claim in verdict.claims.items():
        case = ElementTree.SubElement(suite, "testcase", classname="claims",
                                      name=f"{name} {CLAIMS[name]}")
        if claim.verdict == "broken":
            text = "\n".join([*(line for finding in claim.findings
                                for line in finding_lines(finding)),
                              *help_lines(claim), page_line(name)])
            ElementTree.SubElement(case, "failure", message=reason(claim.data()),
                                   type="broken").text = text
        elif claim.verdict != "kept":
            ElementTree.SubElement(case, "skipped", message=reason(claim.data()),
                                   type=claim.verdict)
    for trouble in verdict.trouble:
        case = ElementTree.SubElement(suite, "testcase", classname="harness", name="trouble")
        ElementTree.SubElement(case, "error", message=trouble, type="none")
    file.parent.mkdir(parents=True, exist_ok=True)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.ElementTree(root).write(str(file), encoding="utf-8", xml_declaration=True)
