"""Checks a pair of programs: python3 -m harness.check FIRST [SECOND] [options]

FIRST is the writer and SECOND the reader: an .exe, with its arguments if it needs any, or a source
in C or C++, which is compiled first; "-" is the project's own program. The exit status is 0 if
every claim that was judged is kept, 1 if one is broken or a source does not compile, 2 or 3 if
there is no verdict, and 4 if the command was wrong.
"""
from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, NoReturn, Optional, Sequence
from xml.etree import ElementTree

import pytest

from harness.driver.contract import Words
from harness.driver.errors import HarnessError
from harness.driver.paths import BUILD, ROOT
from harness.judge import files, options, tools
from harness.judge.checks import BOARD
from harness.judge.claims import ABOUT, claim_of, sentence
from harness.judge.reporter import Reporter, pytest_report_header
from harness.judge.results import Seen
from harness.judge.screen import (broken_lines, finding_lines, head, page_line, refused_lines,
                                  verdict_lines)
from harness.judge.sources import Refused
from harness.judge.subject import SUBJECT, Subject, chosen
from harness.judge.verdict import Verdict, reason
from harness.judge.words import escape_on_streams

KEPT, BROKEN, INTERRUPTED, NONE, WRONG = range(5)
#: Seconds between two lines that show that the check goes on.
SIGN_OF_LIFE = 10.0
#: The text that identifies a JUnit file of a check, and the beginning of the last line printed.
MARK, DETAILS = '<testsuite name="claims"', "What each claim says:"


class Parser(argparse.ArgumentParser):
    """Exits with 4 if the command is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG, f"{self.prog.rpartition('.')[2]}: {message}\n")


def arguments() -> argparse.Namespace:
    """Parse the command line. Raises HarnessError if it makes no sense."""
    parser = Parser(prog="python3 -m harness.check", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first_process", metavar="FIRST")
    parser.add_argument("second_process", metavar="SECOND", nargs="?", default="-")
    for name, about in options.OPTIONS.items():
        parser.add_argument(name, **about)
    parser.add_argument("--junitxml", metavar="FILE", help="write a test case for each claim")
    parser.add_argument("--log", metavar="FILE", type=Path, default=BUILD / "check" / "log.txt",
                        help="the file for pytest's output (default: build/check/log.txt)")
    # All of Windows shares the object's name.
    parser.add_argument("-n", dest="workers", metavar="N", type=int, help="how many checks run at "
                        "once (default: %(default)d)", default=0 if sys.platform == "win32" else 2)
    option = parser.parse_args()
    if not 0 <= option.workers <= 64:
        raise HarnessError("-n: give a number from 0 to 64")
    option.log.parent.mkdir(parents=True, exist_ok=True)
    files.refuse("--log", option.log, "= test session starts")
    if option.junitxml:
        files.refuse("--junitxml", Path(option.junitxml), MARK)
    options.validate(option)
    for name in ("first_process", "second_process"):
        if getattr(option, name) == "-":
            setattr(option, name, None)
    if not (option.first_process or option.second_process):
        raise HarnessError("name a program of your own")
    return option


class Check:
    """One run of pytest, and a plugin in it: passes pytest what is checked, and prints the first
    finding as soon as there is one. What pytest prints goes to the log."""

    def __init__(self, option: argparse.Namespace, subject: Subject, screen: Any) -> None:
        self.option, self.subject, self.screen = option, subject, screen
        self.config: Optional[pytest.Config] = None
        self.reporter: Optional[Reporter] = None
        self._over = threading.Event()

    @pytest.hookimpl(tryfirst=True)  # type: ignore[misc] # Its decorator is untyped.
    def pytest_cmdline_main(self, config: pytest.Config) -> None:
        """Pass on what is checked, before any other plugin needs it."""
        self.config = config
        config.stash[SUBJECT] = self.subject

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start to watch for findings."""
        self.reporter = session.config.pluginmanager.getplugin("reporter of verdicts")
        threading.Thread(target=self._watch, args=(session.config.stash[BOARD] / "findings",),
                         daemon=True).start()

    def pytest_sessionfinish(self) -> None:
        """Stop watching."""
        self._over.set()

    def _watch(self, board: Path) -> None:
        """Print the first finding, and from time to time that the check goes on."""
        said, spoken = False, time.monotonic()
        while not self._over.wait(0.05):
            if not said and board.exists():
                said, spoken = True, time.monotonic()
                seen = Seen(**json.loads(board.read_text(encoding="utf-8").split("\n")[0]))
                self.say(head(claim_of(seen.fact), [seen.program], self.subject.words),
                         *finding_lines(seen), "Checking goes on …")
            elif time.monotonic() - spoken > SIGN_OF_LIFE and self.reporter:
                spoken = time.monotonic()
                self.say(f"… checks done: {len(self.reporter.results)}")

    def say(self, *lines: str) -> None:
        """Print on the screen of the check."""
        print(*lines, sep="\n", file=self.screen, flush=True)

    def run(self) -> int:
        """Run the checks. Return pytest's exit status."""
        option = self.option
        if option.workers and not os.environ.get("PYTEST_DISABLE_XDIST"):
            parallel = ["-n", str(option.workers)]
        else:
            parallel = ["-p", "no:xdist"]
        given = [word for word in options.given(option) if not word.startswith("--verdict")]
        with files.whole(option.log) as part, \
                open(part, "w", encoding="utf-8", errors="backslashreplace") as log, \
                contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            return int(pytest.main([
                str(ROOT / "harness" / "claims"), f"--rootdir={ROOT}", "-c",
                str(ROOT / "pyproject.toml"), *parallel, *given], plugins=[self]))


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


