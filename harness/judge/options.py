"""The command-line options."""
from __future__ import annotations

import pytest

from harness.driver.contract import MESSAGE, NAME, TITLE
from harness.driver.host import Settings
from harness.driver.waiting import DEADLINE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options that choose what is checked and where it runs."""
    if not pluginmanager.has_plugin("cacheprovider"):
        # pyproject.toml sets it, and nobody else declares it with -p no:cacheprovider.
        parser.addini("cache_dir", "unused without the cache")
    group = parser.getgroup("named shared memory")
    group.addoption("--first-process", metavar="CMD",
                    help="check this writer: an .exe, with arguments if it has any")
    group.addoption("--second-process", metavar="CMD", help="check this reader, likewise")
    group.addoption("--charset", choices=("ansi", "unicode"),
                    help="the character set of these programs, where their imports do not tell")
    for option, documented in (("name", NAME), ("message", MESSAGE), ("title", TITLE)):
        group.addoption(f"--{option}", metavar="TEXT",
                        help=f"the {option} that these programs use, instead of {documented}")
    group.addoption("--verdict", metavar="FILE", help="write the verdict to this file, as JSON")
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


def settings(config: pytest.Config) -> Settings:
    """What the command line chooses for a host."""
    option = config.getoption
    return Settings(option("display"), option("prefix"), option("wine"), option("keep"))
