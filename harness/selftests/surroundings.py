"""Hostile environments for commands, and checks of the commands' reactions."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Tuple

import pytest

from harness.selftests.inner_runs import Outcome

ROOT = os.geteuid() == 0
#: An ordinary user without a home, a name or files.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SHOW = [sys.executable, "-m", "harness.lessons.show", "reader-alone"]


def unshared(*options: str) -> Tuple[str, ...]:
    """Return what runs a command in its own namespaces; skip the test if that is not permitted."""
    command = ("unshare", *options) if ROOT else ("unshare", "--map-root-user", *options)
    if subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode:
        pytest.skip(f"{' '.join(command)} is not permitted here")
    return command


def mounted(options: str, folder: Path) -> Tuple[str, ...]:
    """Return what runs a command with a new tmpfs over that folder."""
    return (*unshared("--mount"), "sh", "-c",
            f'mount -t tmpfs {options} none "{folder}" && exec "$@"', "sh")


def assert_shown(seen: Outcome) -> None:
    """Assert that the round trip or the demonstration succeeded."""
    assert seen.code == 0, seen.text
    assert "1 passed" in seen.text or "The reader showed what the writer wrote" in seen.text


def assert_refused(seen: Outcome, *said: str) -> None:
    """Assert that it ended with an error, and that one line has all of these."""
    assert seen.code not in (0, None), seen.text
    assert "Traceback" not in seen.text and "INTERNALERROR" not in seen.text, seen.text
    assert any(all(part in line for part in said) for line in seen.text.splitlines()), seen.text
