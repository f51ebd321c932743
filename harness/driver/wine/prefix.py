"""Wine prefixes: the folder that holds a Wine's registry and its drives."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

from harness.driver.wine import registry, windows
from harness.driver.wine.installation import Wine
from harness.driver.wine.paths import CRASHES, SYSTEM

#: Wine's own fonts, which a minimal prefix does not have; the cross that closes a window is in one.
FONTS = Path("/usr/share/wine/fonts")
#: What Wine starts for a program that crashes.
DEBUG = rf"{SYSTEM}\cmd.exe /c {SYSTEM}\winedbg.exe --auto %ld %ld >>{CRASHES}"
DEBUGGER = windows.NT + r"\AeDebug"
#: What keeps it from starting any.
NO_DEBUGGER = ";winedbg.exe="
#: The program that the first one starts, below the prefix.
WINEBOOT = "drive_c/windows/system32/wineboot.exe"


def make(folder: Path, wine: Wine, driver: str, managed: bool, whole: bool, debug: bool) -> None:
    """A prefix whose registry says where windows are drawn: `driver` ("null" or "x11") must be
    known before the first window: without a display and without the null driver, MessageBox fails
    at once. On a display that is not `managed`, Wine would wait 2 s for its window manager at each
    program's end. If it is `whole`, it has all that can be had of a Windows without wineboot, for
    use with WINEBOOTSTRAPMODE=1: Wine then takes its DLLs from its own library and copies none;
    with `debug`, a program's crash is described in CRASHES."""
    folder.mkdir()
    keys: registry.Keys = {r"Software\Wine\Drivers": {"Graphics": driver},
                           r"Software\Wine\X11 Driver": {"Managed": "NY"[managed]},
                           r"Software\Wine\WineDbg": {"ShowCrashDialog": 0}}
    if whole:
        (folder / ".update-timestamp").write_text("disable\n")
        about = windows.version(wine)
        keys = {**keys, **windows.user_keys(about)}
        machine = windows.machine_keys(about)
        debugger: registry.Keys = {DEBUGGER: {"Auto": "1", "Debugger": DEBUG}} if debug else {}
        (folder / "system.reg").write_text(registry.written(r"\\Machine", {**machine, **debugger}))
        windows.add_folders(folder, about)
        windows.add_programs(folder, wine.files("x86_64-windows"))
    (folder / "user.reg").write_text(registry.written(r"\\User\\.Default", keys))


def use_minimal(environment: Dict[str, str], services: bool, debug: bool) -> None:
    """Let programs run in a prefix that was made minimal. There is nothing to boot in it: without
    wineboot, and the `services` that it starts, the first program is there sooner. But of two that
    are started from Unix at the same moment, the second would wait for the boot that the first
    tries in vain, for five minutes."""
    environment["WINEBOOTSTRAPMODE"] = "1"
    if not services:
        # What is no program fails before it costs a process.
        boot = Path(environment["WINEPREFIX"], WINEBOOT)
        boot.unlink(missing_ok=True)
        boot.touch()
    environment["WINEDLLOVERRIDES"] += ("" if debug else NO_DEBUGGER)


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
    }
    if display == "x11":
        environment.update({name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")
                            if name in os.environ})
        # Where it has no fonts of its own, Wine asks fontconfig, which looks here.
        fonts = folder / "home" / ".local" / "share" / "fonts"
        fonts.parent.mkdir(parents=True)
        fonts.symlink_to(FONTS)
    return environment
