"""Which calls of a program count, and what kind of call each is.

If the run-time library is part of a program (/MT), its _getch appears as the ReadConsoleInput calls
that it makes."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Sequence, Set, Tuple

from harness.driver.win32.calls import PAUSES, Call, Text
from harness.driver.win32.constants import WAIT_TIMEOUT
from harness.judge.claims import WRITER

OBJECT = ("CreateFileMapping", "OpenFileMapping", "CreateFileMappingNuma")
VIEW = ("MapViewOfFile", "MapViewOfFileEx", "MapViewOfFileExNuma")
#: Functions that return for any key, without Enter and without echo; `_gettch` is one of them.
KEY = ("_getch", "_getwch", "getch")
#: Functions that return only after Enter.
LINE = ("getchar", "getwchar", "ReadConsole")
INPUT = (*KEY, *LINE, "_getche", "_getwche", "_kbhit", "ReadConsoleInput")
BOX = ("MessageBox", "MessageBoxEx", "MessageBoxIndirect")
#: Functions that can wait for a time, with the place of the milliseconds in their arguments.
TIMED = {**dict.fromkeys(PAUSES, 0), "WaitForSingleObject": 1, "WaitForSingleObjectEx": 1,
         "WaitForMultipleObjects": 3, "WaitForMultipleObjectsEx": 3, "SignalObjectAndWait": 2}


def bare(name: str) -> str:
    """Return the function without the A or W of its character set."""
    return re.sub("(?<=[a-z])[AW]$", "", name)


def value(argument: object) -> int:
    """Return an argument as a number."""
    return argument.address if isinstance(argument, Text) else int(argument)  # type: ignore


def is_pause(call: Call) -> bool:
    """Return whether it waited for a time, or waits for one now."""
    return call.name in PAUSES or call.result == WAIT_TIMEOUT and call.name in TIMED \
        and value(call.arguments[TIMED[call.name]]) > 0


def with_getch(calls: Sequence[Call]) -> List[Call]:
    """Replace each sequence of ReadConsoleInput calls by the one _getch that makes them."""
    kept: List[Call] = []
    for call in calls:
        if bare(call.name) != "ReadConsoleInput":
            kept.append(call)
        elif kept and kept[-1].name == "_getch":
            kept[-1] = replace(kept[-1], result=call.result)
        else:
            kept.append(replace(call, name="_getch", arguments=()))
    return kept


def is_like(name: str, wanted: str) -> bool:
    """Return whether a name differs from the wanted one only in its namespace and in case."""
    return name.rpartition("\\")[2].lower() == wanted.rpartition("\\")[2].lower()


def _name_of(call: Call) -> str:
    return next((text.text or "" for text in call.arguments if isinstance(text, Text)), "")


def _own_name(calls: Sequence[Call], role: str, name: str) -> str:
    """Return the name of the program's one object: `name`, one like it, or the only one for which
    it calls the documented function; `name` if that is not clear."""
    asked = [call for call in calls if bare(call.name) in OBJECT]
    documented = OBJECT[0] if role == WRITER else OBJECT[1]
    for some in ([call for call in asked if _name_of(call) == name],
                 [call for call in asked if is_like(_name_of(call), name)],
                 [call for call in asked if bare(call.name) == documented and _name_of(call)]):
        if some:
            names = {_name_of(call) for call in some}
            return names.pop() if len(names) == 1 else name
    return name


def without_others(calls: Sequence[Call], role: str, name: str
                   ) -> Tuple[List[Call], List[str]]:
    """Remove the calls for other file mapping objects than the program's own, which is the one with
    that name if it asks for it. Return the rest, and the names of the others. After it failed to
    get its own, no object counts as another; nor does an attempt to get one with a name like it."""
    name = _own_name(calls, role, name)
    kept: List[Call] = []
    found: List[str] = []
    others: Set[int] = set()
    asked = [call for call in calls if bare(call.name) in OBJECT and _name_of(call) == name]
    for call in calls:
        what = bare(call.name)
        if asked and what in OBJECT and call not in asked and (
                call.result or not is_like(_name_of(call), name)):
            if call.result:
                found.append(_name_of(call))
                others.add(call.result)
            continue
        if call in asked and call.result == 0:
            asked = []
        of_another = what in (*VIEW, "CloseHandle") and value(call.arguments[0]) in others
        if what == "CloseHandle":
            others.discard(value(call.arguments[0]))
        if not of_another:
            kept.append(call)
    return kept, found
