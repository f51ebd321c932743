"""What `make bench` measures, and how."""
from __future__ import annotations

import multiprocessing
import os
import select
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, Tuple

from harness.bench.running import measure_runner
from harness.bench.usual import UsualWay
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.driver.meeting import Scene, round_trip
from harness.driver.pair import product_pair
from harness.driver.paths import BUILD, ROOT
from harness.driver.wine.host import WineHost

RUNS = 30
PAIR = product_pair("x86_64", "unicode")


def timed(work: Callable[[], object], runs: int = RUNS, warm_up: int = 2) -> float:
    """The median time of one `work`, in seconds, after some that do not count."""
    times = []
    for run in range(warm_up + runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[warm_up:])


def wine_host(prefix: str) -> WineHost:
    """A host of that kind of prefix."""
    host = open_host(Settings(prefix=prefix))
    assert isinstance(host, WineHost)
    return host


def launch(host: WineHost, program: Path, expected: int) -> None:
    """Start a program from Unix and wait for its end. Its exit code proves that it ran."""
    process = subprocess.Popen(host.command(program), env=host.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    # Popen.wait with a deadline looks only every 50 ms, which is longer than a launch takes.
    end = getattr(os, "pidfd_open")(process.pid)
    if not select.select([end], [], [], 20)[0]:
        process.kill()
    os.close(end)
    if process.wait() != expected:
        raise SystemExit(f"bench: {program.name} ended with {process.returncode} "
                         f"and not with {expected}")


def box_floor(host: WineHost) -> None:
    """A program that opens a message box and does nothing else, until the box is answered."""
    program = host.start("agent.exe", f'"{host.path(BUILD / "x86_64" / "agent.exe")}" seen')
    program.answer(program.box())
    program.wait()
    host.sweep()


def trip(host: WineHost) -> None:
    """One verified round trip, and nothing left of it."""
    round_trip(Scene(host, PAIR))
    host.sweep()


def from_nothing() -> Tuple[float, float]:
    """A prefix, a server, an agent and one verified round trip, in seconds; and then the time until
    everything is gone again."""
    start = time.perf_counter()
    host = wine_host("minimal")
    try:
        trip(host)
        done = time.perf_counter()
    finally:
        host.close()
    return done - start, time.perf_counter() - done


def worker(processor: int, ready: "multiprocessing.synchronize.Barrier", runs: int) -> None:
    """A worker as the suite has them: pinned, with a host of its own."""
    os.sched_setaffinity(0, {processor})
    host = wine_host("minimal")
    try:
        trip(host)
        ready.wait()
        for _ in range(runs):
            trip(host)
        ready.wait()
    finally:
        host.close()


def rate(processors: List[int]) -> float:
    """Round trips per second with a worker on each of the processors."""
    ready = multiprocessing.Barrier(len(processors) + 1)
    workers = [multiprocessing.Process(target=worker, args=(processor, ready, RUNS))
               for processor in processors]
    for process in workers:
        process.start()
    ready.wait(60)
    start = time.perf_counter()
    ready.wait(120)
    passed = time.perf_counter() - start
    for process in workers:
        process.join()
    return RUNS * len(processors) / passed


def check(*words: str) -> float:
    """A check of somebody's programs as `make check` starts it, in seconds (one run). Raises
    SystemExit where it ends without a verdict."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "harness.check", *words, "--verdict",
         str(BUILD / "bench" / "verdict.json")], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT)
    if done.returncode not in (0, 1):
        raise SystemExit(f"bench: a check gave no verdict:\n{done.stdout[-2000:]}")
    return time.perf_counter() - start


def measure_checks() -> Dict[str, float]:
    """A check of a good pair; and the longest of several whose programs misbehave."""
    foreign = [str(BUILD / "foreign" / f"{name}.exe") for name in ("floods", "lies", "hangs")]
    return {"check": check(PAIR.writer.command, PAIR.reader.command), "check_slowest": max(
        check(*words, "--charset", "ansi") for words in (
            foreign[:1], ["-", foreign[1]], foreign[2:]))}


def build_time() -> float:
    """A build of everything from nothing, in a folder of its own, in seconds (one run)."""
    copy = BUILD / "bench" / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("Makefile", "first_process", "second_process", "harness", "docs"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    start = time.perf_counter()
    subprocess.run(["make", "--silent", f"-j{os.cpu_count()}", "all"], cwd=copy, check=True)
    passed = time.perf_counter() - start
    shutil.rmtree(copy)
    return passed


def tell(what: str) -> None:
    """Say what is being measured."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


def measure() -> Dict[str, float]:
    """All figures, by their letter; times in seconds."""
    everyone = sorted(os.sched_getaffinity(0))
    figures: Dict[str, float] = {}
    tell("launches, boxes and round trips")
    os.sched_setaffinity(0, {everyone[0]})
    host = wine_host("minimal")
    try:
        figures["a"] = timed(lambda: launch(host, BUILD / "bench" / "smallest.exe", 42))
        figures["a_box"] = timed(lambda: box_floor(host))
        figures["b"] = timed(lambda: trip(host))
    finally:
        host.close()
    tell("starts from nothing")
    starts = [from_nothing() for _ in range(RUNS)]
    figures["c"], figures["c_end"] = (statistics.median(times) for times in zip(*starts))
    os.sched_setaffinity(0, set(everyone))
    tell("rates")
    figures["d_1"] = rate(everyone[:1])
    figures["d_all"] = rate(everyone)
    figures["processors"] = len(everyone)
    tell("checks")
    figures.update(measure_checks())
    tell("the usual way")
    start = time.perf_counter()
    host = wine_host("full")
    figures["f_start"] = time.perf_counter() - start
    try:
        way = UsualWay(host, PAIR, BUILD / "bench" / "ask.exe")
        figures["f"] = timed(way.round_trip)
    finally:
        host.close()
    tell("the runner and bare wine")
    figures.update(measure_runner(RUNS))
    tell("a build from nothing")
    figures["g_build"] = build_time()
    return figures
