"""What the processes of a host are doing, as the kernel sees it: where an agent is silent, nobody
in Wine can be asked, and a machine that is too busy looks like a program that hangs."""
from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from harness.driver.wine.children import descendants

STATES = {"R": "wants to run", "S": "waits", "D": "waits for a device", "T": "is stopped",
          "t": "is stopped by a debugger", "Z": "has ended"}


def _line(process: Path) -> str:
    """Raises OSError where it has gone."""
    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    threads = sorted((process / "task").iterdir(), key=lambda thread: int(thread.name))
    # The name before the state may have spaces and brackets.
    states = [(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in threads]
    told = f"{process.name} {command}: {', '.join(STATES.get(state, state) for state in states)}"
    try:
        times = [(thread / "schedstat").read_text().split() for thread in threads]
    except FileNotFoundError:
        return told  # Not every kernel is built with it.
    ran, waited = (sum(int(time[field]) for time in times) / 1e9 for field in (0, 1))
    return f"{told}; ran {ran:.2f} s, waited for a processor {waited:.2f} s"


def describe(ancestor: int) -> str:
    """The machine's load, and a line for each process that comes from that one: what its threads do
    now, and how many seconds they have run and have waited for a processor so far."""
    lines = [f"the machine's load: {' '.join(f'{load:.1f}' for load in os.getloadavg())}"]
    for pid in descendants(ancestor):
        with suppress(OSError):
            lines.append(_line(Path("/proc", str(pid))))
    return "\n".join(lines)
