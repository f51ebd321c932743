"""The part of the plugin that selects the checks for each pair, sorts them, and leaves out those
that cannot run here."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List, NoReturn, Optional, Set, Tuple

import pytest

from harness.driver.errors import Expired
from harness.driver.host import Host
from harness.driver.pair import Pair
from harness.driver.paths import ROOT
from harness.judge.checks import BOARD, Known, Mine, facts_of, milestone, of
from harness.judge.gaps import HERE, PAGE, WINE
from harness.judge.results import NOT_RUN
from harness.judge.subject import SUBJECT, Subject

#: Tests of the project only, which do not apply to other programs.
OWN = (ROOT / "harness" / "selftests", ROOT / "harness" / "claims" / "products")
KNOWN = pytest.StashKey[Known]()
#: The property of a test that has found that no test can run.
HOPELESS = "no test can go on"
#: The number of characters of a test's id for one value.
LONGEST = 40


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> Optional[bool]:
    """Leave out tests that do not apply to programs that were handed in."""
    return True if config.stash[SUBJECT].handed_in and collection_path in OWN else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test that takes a `pair`, itself or through a fixture, for each checked pair, unless
    it names its pairs."""
    named = ", ".join(mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "pair" in metafunc.fixturenames and "pair" not in named.split(", "):
        metafunc.parametrize("pair", metafunc.config.stash[SUBJECT].pairs, ids=str)


def pytest_make_parametrize_id(val: object) -> Optional[str]:
    """Return an id that is easy to type: the words of the value, with hyphens."""
    if not isinstance(val, (str, bytes, list, tuple, dict)):
        return None
    text = val.decode("latin-1") if isinstance(val, bytes) else str(val)
    words = re.findall(r"[\w.+]+", text, re.ASCII)
    return "-".join(words)[:LONGEST].rstrip("-") or "empty"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k W6` select the checks of a claim, and `-k W6.echo` those of a fact."""
    item.extra_keyword_matches.update(facts_of(item))


def _left_out(item: pytest.Item, subject: Subject, level: str) -> bool:
    """Return whether the test does not apply to what is checked."""
    if level == "behaviour" and item.get_closest_marker("calls"):
        return True
    if not subject.handed_in:
        return False
    mark = of(item)
    about = mark.kwargs["about"] if mark else ""
    return bool(item.get_closest_marker("products")) or about and about not in subject.handed_in


@pytest.hookimpl(trylast=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """Leave out tests that do not apply, mark those that meet platform gaps, and sort each check
    after those that it needs. Checks of both programs together come last."""
    subject = config.stash[SUBJECT]
    dropped = [item for item in items if _left_out(item, subject, config.getoption("level"))]
    kept = [item for item in items if item not in set(dropped)]
    for item in kept:
        for marker in item.iter_markers("gap"):
            if marker.args[0] not in WINE:
                raise pytest.UsageError(f"{item.nodeid}: no gap is called {marker.args[0]}")
            if marker.args[0] in HERE:
                # A broken harness is no gap; a check that passes shows that the gap is closed.
                item.add_marker(pytest.mark.xfail(
                    strict=False, raises=(AssertionError, Expired, pytest.fail.Exception),
                    reason=f"platform gap {marker.args[0]}, see {PAGE}"))
    items[:] = _in_order(kept)
    config.hook.pytest_deselected(items=dropped)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which milestones the selected checks give. Some options, such as --lf, drop tests only
    after the hook above."""
    session.config.stash[KNOWN] = Known(session.config.stash[BOARD], {
        name for item in session.items for name in names(item, "gives")})


def _in_order(items: List[pytest.Item]) -> List[pytest.Item]:
    """Return the items, each after those that give what it needs, and those about both programs
    last. Raises UsageError if that is impossible."""
    depths: Dict[str, int] = {}
    for _ in range(len(items) + 1):
        before = dict(depths)
        for item in items:
            depth = 1 + max((depths.get(name, 0) for name in names(item, "needs")), default=-1)
            depths.update(dict.fromkeys(names(item, "gives"), depth))
        if depths == before:
            break
    else:
        raise pytest.UsageError("some checks need each other")

    def place(item: pytest.Item) -> Tuple[bool, int]:
        mark = of(item)
        return (not (mark and mark.kwargs["about"]),
                1 + max((depths.get(name, 0) for name in names(item, "needs")), default=-1))
    return sorted(items, key=place)


def mine(item: pytest.Item, role: str = "") -> Mine:
    """Return what is known about the program of a test, or about the one of that role."""
    pair = item.callspec.params["pair"] if hasattr(item, "callspec") else None
    mark = of(item)
    return Mine(item.config.stash[KNOWN], str(pair), role or (mark and mark.kwargs["about"]) or "",
                item.config.stash[SUBJECT].words)


def names(item: pytest.Item, kind: str) -> Set[str]:
    """Return the full names of the milestones that a check of a pair needs or gives (`kind`)."""
    mark = of(item)
    pair = item.callspec.params.get("pair") if hasattr(item, "callspec") else None
    if not mark or not pair:
        return set()
    return {milestone(str(pair), mark.kwargs["about"], name) for name in mark.kwargs[kind]}


def hopeless(item: pytest.Item, why: str) -> NoReturn:
    """Fail this test, and stop the run, since all others would fail for the same reason."""
    item.user_properties.append((HOPELESS, why))
    raise pytest.fail.Exception(why, pytrace=False) from None


def skip_as_one(why: str) -> NoReturn:
    """Skip a test. The summary has one line for all that are skipped here for the same reason."""
    raise pytest.skip.Exception(why)


def enter(item: pytest.Item, host: Host, pair: Pair) -> None:
    """Return if the host can run the pair; otherwise skip the test, or stop the run if 32-bit
    programs are required or handed in."""
    lacking = host.lacks("i686") if "i686" in (pair.writer.arch, pair.reader.arch) else None
    if not lacking:
        return
    option = item.config.getoption
    if option("require_32bit") or option("first_process") or option("second_process"):
        hopeless(item, f"32-bit programs cannot be run: {lacking}")
    skip_as_one(f"{NOT_RUN}: {lacking}")
