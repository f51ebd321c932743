"""docs/conformance.md, and that there is a test for each claim."""
from __future__ import annotations

import subprocess
import sys

import pytest

from harness.driver.paths import ROOT
from harness.judge.claims import CLAIMS
from harness.report.conformance import columns_of, results_part

pytestmark = pytest.mark.products


def test_the_page_has_every_claim_and_every_test() -> None:
    """Each documented claim is carried by a test, and docs/conformance.md names them all."""
    done = subprocess.run([sys.executable, "-m", "harness.report.conformance"], cwd=ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_platforms_stand_side_by_side() -> None:
    """The table is read as it was written, so that a run replaces its own column alone."""
    columns = {"wine-8.0 (Debian), x86_64, 2026-01-02": dict.fromkeys(CLAIMS, "2/3, 1 gap"),
               "wine-10.0, x86_64, 2026-01-03": dict.fromkeys(CLAIMS, "–")}
    assert columns_of(results_part(columns)) == columns
