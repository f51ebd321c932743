"""What harness.run costs, beside the bare wine that a build would be pointed at instead."""
from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List

from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.installation import Wine, find_wine

SMALLEST = BUILD / "bench" / "smallest.exe"
RUN = [sys.executable, str(ROOT / "harness" / "run")]


def seconds_of(command: List[str], environment: Dict[str, str]) -> float:
    """From the start of a command to its end. The exit status proves that the program ran."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    passed = time.perf_counter() - start
    if done.returncode != 42:
        raise SystemExit(f"bench: {command} ended with {done.returncode} and not with 42")
    return passed


def make_prefix(wine: Wine, environment: Dict[str, str]) -> None:
    """Make a prefix as everybody has one: by wineboot, with its services, and with a server that
    the first program starts."""
    subprocess.run([str(wine.loader), "wineboot.exe", "-i"], env=environment, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end_of(wine, environment)


def end_of(wine: Wine, environment: Dict[str, str]) -> None:
    """End the server of that prefix, and wait until it has ended."""
    for option in ("-k", "-w"):
        subprocess.run([str(wine.server), option], env=environment, check=False)


def measure_runner(runs: int) -> Dict[str, float]:
    """Medians of the runner and of bare wine, taken in turns."""
    times: Dict[str, List[float]] = {name: [] for name in ("r", "r_bare", "r_share", "r_warm")}
    wine = find_wine()
    folder = Path(tempfile.mkdtemp(prefix="named-shared-memory-"))
    # Nothing is shown or printed, and neither Mono nor Gecko offers to be installed.
    environment = {**os.environ, "WINEPREFIX": str(folder / "prefix"), "WINEDEBUG": "-all",
                   "WINEDLLOVERRIDES": "mscoree,mshtml="}
    environment.pop("DISPLAY", None)
    bare = [str(wine.loader), str(SMALLEST)]
    share = [*RUN, "--share", f"bench-{os.getpid()}", "--linger", "5", str(SMALLEST)]
    try:
        make_prefix(wine, environment)
        for _ in range(runs + 2):
            times["r_bare"].append(seconds_of(bare, environment))
            end_of(wine, environment)
            times["r"].append(seconds_of([*RUN, str(SMALLEST)], dict(os.environ)))
        seconds_of(bare, environment)  # Its server stays for those that follow.
        for _ in range(runs + 2):
            times["r_warm"].append(seconds_of(bare, environment))
            times["r_share"].append(seconds_of(share, dict(os.environ)))
    finally:
        end_of(wine, environment)
        shutil.rmtree(folder)
    return {name: statistics.median(taken[2:]) for name, taken in times.items()}
