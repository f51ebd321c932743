"""Looks for flakes: many round trips, then the whole suite again and again: `make soak`.

    python3 soak.py TRIPS SUITES

Each of the two is done first with as many busy loops as there are processors, and then without:
TRIPS round trips and half of SUITES runs each time. Round trips go through all pairs in turn, as
many at a time as there are processors. Without the load two suites run beside each other, one
with as many workers as processors, one with twice as many. Exits with 0 only if nothing failed.
"""
from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import Iterator, List

from harness.driver.contract import MESSAGE, decode, encode
from harness.driver.host import Settings
from harness.driver.hosts import Hosts
from harness.driver.meeting import Scene, round_trip
from harness.driver.pair import product_pair
from harness.driver.paths import ROOT

CHARSETS = ("ansi", "unicode")
PAIRS = [product_pair("x86_64", writer, reader_charset=reader)
         for writer in CHARSETS for reader in CHARSETS]
PROCESSORS = os.cpu_count() or 1
#: After so many round trips a line says that it goes on.
SIGN_OF_LIFE = 100


def _spin(owner: int) -> None:
    while os.getppid() == owner:
        pass


@contextmanager
def load(wanted: bool) -> Iterator[None]:
    """Keep every processor busy, if that is wanted."""
    loops = [multiprocessing.Process(target=_spin, args=(os.getpid(),), daemon=True)
             for _ in range(PROCESSORS * wanted)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


class Soak:
    """Counts what was done and prints every failure when it happens."""

    def __init__(self) -> None:
        self.trips = self.suites = self.failures = 0
        self._left: Iterator[int] = iter(())
        self._lock = threading.Lock()

    def fail(self, text: str) -> None:
        """Print and count a failure."""
        with self._lock:
            self.failures += 1
            print(f"FAILED: {text}", flush=True)

    def _work(self) -> None:
        hosts = Hosts(Settings())
        while not hosts.unusable:
            with self._lock:
                number = next(self._left, None)
            if number is None:
                break
            pair = PAIRS[number % len(PAIRS)]
            text = decode(encode(MESSAGE, pair.writer.charset), pair.reader.charset)
            try:
                round_trip(Scene(hosts.get(), pair), text)
                hosts.clear()
            except Exception as problem:
                seen = [hosts.current.describe(), hosts.current.story()] if hosts.current else []
                self.fail("\n".join([f"round trip {number}, {pair}: {problem!r}", *seen]))
                hosts.close()
            with self._lock:
                self.trips += 1
                if self.trips % SIGN_OF_LIFE == 0:
                    print(f"{self.trips} round trips", flush=True)
        hosts.close()

    def round_trips(self, count: int) -> None:
        """That many round trips, each processor doing one at a time."""
        self._left = iter(range(count))
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(PROCESSORS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _suite(self, number: int, workers: int) -> None:
        print(f"suite run {number} with {workers} workers begins", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "harness"],
            cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            self.fail(f"suite run {number} ended with {done.returncode}\n{done.stdout}")
        else:
            print(f"suite run {number}: {done.stdout.splitlines()[-1].strip('= ')}", flush=True)

    def suite_runs(self, count: int, *workers: int) -> None:
        """That many runs of the whole suite, beside each other with these numbers of workers."""
        end = self.suites + count
        while self.suites < end:
            runs = []
            for number in workers[:end - self.suites]:
                self.suites += 1
                runs.append(threading.Thread(target=self._suite, args=(self.suites, number)))
            for run in runs:
                run.start()
            for run in runs:
                run.join()


def main(arguments: List[str]) -> int:
    """Soak, and say what came of it."""
    parser = argparse.ArgumentParser(description="Look for flakes.")
    parser.add_argument("trips", type=int)
    parser.add_argument("suites", type=int)
    wanted = parser.parse_args(arguments)
    soak = Soak()
    for loaded in (True, False):
        how = "under full load" if loaded else "without load"
        with load(loaded):
            start = time.monotonic()
            soak.round_trips(wanted.trips)
            print(f"{soak.trips} round trips so far, the last {wanted.trips} {how} in "
                  f"{time.monotonic() - start:.0f} s; failures: {soak.failures}", flush=True)
            start = time.monotonic()
            runs = (wanted.suites + loaded) // 2
            soak.suite_runs(runs, *[PROCESSORS] if loaded else [PROCESSORS, 2 * PROCESSORS])
            print(f"{soak.suites} suite runs so far, the last {runs} {how} in "
                  f"{time.monotonic() - start:.0f} s; failures: {soak.failures}", flush=True)
    print(f"soak: {soak.trips} round trips and {soak.suites} suite runs, under full load on "
          f"{PROCESSORS} processors and without; {soak.failures} failures")
    return 1 if soak.failures or soak.trips < 2 * wanted.trips else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
