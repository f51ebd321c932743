"""Prints what the verdicts of a run depend on, in the first lines of the run."""
from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import subprocess
import sys
from typing import Any, Dict, List, NoReturn

import pytest

from harness.driver.errors import HarnessError
from harness.driver.paths import ROOT
from harness.judge.gaps import HERE, PAGE
from harness.judge.subject import SUBJECT

#: The property of a test that has found that no test can run.
HOPELESS = "no test can go on"


def hopeless(item: pytest.Item, why: str) -> NoReturn:
    """Fail this test, and stop the run, since all others would fail for the same reason."""
    item.user_properties.append((HOPELESS, why))
    raise pytest.fail.Exception(why, pytrace=False) from None


def _git(*arguments: str) -> str:
    # In a container the sources often belong to another user, which git refuses.
    done = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments],
                          capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=20)
    return done.stdout.strip()


def commit() -> str:
    """Return the commit of the sources, and whether they were changed since."""
    try:
        return ((_git("rev-parse", "--short", "HEAD") or "none")
                + (", changed since" if _git("status", "--porcelain") else ""))
    except OSError:
        return "unknown, without git"


def _value(file: str, name: str) -> str:
    """Return the value of that name in a file of lines such as NAME="value" or name : value."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            found = (re.fullmatch(rf'{name}\s*[=:]\s*"?([^"\n]*)"?\n?', line) for line in lines)
            return next((match.group(1) for match in found if match), "")
    except OSError:
        return ""


def environment() -> Dict[str, Any]:
    """Return the machine and the system of this run."""
    return {"system": _value("/etc/os-release", "PRETTY_NAME") or platform.platform(),
            "processor": _value("/proc/cpuinfo", "model name") or platform.processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
            else os.cpu_count(), "python": platform.python_version(), "pytest": pytest.__version__}


@functools.lru_cache(maxsize=None)
def _version(program: str) -> str:
    path = shutil.which(program)
    if not path:
        return f"no {program}"
    done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20)
    return done.stdout.split("\n", 1)[0]


def pytest_report_header(config: pytest.Config) -> List[str]:
    """Return what the verdicts depend on, such as programs, platform and compiler."""
    pairs = [str(pair) for pair in config.stash[SUBJECT].pairs]
    lines = [*config.stash[SUBJECT].describe(),
             f"checked: {', '.join(pairs)}; level: {config.getoption('level')}",
             f"python: {platform.python_version()}; pytest: {pytest.__version__}"]
    lines += _windows_header() if sys.platform == "win32" else _wine_header(config)
    return lines + ([f"known gaps: {', '.join(HERE)} ({PAGE})"] if HERE else [])


def _windows_header() -> List[str]:
    from harness.driver.windows import system
    return [f"platform: {system()}, {platform.machine()}"]


def _wine_header(config: pytest.Config) -> List[str]:
    # Imported here, since it needs Unix.
    from harness.driver.wine.installation import find_wine
    try:
        wine = find_wine(config.getoption("wine")).version
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))
    kind = config.getoption("prefix") or "minimal (full where that does not work)"
    return [f"wine: {wine}; prefix: {kind}; display: {config.getoption('display')}",
            f"compiler: {_version('x86_64-w64-mingw32-gcc')}"]
