"""Run a Windows program under an isolated, headless Wine, as if it were a program of this machine.

It passes on the standard streams, the arguments and the exit status. It leaves nothing running and
never touches your own ~/.wine. A build tool can use this command wherever it asks for an emulator,
a wrapper or a runner.
"""
from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import Dict, List, Optional, Tuple

from harness.driver.errors import HarnessError
from harness.run import dlls, status
from harness.run.program import ENDING, Kind, Place, Wanted, inherited, run

USAGE = "harness.run [OPTIONS] PROGRAM.exe [ARGUMENTS]     (--help says more)"
STATUS = """
exit status: the program's, up to 255; 255 for a larger one; 128 + the number of a signal for a
crash, or if a signal ended the run; 124 after --timeout; 125 if Wine cannot be used; 126 if the
program cannot be started; 127 if there is no such file. A line on standard error explains every
status that is not the program's own.
"""

#: Variables that lead a program out of its Wine, or that Wine does not pass on.
OWN = ("HOME", "PATH", "PWD", "TEMP", "TMP", "WINEPREFIX", "WINESERVER")


def assignment(text: str) -> Tuple[str, str]:
    """NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text}: give it as NAME=VALUE")
    if name in OWN:
        raise argparse.ArgumentTypeError(f"{name}: Wine sets it; to add to PATH, set WINEPATH")
    return name, value


def shared(text: str) -> str:
    """A name that the kernel can take as part of a socket's address."""
    if not 0 < len(os.fsencode(text)) <= 60:
        raise argparse.ArgumentTypeError(f"{text}: give a name of 1 to 60 bytes")
    return text


def folder(text: str) -> str:
    """One that a program can be started in."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text}: there is no such folder")
    if not os.access(text, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: you may not enter this folder")
    return text


def seconds(text: str) -> float:
    """A time that is not over before it begins."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text}: give it in seconds, and more than 0")
    return value


def options(words: List[str]) -> argparse.Namespace:
    """What the command line says; ends with 125 where it cannot be understood."""
    def plain(prog: str) -> argparse.HelpFormatter:
        # Without a width it would load shutil, to ask the terminal, for each option.
        return argparse.RawDescriptionHelpFormatter(prog, width=100)

    parser = argparse.ArgumentParser("harness.run", USAGE, description=__doc__, epilog=STATUS,
                                     formatter_class=plain)
    add = parser.add_argument
    add("--timeout", type=seconds, metavar="SECONDS",
        help="end the program and all that it started after that long")
    add("--prefix", choices=["minimal", "full"], default="minimal",
        help="minimal is the default; full is what wineboot -i makes, with services and all DLLs "
             "on drive C:, and takes some seconds and 700 MB")
    add("--display", choices=["null", "x11"], default="null",
        help="where windows appear: nowhere (null, the default), or on $DISPLAY (x11)")
    add("--share", type=shared, metavar="NAME",
        help="share one Wine with all runs that give the same NAME: their programs see each "
             "other, and all but the first start faster")
    add("--linger", type=seconds, default=0.0, metavar="SECONDS",
        help="keep a shared Wine running for that long after its last program (default: 0)")
    add("--env", type=assignment, action="append", default=[], metavar="NAME=VALUE",
        help="set a variable in the program's environment, which otherwise equals yours")
    add("--cwd", type=folder, default=".", metavar="FOLDER", help="run the program in this folder")
    add("--wine", metavar="PATH", help="use this Wine: its loader, or the folder that has it")
    add("--keep", action="store_true", help="keep the folder with the prefix, and print its name")
    add("program", metavar="PROGRAM.exe")
    # Otherwise Python would list them, too, where the program is missing.
    add("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS").required = False
    try:
        wanted = parser.parse_args(words)
        if wanted.linger and not wanted.share:
            parser.error("--linger is for a Wine that is shared: give --share NAME, too")
        return wanted
    except SystemExit as end:
        raise SystemExit(status.NO_HARNESS if end.code else 0)


