"""Runs many orders in parallel, with a host for each processor."""
from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Callable, Deque, Dict, List, Optional, Sequence, Set, Tuple

from harness.driver.contract import NAME
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host

from harness.interleavings.model import State
from harness.interleavings.orders import word
from harness.interleavings.pairs import Order
from harness.interleavings.replay import Mismatch, Run, WrongStep, replay

Job = Tuple[State, Order]
#: The number of hosts: on Windows only one, because all would share the one name the pairs use.
HOSTS = 1 if sys.platform == "win32" else os.cpu_count() or 1


class Pool:
    """Workers with a host each. `runs` and `failures` are by the number of the job; `repeated` has
    the harness failure that made an order run twice."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.runs: Dict[int, Run] = {}
        self.failures: Dict[int, Exception] = {}
        self.repeated: List[str] = []
        self._left: Deque[int] = deque(range(len(jobs)))

    def run(self, progress: Callable[[int], None]) -> None:
        """Run all jobs, and call `progress` now and then with the number of finished ones. Close
        every host, and with it every held program, however the run ends. Raises the first harness
        failure."""
        processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        count = min(len(self.jobs), HOSTS)
        with ThreadPoolExecutor(count) as executor:
            workers = [executor.submit(self._work, processors[n:n + 1]) for n in range(count)]
            try:
                left: Set["Future[None]"] = set(workers)
                while left:
                    left = wait(left, 0.1).not_done
                    progress(len(self.runs) + len(self.failures))
            finally:
                self._left.clear()
        for worker in workers:
            worker.result()

    def _work(self, processor: Sequence[int]) -> None:
        if processor:
            # A Wine server and its clients talk constantly, which is faster on one processor.
            os.sched_setaffinity(0, processor)
        host = open_host(Settings(), NAME)
        try:
            for number in iter(self._next, None):
                try:
                    self._replay(host, number)
                except (HarnessError, Win32Error) as problem:
                    # This says nothing about the programs, so retry once in a new host.
                    self.repeated.append(f"{word(self.jobs[number][1])}: {problem}")
                    host.close()
                    host = open_host(Settings(), NAME)
                    self._replay(host, number)
        finally:
            self._left.clear()  # If this worker fails, the others stop, too.
            host.close()

    def _next(self) -> Optional[int]:
        try:
            return self._left.popleft()
        except IndexError:
            return None

    def _replay(self, host: Host, number: int) -> None:
        try:
            self.runs[number] = replay(host, *self.jobs[number])
        except (Mismatch, WrongStep, Expired) as problem:
            self.failures[number] = problem
