"""How the learner's commands select what they run, exit, and report errors."""
from __future__ import annotations

import io
import os
import sys
from contextlib import closing
from typing import Callable, Dict, Iterator, NoReturn

from harness.driver.contract import NAME
from harness.driver.errors import Expired, HarnessError, Win32Error
from harness.driver.host import Host, Settings
from harness.driver.hosts import open_host


def play(command: str, known: Dict[str, str], lines: Callable[[Host, str], Iterator[str]]) -> int:
    """Print the `lines` of what the command line names, or list everything `known`, with a line
    about each. `command` is make's target and variable: "show SCENE". Return the exit code."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in known:
        target, what = command.split()
        if name:
            print(f'{target}: there is no {what.lower()} "{name}"', file=sys.stderr)
        print(f"make {command}=X, where X is one of")
        for one, about in known.items():
            print(f"  {one:<{max(map(len, known)) + 2}}{about}")
        return 2 if name else 0
    with closing(open_host(Settings(), NAME)) as host:
        for line in lines(host, name):
            print(line, flush=True)
    return 0


def exit_with(name: str, main: Callable[[], int]) -> NoReturn:
    """Exit with the code that `main` returns, or print an error in one line and exit with 1. Exit
    silently if the output pipe is closed early, as in "make show | head"."""
    code = 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # The locale may lack a character.
    try:
        code = main()
        sys.stdout.flush()
    except (HarnessError, Expired, Win32Error) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
    except BrokenPipeError:
        # Otherwise Python reports the error again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
