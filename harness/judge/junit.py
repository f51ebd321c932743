"""What the JUnit file says beside outcomes and claims, so that it can be read on its own."""
from __future__ import annotations

import subprocess
from typing import List, Tuple

import pytest
from _pytest.junitxml import xml_key

from harness.driver.paths import ROOT


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


def note_surroundings(config: pytest.Config, header: List[str]) -> None:
    """Write the lines of the report header (`name: value`) and the commit as properties of the
    whole run, where this process writes a JUnit file."""
    file = config.stash.get(xml_key, None)
    if file:
        for line in [*header, f"commit: {commit()}"]:
            name, _, value = line.partition(": ")
            file.add_global_property(name, value)


def about(item: pytest.Item) -> List[Tuple[str, str]]:
    """The properties of a test: the first sentence of its docstring, and its pair if it has one."""
    told = (getattr(getattr(item, "obj", None), "__doc__", None) or "").split("\n\n")[0]
    pair = item.callspec.params.get("pair") if hasattr(item, "callspec") else None
    return [("tells", " ".join(told.split()))] + ([("pair", str(pair))] if pair else [])
