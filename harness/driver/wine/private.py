"""A private Wine: a folder with a prefix and a home, a server, and a sandbox around them if wanted.
The supervisor of its processes makes it, for a host or for a run of harness.run.

A prefix is a folder with a Wine's registry and drives."""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict, NamedTuple, Tuple

from harness.driver.errors import HarnessError, WineFailed
from harness.driver.waiting import DEADLINE, WINEBOOT
from harness.driver.wine import local_machine, machine, sandbox, windows
from harness.driver.wine.children import ChildProcesses
from harness.driver.wine.folders import CRASHES, SYSTEM
from harness.driver.wine.installation import Wine

#: Wine's own fonts, which a minimal prefix lacks; one has the cross of a window's close button.
FONTS = Path("/usr/share/wine/fonts")
#: The command that Wine starts for a program that crashes.
DEBUG = rf"{SYSTEM}\cmd.exe /c {SYSTEM}\winedbg.exe --auto %ld %ld >>{CRASHES}"
DEBUGGER = windows.NT + r"\AeDebug"
#: The override that prevents it.
NO_DEBUGGER = ";winedbg.exe="
#: The beginning of a file of the registry, and the type of a link in one.
HEADER = "WINE REGISTRY Version 2\n;; All keys relative to {}\n\n#arch=win64\n"
REG_LINK = 6


class Choices(NamedTuple):
    """The properties of a Wine. `wine` is its loader, its server and its version; `prefix` is
    "minimal" or "full"; `sandbox` is "none", "auto" (if it works) or "required"; `shown` are files
    and folders that programs in the sandbox may read; `debug` is whether a crash is described;
    `services` is whether Wine's services run, which several programs that start together need;
    `managed` is the result of display.is_managed, which needs a Python with Xlib."""

    wine: Tuple[str, ...]
    display: str
    prefix: str
    keep: bool
    sandbox: str
    shown: Tuple[str, ...]
    managed: bool
    services: bool = False
    debug: bool = False


