"""How the learner's commands exit, and report errors."""
from __future__ import annotations

import io
import os
import sys
from typing import Callable, NoReturn

from harness.driver.errors import Expired, HarnessError, Win32Error


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
