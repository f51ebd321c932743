"""Writes files of Wine's registry, and describes this machine's time zone as it is stored there."""
from __future__ import annotations

import struct
import time
from typing import List, Mapping, Tuple, Union

#: A value: text, a number, bytes, or the target of a link.
Value = Union[str, int, bytes]
Keys = Mapping[str, Mapping[str, Value]]
HEADER = "WINE REGISTRY Version 2\n;; All keys relative to {}\n\n#arch=win64\n"
#: The value that makes a key a link; it has the path of the target.
LINK = "SymbolicLinkValue"
REG_LINK = 6
#: The Windows names of zones with these short names (`TZ`).
NAMES = {("UTC", "UTC"): "Greenwich", ("GMT", "GMT"): "Greenwich", ("GMT", "BST"): "GMT",
         ("WET", "WEST"): "GMT", ("CET", "CEST"): "W. Europe", ("EET", "EEST"): "FLE",
         ("MSK", "MSK"): "Russian", ("IST", "IST"): "India", ("CST", "CST"): "China",
         ("JST", "JST"): "Tokyo", ("KST", "KST"): "Korea", ("AEST", "AEDT"): "AUS Eastern",
         ("EST", "EDT"): "Eastern", ("CST", "CDT"): "Central", ("MST", "MDT"): "Mountain",
         ("PST", "PDT"): "Pacific"}
DAY = 86400


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _value(name: str, value: Value) -> str:
    if name == LINK:
        return f'#link\n"{LINK}"=hex({REG_LINK}):{str(value).encode("utf-16-le").hex(",")}'
    if isinstance(value, str):
        # Text with variables has its own type (REG_EXPAND_SZ).
        data = "str(2):" * ("%" in value) + f'"{_escaped(value)}"'
    else:
        data = f"dword:{value:08x}" if isinstance(value, int) else f'hex:{value.hex(",")}'
    return f'"{_escaped(name)}"={data}'


def written(root: str, keys: Keys) -> str:
    """Return the text of a file with those keys, by their path below the root."""
    lines = [HEADER.format(root)]
    for key, values in keys.items():
        lines.append(f"[{_escaped(key)}]")
        lines += [_value(name, value) for name, value in values.items()]
        lines.append("")
    return "\n".join(lines)


def zone_name() -> str:
    """Return the Windows name of the zone, without "Standard Time"."""
    return NAMES.get((time.tzname[0], time.tzname[bool(time.daylight)]), time.tzname[0])


def _changes(year: int) -> List[Tuple[int, bool]]:
    """Return the moments of the year, in seconds since 1970, when the clock changes, and whether
    summer time follows."""
    start = int(time.mktime((year, 1, 1, 0, 0, 0, 0, 0, -1)))
    found = []
    for day in range(start, start + 366 * DAY, DAY):
        before, after = day, day + DAY
        if time.localtime(before).tm_isdst != time.localtime(after).tm_isdst:
            while after - before > 1:
                middle = (before + after) // 2
                same = time.localtime(middle).tm_isdst == time.localtime(before).tm_isdst
                before, after = (middle, after) if same else (before, middle)
            found.append((after, bool(time.localtime(after).tm_isdst)))
    return found


def _rule(moment: int) -> bytes:
    """Return a SYSTEMTIME: the weekday of a month when the clock changes, and the old clock's
    time."""
    local = time.gmtime(moment - 1 + time.localtime(moment - 1).tm_gmtoff + 1)
    last = time.gmtime(time.mktime(local) + 7 * DAY).tm_mon != local.tm_mon
    week = 5 if last else (local.tm_mday + 6) // 7
    return struct.pack("<8H", 0, local.tm_mon, (local.tm_wday + 1) % 7, week, local.tm_hour,
                       local.tm_min, 0, 0)


def zone_information(year: int) -> bytes:
    """Return the zone in that year as a registry value TZI: minutes from local time to UTC, the
    minutes added in winter and in summer, and when the clock changes."""
    rules = {summer: _rule(moment) for moment, summer in _changes(year)}
    saved = (time.altzone - time.timezone) // 60 if len(rules) == 2 else -60
    nothing = bytes(16)
    if len(rules) != 2:
        rules = {False: nothing, True: nothing}
    return struct.pack("<3i", time.timezone // 60, 0, saved) + rules[False] + rules[True]
