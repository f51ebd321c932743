"""What harness.run costs, beside the bare wine that a build would be pointed at instead."""
from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from typing import Dict, List

from harness.driver.host import Settings
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.host import WineHost
from harness.driver.wine.installation import find_wine

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


def bare_wine(host: WineHost) -> Dict[str, str]:
    """The environment of that host's prefix for a wine that starts its server by itself."""
    return {name: value for name, value in host.environment.items() if name != "WINESERVER"}


def measure_runner(runs: int) -> Dict[str, float]:
    """Medians of the runner and of bare wine, taken in turns."""
    times: Dict[str, List[float]] = {name: [] for name in ("r", "r_bare", "r_share", "r_warm")}
    wine = find_wine()
    host = WineHost(wine, Settings(keep=True), "full")
    environment = bare_wine(host)
    host.close()
    bare = [str(wine.loader), str(SMALLEST)]
    share = [*RUN, "--share", f"bench-{os.getpid()}", "--linger", "5", str(SMALLEST)]
    try:
        for _ in range(runs + 2):
            times["r_bare"].append(seconds_of(bare, environment))
            times["r_warm"].append(seconds_of(bare, environment))
            for option in ("-k", "-w"):
                subprocess.run([str(wine.server), option], env=environment, check=False)
            times["r"].append(seconds_of([*RUN, str(SMALLEST)], dict(os.environ)))
            times["r_share"].append(seconds_of(share, dict(os.environ)))
    finally:
        shutil.rmtree(host.folder, ignore_errors=True)
    return {name: statistics.median(taken[2:]) for name, taken in times.items()}