def end(number: int, _: object) -> None:
    """A signal before the program has been started."""
    sys.exit(128 + number)


def say(program: str, text: str) -> None:
    """One line on standard error."""
    print(f"harness.run: {program}: {text}", file=sys.stderr, flush=True)


def lacking(wine: Tuple[str, ...]) -> Optional[str]:
    """What that Wine lacks for 32-bit programs."""
    from pathlib import Path  # Here, as few programs are 32-bit ones.
    from tempfile import TemporaryDirectory

    from harness.driver.wine import dlls32
    from harness.driver.wine.installation import Wine
    loader, server, version = wine
    with TemporaryDirectory(prefix="named-shared-memory-") as folder:
        return dlls32.lacking(Wine(Path(loader), Path(server), version), Path(folder))


def place_for(wanted: argparse.Namespace, arch: str) -> Place:
    """The Wine that the options ask for, for a program of that architecture. What one kind needs
    takes longer to load than the other to run a program."""
    kind = Kind(wanted.wine, wanted.display, wanted.prefix, wanted.keep)
    if wanted.share:
        from harness.run.shared import SharedPlace
        return SharedPlace(wanted.share, kind, wanted.linger)
    from harness.run.place import OwnPlace
    return OwnPlace(kind, arch)


def find_dlls(image: dlls.Image, place: Place, variables: Dict[str, str]) -> dlls.Found:
    """Look for the program's DLLs, and add those that are in PATH or belong to MinGW to WINEPATH,
    where Wine looks for them."""
    windows = [folder for folder in variables.get("WINEPATH", "").split(";") if folder]
    found = dlls.look(image, [folder[2:].replace("\\", "/") for folder in windows
                              if folder[:2].upper() == "Z:"], place.libraries[image.arch],
                      os.environ.get("PATH", "").split(":"))
    for name, path in found.elsewhere.items():
        folder = os.path.dirname(path)
        if sys.stderr.isatty():
            say(image.path, f"{name} is not beside it, and is taken from {folder}")
        windows.append("Z:" + os.path.abspath(folder).replace("/", "\\"))
    if windows:
        variables["WINEPATH"] = ";".join(dict.fromkeys(windows))
    return found


def main(words: List[str]) -> int:
    """Run the program of the command line: the exit status."""
    while (spare := os.open(os.devnull, os.O_RDWR)) < 3:
        pass  # A standard stream was closed, and something else would take its number.
    os.close(spare)
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
    wanted = options(words)
    try:
        image = dlls.Image(wanted.program)
        if image.is_dll:
            raise dlls.NoProgram("it is a DLL, and only an .exe can be started")
    except FileNotFoundError:
        say(wanted.program, "there is no such file")
        return status.NOT_FOUND
    except (OSError, dlls.NoProgram) as problem:
        say(wanted.program, getattr(problem, "strerror", None) or str(problem))
        return status.NOT_STARTED
    try:
        place = place_for(wanted, image.arch)
        lacks = lacking(place.wine) if image.arch == "i686" else None
        if lacks:
            say(wanted.program, f"it is a 32-bit program, and {lacks}")
            return status.NOT_STARTED
        variables = {**{name: os.environ[name] for name in ["WINEPATH"] if name in os.environ},
                     **dict(wanted.env)}
        found = find_dlls(image, place, variables)
        command = [place.wine[0], image.path, *wanted.arguments]
        code, remark = run(place, Wanted(command, wanted.cwd, inherited(), variables),
                           wanted.timeout)
    except HarnessError as problem:
        say(wanted.program, str(problem))
        return status.NO_HARNESS
    if code == status.NOT_STARTED and found.nowhere:
        remark += (f"; not found: {', '.join(sorted(found.nowhere))} (neither beside it, nor in "
                   "PATH or WINEPATH, nor in Wine, nor where MinGW-w64 has its DLLs)")
    if remark:
        say(wanted.program, remark)
    if wanted.keep:
        say(wanted.program, f"kept: {place.folder}")
    return code
