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

from harness.driver.errors import HarnessError
from harness.driver.win32.constants import escaped
from harness.driver.wine.connection import ENDING, Connection, detach
from harness.driver.wine.folders import strange, windows_path
from harness.driver.wine.sandbox import beside
from harness.run import dlls
from harness.run.place import Place
from harness.run.program import (NO_HARNESS, NOT_FOUND, NOT_STARTED, TIMED_OUT, Result, Run,
                                 convert_lines)

USAGE = "harness.run [OPTIONS] PROGRAM.exe [ARGUMENTS]     (see --help)"
STATUS = """
exit status: the program's, up to 255; 255 for a larger one; 128 + the number of a signal for a
crash, or if a signal ended the run; 124 after --timeout; 125 if Wine cannot be used; 126 if the
program cannot be started; 127 if there is no such file. A line on standard error explains every
status that is not the program's own.
"""

#: The default time limit in seconds.
LIMIT = 600.0
#: Wine variables that are passed to the program.
PASSED = ("WINEPATH",)
#: Variables that lead a program out of its Wine, or that Wine does not pass on.
OWN = ("HOME", "PATH", "PWD", "TEMP", "TMP", "WINEPREFIX", "WINESERVER")


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text}: give it as NAME=VALUE")
    if name.upper() in OWN:
        raise argparse.ArgumentTypeError(f"{name}: Wine sets it; to add to PATH, set WINEPATH")
    return name, value


def shared(text: str) -> str:
    """Check a name that becomes part of a socket's address."""
    if not 0 < len(os.fsencode(text)) <= 60:
        raise argparse.ArgumentTypeError(f"{text}: give a name of 1 to 60 bytes")
    return text


def _folder(text: str) -> str:
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text}: there is no such folder")
    if not os.access(text, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: you may not enter this folder")
    return text


def seconds(text: str) -> float:
    """Parse a time limit in seconds."""
    if text == "none":
        return float("inf")
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text}: give a number of seconds, more than 0")
    return value


def options(words: list[str]) -> argparse.Namespace:
    """Parse the command line; exits with 125 if it is wrong."""
    def plain(prog: str) -> argparse.HelpFormatter:
        # Without a width, argparse would import shutil for each option to ask the terminal.
        return argparse.RawDescriptionHelpFormatter(prog, width=100)

    parser = argparse.ArgumentParser("harness.run", USAGE, description=__doc__, epilog=STATUS,
                                     formatter_class=plain)
    add = parser.add_argument
    add("--timeout", type=seconds, metavar="SECONDS",
        help="end the program and all that it started after this time (default: "
        f"{LIMIT:g}; none for no limit, which is the default at a terminal)")
    add("--lf", action="store_true", help="end lines on standard output with LF instead of CR LF")
    add("--grace", type=seconds, metavar="SECONDS", default=3.0,
        help="let it run for this time after Ctrl-C or SIGTERM, which it gets as CTRL_C_EVENT "
        "(default: 3)")
    add("--sandbox", choices=["auto", "required", "none"], default="none",
        help="keep it from the network and all files but its own (bubblewrap), "
        "if that works (auto) or else do not run it (required); default: none")
    add("--show", action="append", default=[], metavar="PATH",
        help="a file or folder that it may read in the sandbox")
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
    add("--env", type=_assignment, action="append", default=[], metavar="NAME=VALUE",
        help="set a variable in the program's environment, which otherwise equals yours")
    add("--cwd", type=_folder, default=".", metavar="FOLDER", help="run the program in this folder")
    add("--wine", metavar="PATH", help="use this Wine: its loader, or the folder that has it")
    add("--keep", action="store_true", help="keep the folder with the prefix, and print its name")
    add("program", metavar="PROGRAM.exe")
    # Otherwise Python would list them, too, if the program is missing.
    add("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS").required = False
    try:
        wanted = parser.parse_args(words)
        if wanted.linger and not wanted.share:
            parser.error("--linger requires --share NAME")
        return wanted
    except SystemExit as end:
        raise SystemExit(NO_HARNESS if end.code else 0)


