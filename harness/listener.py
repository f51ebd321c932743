"""Commands that talk to a person, who may have stopped listening."""
from __future__ import annotations

import os
import sys
from typing import Callable


def exit_with(main: Callable[[], int]) -> None:
    """Exit with the code that `main` returns; with 1, and without a word, if nobody reads its
    output to the end, as behind «| head»."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
