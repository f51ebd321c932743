"""docs/conformance.md, and that there is a test for each claim."""
from __future__ import annotations

import subprocess
import sys

import pytest

from harness.driver.paths import ROOT

pytestmark = pytest.mark.products


def test_the_page_has_every_claim_and_every_test() -> None:
    """Each documented claim is carried by a test, and docs/conformance.md names them all."""
    done = subprocess.run([sys.executable, "-m", "harness.report.conformance"], cwd=ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