def end(number: int, _: object) -> None:
    """Handle a signal before the program starts."""
    sys.exit(128 + number)


def say(program: str, text: str) -> None:
    """Print one line on standard error."""
    print(f"harness.run: {escaped(program)}: {text}", file=sys.stderr, flush=True)


def find_folders(image: dlls.Image, variables: dict[str, str]) -> list[str]:
    """Return the folders to search for the program's DLLs and children, besides its own folder.
    They become its WINEPATH, and so part of its PATH."""
    given = [folder for folder in variables.get("WINEPATH", "").split(";") if folder]
    windows = [folder[2:].replace("\\", "/") for folder in given if folder[:2].upper() == "Z:"]
    unix = filter(None, os.environ.get("PATH", "").split(":"))
    once = {os.path.realpath(folder): os.path.abspath(folder) for folder in unix}
    found = dlls.search(image, windows, [*once.values()])
    paths = [windows_path(folder) for folder in found if not strange(folder)]
    if given or paths:
        variables["WINEPATH"] = ";".join(dict.fromkeys([*given, *paths]))
    return found


class TooLate(Exception):
    """The time limit passed before the program started."""


def _too_late(*_: object) -> None:
    raise TooLate


def main(words: list[str], supervisor: Connection) -> int:
    """Run the program of the command line under that supervisor. Return the exit status."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
    wanted = options(words)
    if wanted.timeout is None:
        wanted.timeout = float("inf") if os.isatty(0) else LIMIT
    dropped = sorted(name for name in os.environ
                     if name.startswith("WINE") and name not in (*PASSED, "WINE"))
    if dropped:
        say(wanted.program, f"ignored from your environment: {', '.join(dropped)}; --env sets a "
            "variable")
    converter = convert_lines(1) if wanted.lf else 0
    result = attempt(wanted, supervisor)
    if converter:
        detach(1)
        os.waitpid(converter, 0)
    for line in result.lines:
        say(wanted.program, line)
    return result.status


def attempt(wanted: argparse.Namespace, supervisor: Connection) -> Result:
    """Run the program that the options name. Return the result, also if it cannot run."""
    signal.signal(signal.SIGALRM, _too_late)
    if wanted.timeout < float("inf"):
        signal.setitimer(signal.ITIMER_REAL, wanted.timeout)
    try:
        words, path, image = dlls.look_up(wanted.program, wanted.wine)
        variables = {**{name: os.environ[name] for name in PASSED if name in os.environ},
                     **dict(wanted.env)}
        shown = [*find_folders(image, variables)] if image else []
        shown += beside(path) if path else []
        shown += [os.path.abspath(path) for path in wanted.show]
        signal.setitimer(signal.ITIMER_REAL, 0)
        if image and image.arch == "i686":
            # Here, as few programs are 32-bit ones.
            from harness.driver.wine import installation, machine
            lacks = machine.lacking(installation.find_wine(wanted.wine))
            if lacks:
                return Result(NOT_STARTED, [f"it is a 32-bit program, and {lacks}"])
        kind = {name: getattr(wanted, name)
                for name in ("wine", "display", "prefix", "keep", "sandbox")}
        kind["shown"] = tuple(shown) if wanted.sandbox != "none" else ()
        place = Place(supervisor, kind, wanted.share, wanted.linger)
        command = [place.wine[0], *words, *wanted.arguments]
        result = Run(place, command, variables, wanted).result()
    except TooLate:
        return Result(TIMED_OUT, [f"its file was not read in {wanted.timeout:g} s"])
    except FileNotFoundError:
        return Result(NOT_FOUND, ["there is no such file"])
    except (OSError, dlls.NoProgram) as problem:
        return Result(NOT_STARTED, [getattr(problem, "strerror", None) or str(problem)])
    except HarnessError as problem:
        return Result(NO_HARNESS, [str(problem)])
    if place.unsafe:
        result.lines.insert(0, f"it ran without a sandbox ({place.unsafe}): it could read and "
                            "write what you can, and use the network")
    if wanted.keep:
        result.lines.append(f"kept: {place.folder}")
    return result
