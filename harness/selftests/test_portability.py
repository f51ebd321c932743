"""Tests that the harness runs on Windows without Unix modules, and with Python 3.8."""
from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from harness.driver.paths import ROOT
from harness.selftests.conftest import ON_WINDOWS

HARNESS = ROOT / "harness"
SOURCES = sorted(HARNESS.rglob("*.py"))


@pytest.mark.products
def test_python_3_8_can_read_it() -> None:
    """Python 3.8, the oldest supported version, can parse all files."""
    for source in SOURCES:
        ast.parse(source.read_text(encoding="utf-8"), str(source), feature_version=(3, 8))


@pytest.mark.slow
@pytest.mark.products
def test_everything_is_collected_without_unix() -> None:
    """If Unix modules cannot be imported, each file of claims is imported or skips itself, and each
    self-test for Windows, the demonstration and the Windows host are imported.

    A claim that needs Unix calls `pytest.importorskip`, or `pytest.skip` with
    `allow_module_level`, before it imports Unix modules."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("PYTEST_")}
    environment.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-qs",
                           "-p", "harness.selftests.pretend_windows", str(HARNESS)],
                          cwd=HARNESS.parent, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said
    outcomes = dict(line.split()[1:] for line in said.splitlines() if line.startswith("collected:"))
    claims = {str(path.relative_to(HARNESS.parent)) for path in SOURCES
              if path.name.startswith("test_") and "claims" in path.parts}
    selftests = {f"harness/selftests/{name}" for name in ON_WINDOWS}
    assert set(outcomes) == claims | selftests, said
    assert {outcomes[name] for name in selftests} == {"passed"}, said
    assert {outcomes[name] for name in claims} == {"passed", "skipped"}, said
    assert outcomes["harness/claims/test_round_trip.py"] == "passed", said
