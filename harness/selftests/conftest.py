"""Selects the self-tests for Windows, and has the fixtures of the self-tests."""
from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator

import pytest

from harness.driver.host import Host
from harness.driver.hosts import Hosts
from harness.driver.pair import product_pair
from harness.driver.paths import BUILD, ROOT
from harness.judge.collecting import enter

if TYPE_CHECKING:
    from harness.selftests.inner_runs import InnerRuns

#: The self-tests of agent, driver and programs. The others are about Wine, Unix, make and the
#: sources, so Windows does not collect them; nor these, if `make test-programs` has not built the
#: programs that they start.
ON_WINDOWS = ("test_agent.py", "test_exercises.py", "test_interleavings.py", "test_robust.py",
              "test_screen.py", "test_starting.py", "test_trace.py")
if sys.platform == "win32":
    collect_ignore = [file.name for file in Path(__file__).parent.glob("test_*.py")
                      if file.name not in ON_WINDOWS or not (BUILD / "probe").is_dir()]


def pytest_itemcollected(item: pytest.Function) -> None:
    """Leave out all self-tests if programs are handed in; those that start commands, each with a
    limit of its own, or a browser take long."""
    item.add_marker(pytest.mark.products)
    if {"inner", "chromium"} & set(item.fixturenames):
        item.add_marker(pytest.mark.slow)
        item.add_marker(pytest.mark.time_limit(300))


@pytest.fixture
def inner() -> "Iterator[InnerRuns]":
    """Yield an environment for runs of the harness itself; nothing may remain in it."""
    from harness.selftests.inner_runs import InnerRuns  # Not every platform has its modules.
    inner = InnerRuns()
    yield inner
    inner.close()


@pytest.fixture
def checkout(inner: "InnerRuns") -> Path:
    """Return a copy of this checkout and its build that any user may read, without 32-bit DLLs,
    with spaces and non-ASCII characters in its path; let any user write temporary files."""
    folder = inner.folder / "Моя копия ü" / "a b"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", "*cache", "wine32", "axe"))
    inner.folder.chmod(0o755)
    inner.tmp.chmod(0o1777)
    return folder


@pytest.fixture
def runner(inner: "InnerRuns") -> "InnerRuns":
    """Return an environment for harness.run, with probe.exe in its folder of programs."""
    shutil.copy(BUILD / "probe" / "probe.exe", inner.programs)
    return inner


@pytest.fixture(params=["x86_64", "i686"])
def arch(request: pytest.FixtureRequest, host: Host) -> str:
    """Return an architecture whose programs run here."""
    enter(request.node, host, product_pair(request.param, "ansi"))
    return str(request.param)


@pytest.fixture
def alone(host: Host, hosts: Hosts) -> None:
    """Close this run's host, since Windows allows one; skip if it may not create the object."""
    if sys.platform == "win32":
        hosts.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield one browser for all tests of pages, by selenium, since its start takes long."""
    from harness.play.browser import browser  # Not every machine has one.
    with browser(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture
def opened(chromium: Any) -> Iterator[Any]:
    """Yield the browser as if just started; there must be no complaints at the end."""
    from harness.play.browser import complaints, use_screen
    use_screen(chromium)
    yield chromium
    said = complaints(chromium)
    chromium.execute_script("try { localStorage.clear() } catch { }")
    chromium.get("about:blank")
    assert said == []


@pytest.fixture
def find(opened: Any) -> Callable[[str], Any]:
    """Return what finds the element of a CSS selector in the browser's page."""
    return lambda selector: opened.find_element("css selector", selector)
