"""Describes this machine to Windows programs: its processor, and its time zone.

The processor's properties are written to the page that all programs share (KUSER_SHARED_DATA). In a
full prefix wineboot does that, in a quarter of a second; without them IsProcessorFeaturePresent is
never true, and Wine cannot raise an exception in a 32-bit program."""
from __future__ import annotations

import functools
import os
import struct
import time
from contextlib import suppress
from typing import Dict, List, Tuple

#: Windows' number of a feature (PF_*), and its name in /proc/cpuinfo.
FEATURES = {2: "cx8", 3: "mmx", 6: "sse", 7: "3dnow", 8: "tsc", 9: "pae", 10: "sse2", 11: "sse2",
            12: "nx", 13: "pni", 14: "cx16", 17: "xsave", 36: "ssse3", 37: "sse4_1", 38: "sse4_2",
            39: "avx", 40: "avx2"}
#: One that every processor has: int 0x29 ends a program (PF_FASTFAIL_AVAILABLE).
FAST_FAIL = 23
PAGE = 4096
#: The Windows names of zones with these short names (`TZ`).
NAMES = {("UTC", "UTC"): "Greenwich", ("GMT", "GMT"): "Greenwich", ("GMT", "BST"): "GMT",
         ("WET", "WEST"): "GMT", ("CET", "CEST"): "W. Europe", ("EET", "EEST"): "FLE",
         ("MSK", "MSK"): "Russian", ("IST", "IST"): "India", ("CST", "CST"): "China",
         ("JST", "JST"): "Tokyo", ("KST", "KST"): "Korea", ("AEST", "AEDT"): "AUS Eastern",
         ("EST", "EDT"): "Eastern", ("CST", "CDT"): "Central", ("MST", "MDT"): "Mountain",
         ("PST", "PDT"): "Pacific"}
#: Seconds. Clocks change at a quarter of an hour.
DAY, QUARTER = 86400, 900


@functools.lru_cache(maxsize=None)
def described() -> Dict[str, str]:
    """Return the kernel's description of the first processor: `flags`, `model name`, and so on."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        pairs = (line.partition(":") for line in file.read(PAGE).split("\n\n")[0].splitlines())
        return {name.strip(): value.strip() for name, _, value in pairs}


def shared_data(version: Tuple[int, int, int]) -> Dict[int, bytes]:
    """Return the bytes of the page by offset, for that version of Windows (major, minor, build)."""
    flags = described().get("flags", "").split()
    features = bytearray(64)
    for number, name in FEATURES.items():
        features[number] = name in flags
    features[FAST_FAIL] = 1
    processors = os.cpu_count() or 1
    data = {0x30: "C:\\windows\0".encode("utf-16-le"),
            0x244: struct.pack("<I", 2 << 20),  # LargePageMinimum
            # NtBuildNumber, NtProductType, ProductTypeIsValid, the processor's architecture.
            0x260: struct.pack("<II?xH", version[2], 1, True, 9),
            0x26C: struct.pack("<II", *version[:2]),
            0x274: bytes(features),
            0x2D5: b"\2",  # Data is never executed.
            0x2E8: struct.pack("<I", os.sysconf("SC_PHYS_PAGES") & 0xFFFFFFFF),
            0x3C0: struct.pack("<II", processors, 1)}
    if "avx" in flags and "xsave" in flags:
        sizes = (0xA0, 0x100, 0x100)  # x87, SSE, AVX
        how = ("xsaveopt" in flags) | ("xsavec" in flags) << 1
        # Intel's processors keep a gap, for registers that they no longer have.
        gap = 0x100 * (described().get("vendor_id") == "GenuineIntel")
        everything = 0x340 + 0x640 * ("avx512f" in flags)
        data[0x3F0] = struct.pack("<6I", 0, sizes[0], 0xA0, sizes[1], 0x240, sizes[2])
        if "avx512f" in flags and version[0] >= 10:
            # Wine 10.0, as Windows 10, has the masks and both halves of these registers.
            data[0x3D8] = struct.pack("<QQII", 0xE7, 0xE7, everything, how)
            data[0x418] = struct.pack("<6I", 0x340 + gap, 0x40, 0x380 + gap, 0x200, 0x580 + gap,
                                      0x400)
        else:
            data[0x3D8] = struct.pack("<QQII", 7, 7, 0x340, how)
        data[0x600] = struct.pack("<4I", everything + gap * ("avx512f" in flags), *sizes)
    return data


def describe_to(server: int, version: Tuple[int, int, int]) -> None:
    """Write the page of that Wine server, which answers. Does nothing if it is not found."""
    try:
        with open(f"/proc/{server}/maps", encoding="utf-8", errors="replace") as file:
            # The server itself can only write the page that it shares with its clients.
            wanted = {int(page[4]) for page in map(str.split, file) if page[1] == "-w-s"}
        names = os.listdir(f"/proc/{server}/fd")
    except OSError:
        return
    for name in names:
        with suppress(OSError):  # The server may have just closed it.
            path = f"/proc/{server}/fd/{name}"
            if os.stat(path).st_ino not in wanted:
                continue
            with open(path, "r+b", 0) as page:
                for offset, data in shared_data(version).items():
                    os.pwrite(page.fileno(), data, offset)


def zone_name() -> str:
    """Return the Windows name of the zone, without "Standard Time"."""
    return NAMES.get((time.tzname[0], time.tzname[bool(time.daylight)]), time.tzname[0])


def _summer(moment: int) -> bool:
    return time.localtime(moment).tm_isdst > 0


def _changes(year: int) -> List[int]:
    """Return the moments of the year, in seconds since 1970, when the clock changes."""
    start = int(time.mktime((year, 1, 1, 0, 0, 0, 0, 0, -1)))
    return [moment for day in range(start, start + 366 * DAY, DAY)
            if _summer(day) != _summer(day + DAY)
            for moment in range(day + QUARTER, day + DAY + 1, QUARTER)
            if _summer(moment - QUARTER) != _summer(moment)]


def _rule(moment: int) -> bytes:
    """Return a SYSTEMTIME: when in a month the clock changes, by weekday and the old clock."""
    local = time.gmtime(moment + time.localtime(moment - 1).tm_gmtoff)
    last = time.gmtime(time.mktime(local) + 7 * DAY).tm_mon != local.tm_mon
    week = 5 if last else (local.tm_mday + 6) // 7
    return struct.pack("<8H", 0, local.tm_mon, (local.tm_wday + 1) % 7, week, local.tm_hour,
                       local.tm_min, 0, 0)


def zone_information(year: int) -> bytes:
    """Return the zone in that year as a registry value TZI: minutes from local time to UTC, the
    minutes added in winter and in summer, and when the clock changes."""
    rules = {_summer(moment): _rule(moment) for moment in _changes(year)}
    if len(rules) != 2:
        return struct.pack("<3i32x", time.timezone // 60, 0, -60)
    return struct.pack("<3i16s16s", time.timezone // 60, 0, (time.altzone - time.timezone) // 60,
                       rules[False], rules[True])
