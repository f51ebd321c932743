"""Tests in a strict container: process 1 does not reap; no personality, no namespaces, 64 MB of
/dev/shm, no /run/user, and a read-only checkout, at most without build/."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from harness.driver.paths import ROOT
from harness.judge import header
from harness.selftests.surroundings import assert_shown, unshared
from harness.selftests.inner_runs import DEMO, ROUND_TRIP, InnerRuns

pytestmark = [pytest.mark.products, pytest.mark.slow]
CONTAINER = ROOT / "harness" / "selftests" / "broken_suites" / "container.py"
MOUNTS = """
mount -t proc proc /proc && mount -t tmpfs -o size=64m none /dev/shm && mount -t tmpfs none /run
mount --bind "$0" "$0"
if [ "$1" = alone ]; then mount --bind "$0/build" "$0/build"; fi
mount -o remount,bind,ro "$0" && cd "$0" && shift && exec "$@"
"""


#: What the container refuses, its shared memory, its /run, and the parent, which is process 1.
CHECKS = ("setarch -R true; unshare true; touch README.md; df -m /dev/shm; ls /run; "
          'echo "parent $PPID"; exec "$@"')


@pytest.mark.parametrize("command, build", [(ROUND_TRIP, "alone"), (DEMO, "alone"), (DEMO, "not")],
                         ids=["pytest", "demo", "demo-without-build"])
def test_it_works_in_a_container(inner: InnerRuns, command: List[str], build: str) -> None:
    """It works, and leaves nothing. With `build` "alone", only build/ is writable."""
    around = (*unshared("--mount", "--pid", "--fork"), "sh", "-e", "-c", MOUNTS, str(ROOT), build,
              sys.executable, str(CONTAINER), "sh", "-c", CHECKS, "sh")
    seen = inner.run(command, around=around)
    assert_shown(seen)
    for part in ("setarch: failed", "unshare failed", "README.md': Read-only", " 64 ",
                 "parent 1\n"):
        assert part in seen.text, seen.text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_the_commit_of_sources_of_somebody_else(tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit is found although git refuses another user's checkout, as is usual in CI."""
    for words in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q",
                                   "--allow-empty", "-m", "a"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, timeout=20)
    for file in (tmp_path, *tmp_path.rglob("*")):
        os.chown(file, 54321, 54321)
    monkeypatch.setattr(header, "ROOT", tmp_path)
    assert re.fullmatch("[0-9a-f]{7,}", header.commit())
