"""Start programs without address space layout randomization (ASLR)."""
from __future__ import annotations

import functools
import subprocess
from typing import Tuple


@functools.lru_cache(maxsize=None)
def without_aslr() -> Tuple[str, ...]:
    """What starts a program with its addresses not made random, where that may be asked for.

    Once in some thousand starts Debian's wine64 finds its heap where Wine has to map a page of its
    own, at 0x7ffe0000; the program then does not start (CreateProcess fails with 1359).
    """
    try:
        done = subprocess.run(["setarch", "-R", "true"], stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=20)
    except OSError:
        return ()
    return () if done.returncode else ("setarch", "-R")
