"""The options of the suite, and what they say is to be judged."""
from __future__ import annotations

from typing import List

import pytest

from harness.driver.errors import HarnessError
from harness.driver.pair import Pair, VARIANTS, foreign_pair, product_pair
from harness.driver.waiting import DEADLINE


def is_foreign(config: pytest.Config) -> bool:
    """Whether this run judges somebody's own program."""
    return bool(config.getoption("first_process") or config.getoption("second_process"))


def judged_pairs(config: pytest.Config) -> List[Pair]:
    """The pairs that this run judges: somebody's own, or the products in each variant."""
    first, second = config.getoption("first_process"), config.getoption("second_process")
    if not is_foreign(config):
        return [product_pair(*variant) for variant in VARIANTS]
    try:
        return [foreign_pair(first, second, config.getoption("charset"))]
    except HarnessError as problem:
        raise pytest.UsageError(str(problem))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose what is judged and where it runs."""
    group = parser.getgroup("named shared memory")
    group.addoption("--first-process", metavar="CMD",
                    help="judge this writer: an .exe, with arguments if it has any")
    group.addoption("--second-process", metavar="CMD", help="judge this reader, likewise")
    group.addoption("--charset", choices=("ansi", "unicode"),
                    help="what the programs of --first-process and --second-process are built for")
    group.addoption("--level", choices=("behaviour", "calls"), default="calls",
                    help="leave out the checks of exact API calls (behaviour), or not (calls)")
    group.addoption("--display", choices=("null", "x11"), default="null",
                    help="draw windows nowhere (null), or on the X display of DISPLAY (x11)")
    group.addoption("--prefix", choices=("minimal", "full"),
                    help="kind of Wine prefix; by default minimal, and full where that fails")
    group.addoption("--wine", metavar="PATH", help="the Wine to use instead of the one on PATH")
    group.addoption("--keep", action="store_true",
                    help="leave each host's folder for somebody to look at")
    group.addoption("--ceiling", metavar="SECONDS", type=float, default=1800.0,
                    help="stop the whole run after that long (default: %(default)g)")
    group.addoption("--deadline", metavar="SECONDS", type=float, default=DEADLINE,
                    help="how long a program may take for one step (default: %(default)g)")
    group.addoption("--require-32bit", action="store_true",
                    help="fail, instead of skipping tests, where 32-bit programs cannot be run")
