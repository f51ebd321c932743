"""Makes Wine prefixes: folders with a Wine's registry and drives."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

from harness.driver.wine import registry, windows
from harness.driver.wine.installation import Wine
from harness.driver.wine.paths import CRASHES, SYSTEM

#: Wine's own fonts, which a minimal prefix lacks; one has the cross of a window's close button.
FONTS = Path("/usr/share/wine/fonts")
#: The command that Wine starts for a program that crashes.
DEBUG = rf"{SYSTEM}\cmd.exe /c {SYSTEM}\winedbg.exe --auto %ld %ld >>{CRASHES}"
DEBUGGER = windows.NT + r"\AeDebug"
#: The override that prevents it.
NO_DEBUGGER = ";winedbg.exe="
#: The program that the first one starts, below the prefix.
WINEBOOT = "drive_c/windows/system32/wineboot.exe"


def make(folder: Path, wine: Wine, driver: str, managed: bool, whole: bool, debug: bool) -> None:
    """Make a prefix whose registry names the display driver ("null" or "x11"), which must be known
    before the first window: with neither display nor null driver, MessageBox fails at once. On a
    display that is not `managed`, Wine would wait 2 s for a window manager at each program's end. A
    `whole` prefix has everything of Windows that is possible without wineboot, for use with
    WINEBOOTSTRAPMODE=1: Wine then takes its DLLs from its own library and copies none. With
    `debug`, CRASHES describes a program's crash."""
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
    """Let programs run in a minimal prefix. It needs no boot: without wineboot, and the `services`
    that it starts, the first program starts faster. But of two programs started from Unix at the
    same moment, the second would wait five minutes for the first one's failing attempt to boot."""
    environment["WINEBOOTSTRAPMODE"] = "1"
    if not services:
        # An invalid program fails before it costs a process.
        boot = Path(environment["WINEPREFIX"], WINEBOOT)
        boot.unlink(missing_ok=True)
        boot.touch()
    environment["WINEDLLOVERRIDES"] += ("" if debug else NO_DEBUGGER)


def make_environment(folder: Path, display: str) -> Dict[str, str]:
    """Make a home and a temporary folder in `folder`. Return the environment of its programs. With
    "x11", the display is the user's."""
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    environment = {
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "XDG_RUNTIME_DIR": str(folder / "tmp"),
        "WINEPREFIX": str(folder / "prefix"),
        "WINEDEBUG": "-all",
        # Do not offer to install Mono or Gecko.
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
    }
    if display == "x11":
        environment.update({name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")
                            if name in os.environ})
        # Without fonts of its own, Wine asks fontconfig, which looks here.
        fonts = folder / "home" / ".local" / "share" / "fonts"
        fonts.parent.mkdir(parents=True)
        fonts.symlink_to(FONTS)
    return environment
