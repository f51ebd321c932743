"""Hostile surroundings: the harness works in them, or says in one line what is wrong and what
helps, and leaves nothing behind."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import pytest

from harness.driver.paths import ROOT as CHECKOUT
from harness.driver.wine.installation import find_wine
from harness.selftests.trial import DEMO, Outcome, PYTEST, Place, ROUND_TRIP

pytestmark = [pytest.mark.products, pytest.mark.time_limit(60)]
ROOT = os.geteuid() == 0
#: An ordinary user without a home, a name and anything of his own.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
SHOW = [sys.executable, "-m", "harness.lessons.show", "reader-alone"]


def unshared(*options: str) -> Tuple[str, ...]:
    """What runs a command in namespaces of its own, or a skip where that is not permitted."""
    command = ("unshare", *options) if ROOT else ("unshare", "--map-root-user", *options)
    if subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True).returncode:
        pytest.skip(f"{' '.join(command)} is not permitted here")
    return command


def mounted(options: str, folder: Path) -> Tuple[str, ...]:
    """What runs a command with a tmpfs of its own over that folder."""
    return (*unshared("--mount"), "sh", "-c",
            f'mount -t tmpfs {options} none "{folder}" && exec "$@"', "sh")


def assert_shown(seen: Outcome) -> None:
    """The round trip or the demonstration went well."""
    assert seen.code == 0, seen.text
    assert "1 passed" in seen.text or "The reader showed what the writer wrote" in seen.text


def assert_refused(seen: Outcome, *said: str) -> None:
    """It ended with an error, and a single line says all of these."""
    assert seen.code not in (0, None), seen.text
    assert "Traceback" not in seen.text and "INTERNALERROR" not in seen.text, seen.text
    assert any(all(part in line for part in said) for line in seen.text.splitlines()), seen.text


def only_with(place: Place, *programs: str) -> Dict[str, str]:
    """An environment in which only these programs are on PATH."""
    folder = place.folder / "bin"
    folder.mkdir()
    for program in programs:
        (folder / program).symlink_to(str(shutil.which(program)))
    return {"PATH": str(folder)}


def instead(place: Place, **programs: str) -> Dict[str, str]:
    """An environment in which these programs are shell scripts of that text."""
    folder = place.folder / "bin"
    folder.mkdir()
    for name, text in programs.items():
        (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name.replace("_", "-")).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def fake_wine(place: Place, server: str) -> List[str]:
    """Options for a Wine that says its name and runs nothing, with that server or a real one."""
    folder = place.folder / "wine"
    folder.mkdir()
    (folder / "wine64").write_text('#!/bin/sh\n[ "$1" = --version ] && echo wine-8.0\n')
    (folder / "wine64").chmod(0o755)
    shutil.copy(server or find_wine().server, folder / "wineserver64")
    return ["--wine", str(folder)]


# What makes it impossible ---------------------------------------------------------------------

@pytest.mark.parametrize("options, said", [
    (["--wine", "/nowhere"], ("--wine /nowhere", "there is no such file")),
    (["--wine", "/etc"], ("--wine /etc", "no Wine with its server")),
    (["--wine", "/bin/true"], ("--wine /bin/true", "no Wine with its server")),
    (["--deadline", "0"], ("--deadline", "more than 0")),
    (["--first-process", "/nowhere.exe", "--charset", "ansi"], ("/nowhere.exe", "name an .exe")),
], ids=str)
def test_options_without_sense(place: Place, options: List[str], said: Tuple[str, ...]) -> None:
    """What is wrong is named."""
    assert_refused(place.run(ROUND_TRIP + options), *said)


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_no_wine(place: Place, command: List[str]) -> None:
    """Neither on PATH nor where Debian has it."""
    if str(find_wine().loader.parent) in os.environ["PATH"].split(":"):
        pytest.skip("its Wine cannot be hidden: it is among the system's programs")
    around = mounted("-o ro", find_wine().loader.parent)
    without = only_with(place, "unshare", "sh", "mount")
    assert_refused(place.run(command, around=around, environment=without),
                   "no Wine was found", "install it")


@pytest.mark.parametrize("workers, server, said", [
    (0, "/bin/false", "the Wine server ended at once"),
    (2, "/bin/false", "the Wine server ended at once"),
    (0, "", "the agent ended at: whoami")])
def test_a_wine_that_runs_nothing(place: Place, workers: int, server: str, said: str) -> None:
    """The first test says so with both reasons, and no other test is tried."""
    parallel = ["-n", str(workers)] * bool(workers)
    seen = place.run(PYTEST + ["harness/claims/test_round_trip.py", *fake_wine(place, server),
                               *parallel])
    assert_refused(seen, "cannot run programs", f"minimal prefix: {said}", "full prefix: ",
                   "--wine")
    # A worker is told to stop by the other process, which takes a few of these tests.
    assert len(re.findall("^ERROR harness", seen.text, re.MULTILINE)) <= max(1, 8 * workers)
    assert "passed" not in seen.text


def test_no_compiler(place: Place) -> None:
    """Where nothing can be installed, the package is named."""
    ordinary = instead(place, id="echo 1000", sudo="exit 1")
    assert_refused(place.run(["make", "test"], environment={"CC": "nowhere-gcc", **ordinary}),
                   "missing", "gcc-mingw-w64-x86-64")


def test_no_pytest_and_no_network(place: Place) -> None:
    """Where the installation fails, its error and what to install are said."""
    environment = instead(place, apt_get="echo 'E: Unable to fetch' >&2; exit 100", id="echo 0",
                          python='exec /usr/bin/python3 -S "$@"')
    seen = place.run(["make", "test", "PYTHON=python"], environment=environment)
    assert_refused(seen, "could not install", "python3-pytest", "install them yourself")
    assert "E: Unable to fetch" in seen.text


SETUP = ["sh", "harness/setup/setup.sh", "install"]


@pytest.mark.parametrize("tool, names", [
    ("dnf", "dnf install mingw32-gcc python3-pefile python3-pillow"),
    ("pacman", "pacman -S mingw-w64-gcc python-pefile python-pillow"),
    ("zypper", "zypper install mingw32-cross-gcc python3-Pillow python3-PyVirtualDisplay")])
def test_no_apt(place: Place, tool: str, names: str) -> None:
    """Other distributions' names are told, for what is missing alone."""
    only = only_with(place, "sh", "id", "uname", "awk", "sort", "tr", "dirname", "ls", "setpriv",
                     "Xvfb", "x86_64-w64-mingw32-gcc")
    for name, text in (("python", 'exec /usr/bin/python3 -S "$@"'), (tool, "exit 1")):
        (place.folder / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (place.folder / "bin" / name).chmod(0o755)
    seen = place.run([*SETUP, "build", "python", "desktop"],
                     environment={"PYTHON": "python", **only})
    for name in names.split():
        assert_refused(seen, "setup: ", name)
    assert "mingw64" not in seen.text


@pytest.mark.parametrize("system, machine, said", [
    ("Linux", "aarch64", "aarch64"), ("Darwin", "arm64", "Darwin"), ("Darwin", "x86_64", "Darwin")])
def test_another_machine(place: Place, system: str, machine: str, said: str) -> None:
    """One on which no Wine runs x86 programs is told what would."""
    uname = instead(place, uname=f'[ "$1" = -m ] && echo {machine} || echo {system}')
    assert_refused(place.run([*SETUP, "wine"], environment=uname), said, "linux/amd64")


# What must not matter -------------------------------------------------------------------------

def test_no_network_but_everything_there(place: Place) -> None:
    """Nothing is asked of a network where nothing is missing."""
    everything = "build wine python test desktop report"
    script = f"sh harness/setup/setup.sh install {everything}; make demo"
    seen = place.run(["sh", "-e", "-c", script], around=unshared("--net"),
                     environment={"PYTHON": sys.executable})
    assert_shown(seen)
    assert "setup:" not in seen.text, seen.text


def test_at_a_desktop(place: Place) -> None:
    """A person who is logged in has a folder for what runs; Debian's server listens there, and
    nothing stays in it."""
    around = (*unshared("--mount"), "sh", "-c", 'mount -t tmpfs none /run && '
              'mkdir -p -m 700 "/run/user/$(id -u)" && "$@" && find /run -mindepth 3', "sh")
    seen = place.run(DEMO, around=around)
    assert_shown(seen)
    assert "/run" not in seen.text, seen.text


ANYTHING = {
    "WINEPREFIX": "/nowhere", "WINEDEBUG": "+all", "WINEDLLOVERRIDES": "*=d", "WINEARCH": "win32",
    "WINESERVER": "/bin/false", "WINELOADER": "/bin/false", "WINEDLLPATH": "/nowhere",
    "WINEBOOTSTRAPMODE": "1", "DISPLAY": ":77", "XAUTHORITY": "/nowhere", "LANG": "xx_YY.KOI8-R",
    "LC_ALL": "tr_TR", "HOME": "/proc/1", "XDG_RUNTIME_DIR": "/nowhere", "USER": "\N{SNOWMAN}",
    "PYTHONIOENCODING": "ascii", "PYTHONHASHSEED": "1", "COLUMNS": "1", "TERM": "nonsense",
    "PYTHONUTF8": "0", "CDPATH": "/", "ENV": "/nowhere", "IFS": "/"}


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_variables_set_to_anything(place: Place, command: List[str]) -> None:
    """Only PATH and TMPDIR count."""
    assert_shown(place.run(command, environment=ANYTHING))


def test_make_sets_python_straight(place: Place) -> None:
    """A PYTHONHOME that is wrong would stop every Python."""
    assert_shown(place.run(["make", "demo"], environment={"PYTHONHOME": "/nowhere"}))


def test_demo_at_a_display_that_does_not_answer(place: Place) -> None:
    """It says so and goes on without, as it does where there is none."""
    seen = place.run(DEMO, environment={"DISPLAY": ":77"})
    assert_shown(seen)
    assert "The display :77 does not answer" in seen.text


@pytest.mark.parametrize("name", ["a b Пример 例 ü'$HOME", "x" * 100])
def test_temporary_directories_of_any_name(place: Place, name: str) -> None:
    """Spaces, letters of all kinds, and a long path."""
    folder = place.folder / name
    folder.mkdir()
    assert_shown(place.run(DEMO, environment={"TMPDIR": str(folder)}))


@pytest.mark.parametrize("name, said", [('quo"te', '(" in it)'), ("x" * 200, "(too long)")])
def test_temporary_directories_that_windows_cannot_name(place: Place, name: str,
                                                        said: str) -> None:
    """What Windows programs could not open is refused beforehand."""
    folder = place.folder / name
    folder.mkdir()
    assert_refused(place.run(DEMO, environment={"TMPDIR": str(folder)}), said, "set TMPDIR to")


def missing(place: Place) -> Tuple[str, ...]:
    """No such folder."""
    place.environment["TMPDIR"] = str(place.folder / "nowhere")
    return ()


def is_a_file(place: Place) -> Tuple[str, ...]:
    """Not a folder."""
    place.environment["TMPDIR"] = str(place.folder / "file")
    (place.folder / "file").write_text("")
    return ()


def read_only(place: Place) -> Tuple[str, ...]:
    """Not to be written to, even for root."""
    return mounted("-o ro", place.tmp)


def full(place: Place) -> Tuple[str, ...]:
    """Room for a folder, and for nothing in it."""
    return mounted("-o nr_inodes=4", place.tmp)


def nearly_full(place: Place) -> Tuple[str, ...]:
    """Room for the prefix, but not for what the server writes."""
    return mounted("-o nr_inodes=7", place.tmp)


@pytest.mark.parametrize("command, wrong", [
    (DEMO, missing), (DEMO, is_a_file), (DEMO, read_only), (DEMO, full), (DEMO, nearly_full),
    (ROUND_TRIP, read_only), (ROUND_TRIP, full)])
def test_temporary_directories_that_cannot_be_used(
        place: Place, command: List[str], wrong: Callable[[Place], Tuple[str, ...]]) -> None:
    """One line names the folder and what helps."""
    around = wrong(place)
    assert_refused(place.run(command, around=around), "set TMPDIR to")


@pytest.fixture
def checkout(place: Place) -> Path:
    """A copy of this checkout that any user may read, as not everybody's is, and whose path has
    spaces and non-ASCII letters; and a temporary directory that any user may write to."""
    folder = place.folder / "Моя копия ü" / "a b"
    shutil.copytree(CHECKOUT, folder, ignore=shutil.ignore_patterns(".git", "*cache", "wine32"))
    place.folder.chmod(0o755)
    place.tmp.chmod(0o1777)
    return folder


def test_an_ordinary_user_in_a_strange_checkout(place: Place, checkout: Path) -> None:
    """The checkout and HOME are somebody else's."""
    assert_shown(place.run(ROUND_TRIP, checkout=checkout, around=NOBODY if ROOT else (),
                           environment={"HOME": "/root"}))


def closed(place: Place) -> Tuple[str, ...]:
    """Standard input closed."""
    return ("sh", "-c", 'exec "$@" <&-', "sh")


def umask(place: Place) -> Tuple[str, ...]:
    """New files are for their owner only."""
    return ("sh", "-c", 'umask 077; exec "$@"', "sh")


def few_files(place: Place) -> Tuple[str, ...]:
    """A process may at first open as few files as the oldest systems let it."""
    return ("sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh")


@pytest.mark.parametrize("around", [closed, umask, few_files])
def test_unusual_processes(place: Place, around: Callable[[Place], Tuple[str, ...]]) -> None:
    """What a process inherits besides its environment."""
    assert_shown(place.run(DEMO, around=around(place)))


def test_a_low_limit_of_files(place: Place) -> None:
    """A limit that cannot be raised is named."""
    seen = place.run(DEMO, around=("sh", "-c", 'ulimit -n 64; exec "$@"', "sh"))
    assert_refused(seen, "at least 256 files", "ulimit -n")


@pytest.mark.skipif(not ROOT, reason="only root can become a user without processes")
def test_a_low_limit_of_processes(place: Place, checkout: Path) -> None:
    """A user with hardly any process left is told so."""
    around = ("prlimit", "--nproc=3", "setpriv", "--reuid=54321", "--regid=54321",
              "--clear-groups")
    assert_refused(place.run(DEMO, checkout=checkout, around=around), "demo: ", "process", "limit")


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO, SHOW], ids=["pytest", "demo", "show"])
def test_nobody_reads_its_output(place: Place, command: List[str]) -> None:
    """Standard output is a pipe whose reader has gone: an end without a hang, and without a word
    from what was there to be read."""
    reader, writer = os.pipe()
    os.close(reader)
    errors = place.folder / "errors"
    with open(errors, "wb") as file:
        run = place.start(command, stdout=writer, stderr=file)
        os.close(writer)
        assert run.wait(20) != 0
    assert command == ROUND_TRIP or errors.read_text() == ""


