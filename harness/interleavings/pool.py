"""Runs many orders in parallel, with a host for each processor."""
from __future__ import annotations

import os
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Dict, List, Sequence, Set, Tuple

from harness.driver.contract import NAME
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host
from harness.interleavings.model import State
from harness.interleavings.orders import word
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Mismatch, Run, WrongStep, replay

#: The number of hosts: on Windows only one, because all would share the one name the pairs use.
HOSTS = 1 if sys.platform == "win32" else os.cpu_count() or 1
#: Seconds between two progress lines if the output is not a terminal.
PERIOD = 10.0


class Pool:
    """Workers with a host each. `runs` and `failures` are by the number of the job; `repeated` has
    the harness failure that made an order run twice."""

    def __init__(self, jobs: Sequence[Tuple[State, Order]]) -> None:
        self.jobs = jobs
        self.runs: Dict[int, Run] = {}
        self.failures: Dict[int, Exception] = {}
        self.repeated: List[str] = []
        self._left = iter(range(len(jobs)))  # Threads may share it.

    def run(self) -> Pool:
        """Run all jobs and print the progress: continuously on a terminal, now and then in a log.
        Close every host, and with it every held program, however the run ends. Raises the first
        harness failure."""
        processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        count = min(len(self.jobs), HOSTS)
        last = time.monotonic()
        with ThreadPoolExecutor(count) as executor:
            workers = [executor.submit(self._work, processors[n:n + 1]) for n in range(count)]
            try:
                left: Set["Future[None]"] = set(workers)
                while left:
                    left = wait(left, 0.1).not_done
                    done = f"{len(self.runs) + len(self.failures)} of {len(self.jobs)} orders"
                    if sys.stderr.isatty():
                        print(f"\r{done} \r", end="", file=sys.stderr, flush=True)
                    elif time.monotonic() > last + PERIOD:
                        last = time.monotonic()
                        print(done, file=sys.stderr, flush=True)
            finally:
                list(self._left)  # No worker begins another job.
        for worker in workers:
            worker.result()
        return self

    def _work(self, processor: Sequence[int]) -> None:
        if processor:
            # A Wine server and its clients talk constantly, which is faster on one processor.
            os.sched_setaffinity(0, processor)
        host = open_host(Settings(), NAME)
        try:
            for number in self._left:
                try:
                    self._replay(host, number)
                except (HarnessError, Win32Error) as problem:
                    # This says nothing about the programs, so retry once in a new host.
                    self.repeated.append(f"{word(self.jobs[number][1])}: {problem}")
                    host.close()
                    host = open_host(Settings(), NAME)
                    self._replay(host, number)
        finally:
            list(self._left)  # If this worker fails, the others stop, too.
            host.close()

    def _replay(self, host: Host, number: int) -> None:
        try:
            self.runs[number] = replay(host, *self.jobs[number])
        except (Mismatch, WrongStep, Expired) as problem:
            self.failures[number] = problem
