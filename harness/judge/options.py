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
                    help="check this writer: an .exe, and its arguments if it needs any")
    group.addoption("--second-process", metavar="CMD", help="check this reader: likewise")
    group.addoption("--charset", choices=("ansi", "unicode"),
                    help="the character set of these programs, if their imports do not show it")
    for option, documented in (("name", NAME), ("message", MESSAGE), ("title", TITLE)):
        group.addoption(f"--{option}", metavar="TEXT",
                        help=f'the {option} that these programs use instead of "{documented}"')
    group.addoption("--verdict", metavar="FILE", help="write the verdict to this file as JSON")
    group.addoption("--level", choices=("behaviour", "calls"), default="calls",
                    help="calls (the default) also checks the exact API calls; behaviour does not")
    group.addoption("--display", choices=("null", "x11"), default="null",
                    help="where windows appear: nowhere (null, the default), or on $DISPLAY (x11)")
    group.addoption("--prefix", choices=("minimal", "full"),
                    help="kind of Wine prefix; the default is minimal, or full if that fails")
    group.addoption("--wine", metavar="PATH", help="use this Wine instead of the one on PATH")
    group.addoption("--keep", action="store_true",
                    help="keep the folders of the run, so that you can look at them")
    group.addoption("--ceiling", metavar="SECONDS", type=float, default=1800.0,
                    help="stop the whole run after that long (default: %(default)g)")
    group.addoption("--deadline", metavar="SECONDS", type=float, default=DEADLINE,
                    help="how long a program may take for one step (default: %(default)g)")
    group.addoption("--require-32bit", action="store_true",
                    help="fail where 32-bit programs cannot run, instead of skipping their tests")


def settings(config: pytest.Config) -> Settings:
    """What the command line chooses for a host."""
    option = config.getoption
    return Settings(option("display"), option("prefix"), option("wine"), option("keep"))
