"""Measures what a check costs, compared with bare Wine: `make bench`.

hyperfine times commands; work within one process is timed here. Each figure is the median of RUNS
runs unless its row says otherwise. Compare only ratios between machines. Also writes
build/bench.json; exits with 0 whatever the ratios are.
"""
from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

from harness.driver.host import Settings
from harness.driver.pair import Scene, product_pair, round_trip
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine import folders
from harness.driver.wine.host import WineHost
from harness.driver.wine.installation import find_wine

RUNS = 30
PAIR = product_pair("x86_64", "unicode")
SMALLEST = BUILD / "probe" / "smallest.exe"
RUN = [sys.executable, str(ROOT / "harness" / "run")]
CHECK = [sys.executable, "-m", "harness.check", "--charset", "ansi"]

Figures = Dict[str, float]
#: The rows in order: the figure's name and description.
ROWS = (
    ("launch", "start of the smallest .exe from Unix, with the server running"),
    ("box", "the smallest program with a message box, started and answered"),
    ("trip", "one verified round trip"),
    ("first", "from nothing to the first verified round trip"),
    ("end", "from there until all processes and files are gone"),
    ("check", "a check of a good pair (one run)"),
    ("slow_check", "the slower check of two misbehaving programs (one run each)"),
    ("run", "harness.run: the smallest .exe, including setup and cleanup"),
    ("sandbox", "harness.run --sandbox required: the same"),
    ("share", "harness.run --share: the same, in a shared Wine"),
    ("wineboot", "bare Wine: wineboot -i in an empty prefix (one run)"),
    ("bare", "bare Wine: the smallest .exe in that prefix, without a server"),
    ("warm", "bare Wine: the same, with the server running"),
)
#: Ratios of figures, each with its upper bound.
RATIOS: Tuple[Tuple[str, Callable[[Figures], float], float], ...] = (
    ("a round trip / (a launch + a box)", lambda of: of["trip"] / (of["launch"] + of["box"]), 1.1),
    ("the slower check / (2 × good + 2 s)",
     lambda of: of["slow_check"] / (2 * of["check"] + 2), 1),
    ("harness.run / bare Wine without a server", lambda of: of["run"] / of["bare"], 0.25),
    ("harness.run --share / bare Wine with a server", lambda of: of["share"] / of["warm"], 3),
    ("what the sandbox adds, in ms", lambda of: 1000 * (of["sandbox"] - of["run"]), 20),
)


def hyperfine(command: List[str], code: int, runs: int = RUNS, prepare: str = "true",
              environment: Optional[Dict[str, str]] = None) -> float:
    """Return the median time of the command in seconds. `prepare` is a shell command to run before
    each. Raises SystemExit unless it always exits with `code`, which proves that it ran."""
    print(f"bench: {shlex.join(command)}", file=sys.stderr, flush=True)
    done = subprocess.run([
        "hyperfine", "-N", "--ignore-failure", "--style", "none", "--runs", str(runs), "--warmup",
        str(0 if runs == 1 else 2), "--prepare", f"sh -c {shlex.quote(prepare)}", "--export-json",
        "/dev/stdout", shlex.join(command)], cwd=ROOT, env=environment, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    [result] = json.loads(done.stdout)["results"]
    if set(result["exit_codes"]) != {code}:
        raise SystemExit(f"bench: {command} exited with {result['exit_codes']}, not with {code}")
    return float(result["median"])


def wine_host() -> WineHost:
    """Open a host with a minimal prefix."""
    return WineHost(find_wine(), Settings(), "minimal")


def timed(work: Callable[[WineHost], object], host: WineHost) -> float:
    """Return the median time of `work` in seconds, after two warm-up runs."""
    times = []
    for _ in range(2 + RUNS):
        start = time.perf_counter()
        work(host)
        host.sweep()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def from_nothing() -> Tuple[float, float]:
    """Make a verified round trip in a new host. Return the seconds for that and the cleanup."""
    start = time.perf_counter()
    with closing(wine_host()) as host:
        round_trip(Scene(host, PAIR))
        done = time.perf_counter()
    return done - start, time.perf_counter() - done


def measure_bare_wine() -> Figures:
    """Measure Wine without this project, in an ordinary prefix."""
    wine, figures, folder = find_wine(), {}, folders.new_folder()
    os.mkdir(folder)
    # No windows, no debug output, and no offers to install Mono or Gecko.
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    environment.update(WINEPREFIX=str(Path(folder, "prefix")), WINEDEBUG="-all",
                       WINEDLLOVERRIDES="mscoree,mshtml=")
    server = shlex.quote(str(wine.server))
    end = f"{server} -k; {server} -w || :"
    bare = [str(wine.loader), str(SMALLEST)]
    try:
        figures["wineboot"] = hyperfine([str(wine.loader), "wineboot.exe", "-i"], 0, 1,
                                        environment=environment)
        figures["bare"] = hyperfine(bare, 42, prepare=end, environment=environment)
        figures["warm"] = hyperfine(bare, 42, environment=environment)
    finally:
        subprocess.run(["sh", "-c", end], env=environment, check=False)
        folders.remove(folder)
    return figures


def measure() -> Figures:
    """Measure all figures in seconds, by the names of ROWS."""
    figures: Figures = {}
    everyone = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everyone)})  # The workers of a run use one processor, too.
    with closing(wine_host()) as host:
        figures["launch"] = hyperfine(host.command(SMALLEST), 42, environment=host.environment)
        figures["box"] = timed(WineHost.prove, host)
        figures["trip"] = timed(lambda host: round_trip(Scene(host, PAIR)), host)
    starts = [from_nothing() for _ in range(RUNS)]
    figures["first"], figures["end"] = (statistics.median(times) for times in zip(*starts))
    os.sched_setaffinity(0, everyone)
    figures["check"] = hyperfine([*CHECK[:3], PAIR.writer.command, PAIR.reader.command], 0, 1)
    figures["slow_check"] = max(hyperfine([*CHECK, program], 1, 1) for program in (
        f"'{BUILD}/probe/probe.exe' floods", f"'{BUILD}/misbehaving/hangs.exe'"))
    for name, options in (("run", ""), ("sandbox", "--sandbox required"),
                          ("share", f"--share bench-{os.getpid()} --linger 5")):
        figures[name] = hyperfine([*RUN, *options.split(), str(SMALLEST)], 42)
    return {**figures, **measure_bare_wine()}


def main() -> None:
    """Measure and print the figures, and write them to build/bench.json."""
    figures = measure()
    platform = f"{find_wine().version}, {os.cpu_count()} processors, medians of {RUNS} runs"
    print(f"{platform}\n")
    for name, words in ROWS:
        print(f"  {words:<70} {1000 * figures[name]:>8.0f} ms")
    print()
    for words, ratio, most in RATIOS:
        held = "met" if ratio(figures) <= most else "not met: docs/design.md"
        print(f"  {words:<70} {ratio(figures):>8.2f}  ≤ {most:g}, {held}")
    (BUILD / "bench.json").write_text(json.dumps({"platform": platform, **figures}, indent=1))


if __name__ == "__main__":
    main()