class PrivateWine:
    """A Wine in that folder, whose processes are among `processes`. `environment` is for its
    programs; `unsafe` says why there is no sandbox although it is "auto"."""

    def __init__(self, choices: Choices, folder: str, processes: ChildProcesses) -> None:
        self.choices = choices
        self.folder = folder
        self.unsafe = ""
        self.environment: Dict[str, str] = {}
        self._prefix = os.path.join(folder, "prefix")
        self._processes = processes
        loader, server, version = choices.wine
        self._wine = Wine(Path(loader), Path(server), version)

    def open(self) -> None:
        """Make it. Raises OSError, HarnessError, and WineFailed if Wine does not work."""
        choices = self.choices
        self._make_home()
        self._make_prefix()
        machine.add_dlls(self._prefix, self._wine, self.environment)
        self._serve()
        if choices.prefix == "minimal":
            server = self._processes.inside or self._processes.server
            local_machine.describe_to(server, windows.numbers(windows.version(self._wine)))
            self._prevent_boot()
        else:
            self._fill()
        if choices.services:
            self._boot()

    def _make_home(self) -> None:
        """Make a home and a temporary folder. With "x11", the display is the user's."""
        home, tmp = (os.path.join(self.folder, name) for name in ("home", "tmp"))
        os.mkdir(home)
        os.mkdir(tmp)
        # Do not offer to install Mono or Gecko.
        self.environment = {"LC_ALL": "C.UTF-8", "HOME": home, "TMPDIR": tmp,
                            "XDG_RUNTIME_DIR": tmp, "WINEPREFIX": self._prefix,
                            "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
        if self.choices.display == "x11":
            self.environment.update({name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY")
                                     if name in os.environ})
            # Without fonts of its own, Wine asks fontconfig, which looks here.
            fonts = Path(home, ".local", "share", "fonts")
            fonts.parent.mkdir(parents=True)
            fonts.symlink_to(FONTS)

    def _make_prefix(self) -> None:
        """Make a prefix whose registry names the display driver, which must be known before the
        first window: with neither display nor null driver, MessageBox fails at once. On a display
        without a window manager, Wine would wait 2 s for one at each program's end. A minimal
        prefix has everything of Windows that is possible without wineboot, for use with
        WINEBOOTSTRAPMODE=1: Wine then takes its DLLs from its own library and copies none."""
        choices, folder = self.choices, Path(self._prefix)
        folder.mkdir()
        keys: windows.Keys = {r"Software\Wine\Drivers": {"Graphics": choices.display},
                              r"Software\Wine\X11 Driver": {"Managed": "NY"[choices.managed]},
                              r"Software\Wine\WineDbg": {"ShowCrashDialog": 0}}
        if choices.prefix == "minimal":
            (folder / ".update-timestamp").write_text("disable\n")
            about = windows.version(self._wine)
            keys = {**keys, **windows.user_keys(about)}
            machine_keys = windows.machine_keys(about)
            if choices.debug:
                machine_keys[DEBUGGER] = {"Auto": "1", "Debugger": DEBUG}
            (folder / "system.reg").write_text(_registry(r"\\Machine", machine_keys))
            windows.add_folders(folder, about)
            windows.add_programs(folder, self._wine.files("x86_64-windows"))
        (folder / "user.reg").write_text(_registry(r"\\User\\.Default", keys))

    def _prevent_boot(self) -> None:
        """Let programs run in a minimal prefix without wineboot and its services: the first program
        starts faster. But of two programs started from Unix at the same moment, the second would
        wait five minutes for the first one's failing attempt to boot."""
        self.environment["WINEBOOTSTRAPMODE"] = "1"
        if not self.choices.services:
            # An invalid program fails before it costs a process.
            boot = Path(self._prefix, "drive_c", "windows", "system32", "wineboot.exe")
            boot.unlink(missing_ok=True)
            boot.touch()
        self.environment["WINEDLLOVERRIDES"] += NO_DEBUGGER * (not self.choices.debug)

    def _serve(self) -> None:
        if self.choices.sandbox != "none":
            if self._listens(sandboxed=True):
                return
            self.unsafe = self._why()
            if self.choices.sandbox == "required":
                raise HarnessError(f"there is no sandbox here: {self.unsafe}")
        if not self._listens():
            raise WineFailed("the Wine server ended at once")

    def _listens(self, sandboxed: bool = False) -> bool:
        """Start the server. Return whether it listens; if not, it has ended."""
        command = [str(self._wine.server), "-f", "-p"]
        log = os.path.join(self.folder, "server.log")
        if sandboxed:
            if sandbox.lacking():
                return False
            shown = [str(path) for path in self._wine.folders()]
            shown += [str(machine.DLLS), *self.choices.shown]
            command = [*sandbox.command(self.folder, shown, self.environment), *command]
        # Debian's server of Wine 10 frees memory that is not its own if TMPDIR is set.
        without = {name: value for name, value in self.environment.items() if name != "TMPDIR"}
        for environment in (self.environment, without):
            if self._processes.serve(command, environment, self.folder, log, sandboxed):
                self.environment = environment
                return True
        return False

    def _why(self) -> str:
        if sandbox.lacking():
            return sandbox.lacking()
        with open(os.path.join(self.folder, "server.log"), errors="replace") as log:
            lines = [line for line in log if line.startswith("bwrap: ")]
        return lines[-1].strip() if lines else "the Wine server does not start in it"

    def _boot(self) -> None:
        """Boot, and start the desktop's process. Otherwise the first program does, and its output
        would not end before the services and the desktop do. If wineboot is killed, hostname.exe
        ends all the same, and the next program would wait for five minutes."""
        for words, seconds in ((["hostname.exe"], WINEBOOT),
                               (["rundll32.exe", "user32.dll,GetDesktopWindow"], DEADLINE)):
            command = [str(self._wine.loader), rf"{SYSTEM}\{words[0]}", *words[1:]]
            if self._processes.finish(command, self.environment, seconds) is None:
                raise HarnessError("Wine's start was interrupted (was its wineboot killed?), and "
                                   "no program can run in it; try again")

    def _fill(self) -> None:
        print("Wine fills a full prefix, which takes some seconds.", file=sys.stderr,
              flush=True)
        status = self._processes.finish([str(self._wine.loader), "wineboot.exe", "-i"],
                                        self.environment, WINEBOOT)
        if status is None:
            raise WineFailed(f"wineboot -i did not end within {WINEBOOT:g} s")
        if status:
            raise WineFailed(f"wineboot -i ended with {os.WEXITSTATUS(status)}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _value(name: str, value: windows.Value) -> str:
    if name == windows.LINK:
        return f'#link\n"{windows.LINK}"=hex({REG_LINK}):{str(value).encode("utf-16-le").hex(",")}'
    if isinstance(value, str):
        # Text with variables has its own type (REG_EXPAND_SZ).
        data = "str(2):" * ("%" in value) + f'"{_escaped(value)}"'
    else:
        data = f"dword:{value:08x}" if isinstance(value, int) else f'hex:{value.hex(",")}'
    return f'"{_escaped(name)}"={data}'


def _registry(root: str, keys: windows.Keys) -> str:
    """Return the text of a file with those keys, by their path below the root."""
    lines = [HEADER.format(root)]
    for key, values in keys.items():
        lines.append(f"[{_escaped(key)}]")
        lines += [_value(name, value) for name, value in values.items()]
        lines.append("")
    return "\n".join(lines)