def finish(check: Check, ended: int) -> int:
    """Print and write the verdict. Return the exit status."""
    option, reporter = check.option, check.reporter
    if ended in (4, 5) or not reporter or not check.config:
        last = [line for line in option.log.read_text(encoding="utf-8").splitlines() if line]
        check.say(f"! no verdict: {last[-1] if last else 'pytest did not start'}")
        return NONE
    interrupted = ended == 2 and not reporter.stopped
    if ended not in (0, 1) and not reporter.stopped:
        reporter.stopped = "the run was stopped before its end" if ended == 2 else \
            f"pytest ended with {ended}; see {option.log}"
    verdict = reporter.verdict
    check.say(*verdict_lines(verdict, check.subject, option.level, reporter.unsafe),
              f"{DETAILS} docs/claims.md. Details: {option.log}")
    problems: List[str] = []
    if option.verdict:
        problems.append(files.write(Path(option.verdict),
                                    json.dumps(reporter.data(), indent=1) + "\n"))
    if option.junitxml:
        problems.append(files.write(Path(option.junitxml), junit(
            verdict, reporter.data(), pytest_report_header(check.config), check.subject.words)))
    for problem in filter(None, problems):
        check.say(f"! {problem}")
    status = {"kept": KEPT, "broken": BROKEN,
              "none": INTERRUPTED if interrupted else NONE}[verdict.verdict]
    return NONE if status == KEPT and any(problems) else status


def main() -> int:
    """Check the programs and print the verdict. Return the exit status."""
    escape_on_streams()
    tools.interrupt_on_signals()
    try:
        option = arguments()
        check = Check(option, chosen(option), sys.stdout)
        return finish(check, check.run())
    except KeyboardInterrupt:
        print("check: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Refused as problem:
        unsafe = tools.unsafe()
        print(*refused_lines(problem),
              *([f"It was compiled without a sandbox ({unsafe})."] if unsafe else []), sep="\n")
        return BROKEN
    except (HarnessError, OSError) as problem:
        print(f"check: {problem}", file=sys.stderr)
        return WRONG


if __name__ == "__main__":
    sys.exit(main())
