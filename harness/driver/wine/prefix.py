"""Wine prefixes: the folder that holds a Wine's registry and its drives."""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict

from harness.driver.errors import HarnessError
from harness.driver.waiting import WINEBOOT

#: Wine's own fonts, which a minimal prefix does not have; the cross that closes a window is in one.
FONTS = Path("/usr/share/wine/fonts")
REGISTRY = r"""WINE REGISTRY Version 2
;; All keys relative to \\User\\.Default

#arch=win64

[Software\\Wine\\Drivers]
"Graphics"="{driver}"

[Software\\Wine\\X11 Driver]
"Managed"="{managed}"

[Software\\Wine\\WineDbg]
"ShowCrashDialog"=dword:00000000
"""
#: What wineboot would put into the environment of every program.
VARIABLES = r"""
[Environment]
"ComSpec"="C:\\windows\\system32\\cmd.exe"
"PATH"="C:\\windows\\system32;C:\\windows"
"SystemDrive"="C:"
"SystemRoot"="C:\\windows"
"TEMP"="C:\\windows\\temp"
"TMP"="C:\\windows\\temp"
"USERPROFILE"="C:\\users\\user"
"windir"="C:\\windows"
"""
#: Programs of Wine's own that others start by their path; Wine needs no more than a first page.
STAND_INS = ("cmd.exe", "rundll32.exe")
PAGE = 4096
#: What keeps the first program from starting wineboot.
NO_WINEBOOT = ";wineboot.exe="


def make_minimal(folder: Path, driver: str, managed: bool = True) -> None:
    """A prefix of two files, for use with WINEBOOTSTRAPMODE=1: Wine then takes its DLLs from its
    own library and copies none. `driver` ("null" or "x11") must be known before the first
    window: without a display and without the null driver, MessageBox fails at once. On a display
    that is not `managed`, Wine would wait 2 s for its window manager at each program's end."""
    folder.mkdir()
    (folder / "user.reg").write_text(REGISTRY.format(driver=driver, managed="NY"[managed]))
    (folder / ".update-timestamp").write_text("disable\n")


def stand_in(folder: Path, library: Path, *names: str) -> None:
    """Put the first page of these builtin files of Wine into the prefix's system32: Wine reads from
    it that the file is its own, and takes it from its library."""
    system = folder / "drive_c" / "windows" / "system32"
    system.mkdir(parents=True, exist_ok=True)
    for name in names:
        with open(library / name, "rb") as file:
            (system / name).write_bytes(file.read(PAGE))


def use_minimal(environment: Dict[str, str], services: bool = False) -> None:
    """Let programs run in a prefix that was made minimal. There is nothing to boot in it: without
    wineboot, and the `services` that it starts, the first program is there sooner. But of two that
    are started from Unix at the same moment, the second would wait for the boot that the first
    tries in vain, for five minutes."""
    environment["WINEBOOTSTRAPMODE"] = "1"
    if not services:
        environment["WINEDLLOVERRIDES"] += NO_WINEBOOT


def _wineboot(loader: Path, environment: Dict[str, str], *options: str) -> int:
    """Run wineboot: its exit code. Raises HarnessError if it does not end in time."""
    import subprocess  # Here, since it takes longer to load than a minimal prefix to make.
    try:
        # Wine's services inherit the output, so a pipe would never reach its end.
        return subprocess.run([str(loader), "wineboot.exe", *options], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=WINEBOOT).returncode
    except subprocess.TimeoutExpired:
        words = " ".join(["wineboot", *options])
        raise HarnessError(f"{words} did not end within {WINEBOOT:g} s")


def describe_processor(loader: Path, environment: Dict[str, str]) -> None:
    """Let wineboot write what the processor can do into the page that all programs can read
    (KUSER_SHARED_DATA). A 32-bit program in a minimal prefix needs that: without it Wine cannot
    give it an exception, and ends it with 0 or lets it hang. Nothing stays running. Raises
    HarnessError if it does not end in time."""
    overrides = environment["WINEDLLOVERRIDES"].replace(NO_WINEBOOT, "") + ";services.exe="
    # It misses the services at its end, and so never ends with 0.
    _wineboot(loader, {**environment, "WINEDLLOVERRIDES": overrides})


def make_full(loader: Path, environment: Dict[str, str]) -> None:
    """Fill the prefix as `wineboot -i` does. Raises HarnessError if that fails or hangs."""
    (Path(environment["WINEPREFIX"]) / ".update-timestamp").unlink()
    print("Wine fills a whole prefix now, which takes some seconds.", file=sys.stderr, flush=True)
    code = _wineboot(loader, environment, "-i")
    if code:
        raise HarnessError(f"wineboot -i ended with {code}")


def make_environment(folder: Path, display: str) -> Dict[str, str]:
    """Home and temporary folder in `folder`, and what the environment of its programs has to be.
    With the display "x11", that is the user's."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    environment = {
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder / "tmp"),
        "WINEPREFIX": str(folder / "prefix"),
        "WINEDEBUG": "-all",
        # Neither Mono nor Gecko may offer to be installed.
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        # The supervisor's server is the only one: a client that finds none must not start one
        # that nobody would end.
        "WINESERVER": "/bin/true",
    }
    if display == "x11":
        environment.update({name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")
                            if name in os.environ})
        # Where it has no fonts of its own, Wine asks fontconfig, which looks here.
        fonts = folder / "home" / ".local" / "share" / "fonts"
        fonts.parent.mkdir(parents=True)
        fonts.symlink_to(FONTS)
    return environment


def furnish(folder: Path, programs: Path) -> None:
    """Add to a minimal prefix, before its first program, what programs of any kind expect of a
    Windows: a temporary folder, a profile, and cmd.exe for system(), from Wine's own `programs`."""
    with open(folder / "user.reg", "a") as registry:
        registry.write(VARIABLES)
    drive = folder / "drive_c"
    for name in ("windows/temp", "users/user"):
        (drive / name).mkdir(parents=True, exist_ok=True)
    stand_in(folder, programs, *STAND_INS)
