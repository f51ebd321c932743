"""Runs orders on the real programs, one or many in parallel; compares each step with the model."""
from __future__ import annotations

import os
import re
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from harness.driver.contract import BUF_SIZE, NAME
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import Hosts
from harness.driver.pair import product
from harness.driver.programs import HELD, Place, Program
from harness.driver.waiting import DEADLINE
from harness.driver.win32.boxes import Box
from harness.driver.win32.calls import Call
from harness.driver.win32.console import ESCAPE, LETTER
from harness.driver.win32.constants import FILE_MAP_READ
from harness.interleavings.model import State, who
from harness.interleavings.orders import word
from harness.interleavings.pairs import Observed, Order, PairModel, Step

#: The number of hosts: on Windows only one, because all would share the one name the pairs use.
HOSTS = 1 if sys.platform == "win32" else os.cpu_count() or 1
#: Seconds between two progress lines if the output is not a terminal.
PERIOD = 10.0
#: How long, in seconds, a call must not return for the program to count as waiting.
KEPT_WAITING = 0.02
#: The keys that a step presses first.
KEYS = {"key": LETTER, "Escape": ESCAPE}


class StepResult(NamedTuple):
    """A step that was taken: its actor, the predicted and the real result, the model's state after
    it, and, for the last step of a real program, all calls that it made."""

    actor: str
    step: Step
    predicted: Observed
    seen: Observed
    after: State
    calls: Tuple[Call, ...] = ()


Run = Tuple[StepResult, ...]


class Mismatch(Exception):
    """A step did not do what the model predicts. `run` ends with that step."""

    def __init__(self, order: Order, run: Run) -> None:
        last = run[-1]
        differences = [f"{field} predicted {expected!r}, seen {seen!r}" for field, expected, seen
                       in zip(Observed._fields, last.predicted, last.seen) if expected != seen]
        super().__init__(f"order {word(order)}, step {len(run)}, {last.actor}.{last.step.name}: "
                         + "; ".join(differences))
        self.run = run


class WrongStep(Exception):
    """A program did not take the expected step: it is held somewhere else, or has ended."""


class _Actor:
    """A real program, held at its stops, and the stops that it has passed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.gone: List[str] = []
        self.box: Optional[Box] = None
        self.calls: Tuple[Call, ...] = ()
        # None of its code has run yet, so a failure says nothing about the program.
        if not self._go(0).held:
            raise HarnessError(f"not held at its start: {program.describe()}")

    def _go(self, stops: int, seconds: float = DEADLINE) -> Place:
        """Resume it for `stops` more stops, its start not counted. Return where it is then."""
        return self.program.go(1 + len(self.gone) + stops, seconds)

    def _wrong_step(self, where: str) -> WrongStep:
        return WrongStep(f"expected: {where}; but {self.program.describe()}, having gone through "
                         f"{', '.join(self.gone) or 'nothing'}")

    def take(self, step: Step, returns: bool) -> Observed:
        """Let it take the step. Return the result of its call; raises WrongStep. `returns` says
        whether a step that waits returns at once."""
        if step.presses in KEYS:
            self.program.press(KEYS[step.presses])
        elif step.presses:
            assert self.box
            self.program.answer(self.box)
        place = self._go(len(step.stops))
        self.gone += step.stops
        if step.ends:
            return self._end()
        call = place.call or Call("no call", ())
        here = call.function + " returns" * (call.result is not None)
        if not place.held or place.stops != 1 + len(self.gone) or here != step.stops[-1]:
            raise self._wrong_step(f"held where {step.stops[-1]}, not at \"{here}\"")
        if step.shows:
            self._go(1, 0)
            self.box = self.program.box()
            return Observed(box=self.box.text)
        if step.waits:
            place = self._go(1, DEADLINE if returns else KEPT_WAITING)
            # The wait has returned, or a loop without calls has ended at the next call.
            back = place.held and bool(place.call and not place.call.result)
            return Observed(succeeded=back if place.held else None)
        if call.result is None:
            return Observed()
        if call.function == "WaitForSingleObject":
            return Observed(succeeded=call.result == 0)
        # The last error is defined only after a failure and after CreateFileMapping.
        defined = not call.result or call.function == "CreateFileMapping"
        return Observed(succeeded=bool(call.result), error=call.error if defined else None)

    def _end(self) -> Observed:
        """Let it run to its end. Raises WrongStep unless it made exactly the calls of its steps."""
        if not self._go(1).ended:
            raise self._wrong_step("its end")
        self.calls = tuple(self.program.calls())
        made = [stop for call in self.calls
                for stop in (call.function, call.function + " returns")]
        if made != self.gone:
            raise self._wrong_step(f"its end, without other calls than these: {', '.join(made)}")
        end = self.program.wait()
        # The robust pair prints system messages, which differ between platforms.
        printed = (end.out + end.err).decode("ascii", "replace")
        return Observed(end=(end.code, re.sub(r": [^:]*\(error", " (error", printed)))


def observe(host: Host, pair: PairModel, seen: Observed) -> Observed:
    """Add what another process now sees of the object that has the name."""
    mapping = host.find(pair.name, FILE_MAP_READ)
    if not mapping:
        return seen
    with closing(mapping):
        return seen._replace(handles=mapping.handles() - 1,
                             data=mapping.map(FILE_MAP_READ).read(BUF_SIZE))


def _start(host: Host, state: State, name: str, order: Order, arch: str) -> Program:
    folder, arguments = state.pair.command(name, dict(state.processes)[name].charset, order)
    line = product(arch, folder, state.pair.program(name)).line(host)
    return host.start(name, f"{line} {arguments}".rstrip(), arch, HELD)


def replay(host: Host, state: State, order: Order, arch: str = "x86_64") -> Run:
    """Run the order on real programs of that architecture, and compare each step with the model.

    Raises Mismatch at the first step that the model did not predict, WrongStep if a program does
    not take its step, Expired if it hangs, HarnessError or Win32Error if a program cannot be
    started with the tracer. Ends the programs in any case.
    """
    run: List[StepResult] = []
    try:
        programs = {name: _start(host, state, name, order, arch)
                    for name, _ in state.processes if name[0] != "t"}
        actors = {name: _Actor(program) for name, program in programs.items()}
        for name in order:
            step = state.next(name)
            assert step
            state, predicted = state.take(name)
            actor = actors[who(name)]
            seen = observe(host, state.pair, actor.take(step, predicted.succeeded is not None))
            run.append(StepResult(name, step, predicted, seen, state, actor.calls))
            if seen != predicted:
                raise Mismatch(order, tuple(run))
        return tuple(run)
    finally:
        host.sweep()


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
        However that ends, close every host with its programs. Raises the first harness failure."""
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
        hosts = Hosts(Settings(), NAME)
        try:
            for number in self._left:
                try:
                    self._replay(hosts.get(), number)
                except (HarnessError, Win32Error) as problem:
                    # This says nothing about the programs, so retry once in a new host.
                    self.repeated.append(f"{word(self.jobs[number][1])}: {problem}")
                    hosts.close()
                    self._replay(hosts.get(), number)
        finally:
            list(self._left)  # If this worker fails, the others stop, too.
            hosts.close()

    def _replay(self, host: Host, number: int) -> None:
        try:
            self.runs[number] = replay(host, *self.jobs[number])
        except (Mismatch, WrongStep, Expired) as problem:
            self.failures[number] = problem
