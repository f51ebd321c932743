"""The options that pytest and harness.check share."""
from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

import pytest

from harness.driver.contract import BUF_SIZE, MESSAGE, NAME, TITLE, encode
from harness.driver.errors import HarnessError
from harness.driver.host import Settings
from harness.driver.waiting import DEADLINE
from harness.judge import files

#: The maximum length of a Windows path, and of an object's name and a title, in characters.
LONGEST = 255
#: The maximum of any time limit, in seconds.
DAY = 86_400.0

OPTIONS: Dict[str, Dict[str, Any]] = {
    "--charset": {"choices": ("ansi", "unicode"), "help":
                  "the character set of these programs, if their imports do not show it, or for "
                  "which to build sources (default: both)"},
    **{f"--{name}": {"metavar": "TEXT", "help":
                     f'the {name} that these programs use instead of "{documented}"'}
       for name, documented in (("name", NAME), ("message", MESSAGE), ("title", TITLE))},
    "--level": {"choices": ("behaviour", "calls"), "default": "calls", "help":
                "calls (the default) also checks the exact API calls; behaviour does not"},
    "--verdict": {"metavar": "FILE", "help": "write the verdict to this file as JSON"},
    "--display": {"choices": ("null", "x11"), "default": "null", "help":
                  "where windows appear: nowhere (null, the default), or on $DISPLAY (x11)"},
    "--prefix": {"choices": ("minimal", "full"), "help":
                 "kind of Wine prefix; the default is minimal, or full if that fails"},
    "--wine": {"metavar": "PATH", "help": "use this Wine instead of the one on PATH"},
    "--sandbox": {"choices": ("auto", "required", "none"), "default": "auto", "help":
                  "keep programs that are handed in, and their compiler, from your files and the "
                  "network: auto (the default) if that works"},
    "--keep": {"action": "store_true", "help":
               "keep the folders of the run, so that you can look at them"},
    "--ceiling": {"metavar": "SECONDS", "type": float, "default": 1800.0, "help":
                  "stop the whole run after that long (default: 1800)"},
    "--deadline": {"metavar": "SECONDS", "type": float, "default": DEADLINE, "help":
                   f"how long a program may take for one step (default: {DEADLINE:g})"},
    "--require-32bit": {"action": "store_true", "help":
                        "fail if 32-bit programs cannot run, instead of skipping their tests"},
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options for what is checked and where it runs."""
    if not pluginmanager.has_plugin("cacheprovider"):
        # pyproject.toml sets it, and with -p no:cacheprovider pytest does not declare it.
        parser.addini("cache_dir", "unused without the cache")
    group = parser.getgroup("named shared memory")
    group.addoption("--first-process", metavar="CMD", help="check this writer: an .exe, and its "
                    "arguments if it needs any, or a source in C or C++")
    group.addoption("--second-process", metavar="CMD", help="check this reader: likewise")
    for name, option in OPTIONS.items():
        group.addoption(name, **option)


def validate(option: Any) -> None:
    """Reject invalid values. Raises HarnessError with cause and remedy."""
    for name in ("first_process", "second_process", "name", "message", "title", "verdict", "wine"):
        value = getattr(option, name)
        if value is not None and not value.strip():
            raise HarnessError(f"--{name.replace('_', '-')} is empty; give it a value, or leave it "
                               "out (is a variable of your script not set?)")
    if option.sandbox == "required" and sys.platform == "win32":
        raise HarnessError("--sandbox required: there is no sandbox on Windows")
    for name in ("deadline", "ceiling"):
        value = getattr(option, name)
        if not (math.isfinite(value) and 0 < value <= DAY):
            raise HarnessError(f"--{name}: give it in seconds, more than 0 and at most {DAY:g}")
    for name in ("name", "title", "message"):
        text = getattr(option, name) or ""
        if "\0" in text or len(text) > LONGEST or not _encodable(text, "unicode"):
            raise HarnessError(f"--{name}: give it at most {LONGEST} characters, none of which is "
                               "a terminator")
        if option.charset == "ansi" and not _encodable(text, "ansi"):
            raise HarnessError(f"--{name}: the ANSI character set lacks some of its characters")
    for charset in (option.charset,) if option.charset else ("ansi",):
        if len(encode((option.message or ""), "unicode")) // (2 if charset == "ansi" else 1) \
                >= BUF_SIZE:
            raise HarnessError(f"--message: it must fit into {BUF_SIZE} bytes with its terminator")
    if "\\" in (option.name or "").partition("\\")[2]:
        raise HarnessError("--name: a name has one backslash at most, after Global or Local")
    if option.verdict:
        files.refuse("--verdict", Path(option.verdict), *files.VERDICT)


def _encodable(text: str, charset: str) -> bool:
    try:
        encode(text, charset)
    except UnicodeEncodeError:
        return False
    return True


def settings(option: Any, shown: Sequence[Path]) -> Settings:
    """Return the settings of a host for these options: the one place where programs are confined.
    `shown` are the files of programs that were handed in; the project's own need no sandbox."""
    return Settings(option.display, option.prefix, option.wine, option.keep,
                    sandbox=option.sandbox if shown else "none", shown=tuple(shown))


def given(option: Any) -> Tuple[str, ...]:
    """Return these options as words of a command line."""
    words = []
    for name, about in OPTIONS.items():
        value = getattr(option, name[2:].replace("-", "_"))
        if value is True:
            words.append(name)
        elif value and value != about.get("default"):
            words.append(f"{name}={value}")
    return tuple(words)