UNPRIVILEGED = PYTEST + ["-p", "harness.selftests.trials.unprivileged"]


def test_a_run_without_the_privilege_skips_and_says_why(place: Place) -> None:
    """As on Windows in a terminal that is not elevated: no test fails, and each says what to do."""
    seen = place.run(UNPRIVILEGED + ["harness/claims/test_round_trip.py", "-k", "x86_64-ansi"])
    assert seen.code == 0 and " passed" not in seen.text, seen.text
    assert "needs SeCreateGlobalPrivilege" in seen.text, seen.text


@pytest.mark.parametrize("command", ["harness.lessons.demo", "harness.interleavings"])
def test_a_command_without_the_privilege_says_so(place: Place, command: str) -> None:
    """Instead of waiting for an object that cannot come."""
    seen = place.run([sys.executable, "-c", "import runpy, harness.selftests.trials.unprivileged; "
                      f"runpy.run_module({command!r}, run_name='__main__')"])
    assert_refused(seen, "creating Global\\MyFileMappingObject needs", "administrator")


def test_a_pair_is_not_blamed_for_a_run_without_the_privilege(place: Place) -> None:
    """There is no verdict, and the reason is said once."""
    program = CHECKOUT / "build" / "x86_64-ansi" / "first_process.exe"
    seen = place.run(UNPRIVILEGED + ["harness", "--first-process", str(program)])
    assert seen.code == 3, seen.text
    assert_refused(seen, "no verdict: creating Global\\MyFileMappingObject needs", "administrator")
