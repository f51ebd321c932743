"""Commands that tell a person something, and how they end if they cannot."""
from __future__ import annotations

import io
import os
import sys
from typing import Callable, NoReturn

from harness.driver.errors import Expired, HarnessError, Win32Error


def exit_with(name: str, main: Callable[[], int]) -> NoReturn:
    """Exit with the code that `main` returns, or with 1 and one line if something goes wrong. Exit
    silently if nobody reads the output to its end, as in "make show | head"."""
    code = 1
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # A poor locale is no reason to stop.
    try:
        code = main()
        sys.stdout.flush()
    except (HarnessError, Expired, Win32Error) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
    except BrokenPipeError:
        # Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
