"""How 32-bit programs come to run here, and what a run says where they do not."""
from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import pytest

from harness.driver.paths import BUILD, ROOT as CHECKOUT
from harness.driver.wine import machine
from harness.driver.wine.dlls32 import DLLS
from harness.driver.wine.machine import lacks_32bit
from harness.selftests.inner_runs import PYTEST, InnerRuns

SCRIPT = CHECKOUT / "harness" / "setup" / "wine32.sh"
LIBRARY = Path("/usr/lib/wine")
#: What belongs to the system and to nobody else.
SYSTEM = [Path(path) for path in ("/etc/apt", "/var/lib/apt", "/var/cache/apt", "/var/lib/dpkg")]

pytestmark = pytest.mark.products
fetched = pytest.mark.skipif(
    not (LIBRARY / "wine64").is_file() or (LIBRARY / "wine").is_file() or "WINE" in os.environ,
    reason="only for Debian's 64-bit Wine without wine32, if no other Wine is named")


def system() -> Dict[str, Tuple[int, int]]:
    """Every file of the system's package management that can be seen, with its time and size."""
    found = {}
    for top in SYSTEM:
        for folder, _, names in os.walk(top):
            for path in (os.path.join(folder, name) for name in [".", *names]):
                status = os.lstat(path)
                found[path] = status.st_mtime_ns, status.st_size
    return found


def installed() -> str:
    """The version of the Wine that is installed."""
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libwine:amd64"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout


def fetch(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the script with these arguments."""
    return subprocess.run(["sh", str(SCRIPT), *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                          env={**os.environ, **environment})


@pytest.mark.parametrize("content, said", [
    (machine.SMALLEST[:8], "this kernel runs no 32-bit programs"),
    (b"#!/bin/false\n", "this kernel ends 32-bit programs at their first call"),
    (b"#!/bin/true\n", None),
    (b"#!/nowhere\n", None)])
def test_what_the_kernel_does_with_a_program_is_told(
        content: bytes, said: Optional[str], tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what cannot mean anything else counts: it is no program to it, or it was killed."""
    monkeypatch.setattr(machine, "SMALLEST", content)
    assert lacks_32bit(tmp_path) == said


@fetched
def test_offline_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    """One line, an exit code of its own, and everything as it was, the system's too."""
    nowhere = tmp_path / "apt.conf"
    nowhere.write_text('Acquire::Retries::Delay "false";\n' + "".join(
        f'Acquire::{kind}::Proxy "http://127.0.0.1:9";\n' for kind in ("http", "https")))
    before = system()
    done = fetch(tmp_path / "made" / "dlls", APT_CONFIG=str(nowhere))
    assert (done.returncode, done.stdout.count("\n")) == (4, 1), done.stdout
    assert "it is unavailable (" in done.stdout
    assert list((tmp_path / "made").iterdir()) == [] and system() == before


@fetched
def test_a_mirror_that_is_being_renewed_is_told(tmp_path: Path) -> None:
    """Lists that do not fit their signature mean: later, or elsewhere."""
    (tmp_path / "apt-get").write_text(
        "#!/bin/sh\ncase $* in *download*) echo 'E: Failed to fetch x  File has unexpected size"
        " (9 != 10). Mirror sync in progress?'; exit 100 ;; esac\n")
    (tmp_path / "apt-get").chmod(0o755)
    done = fetch(tmp_path / "dlls", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout.count("\n")) == (4, 1), done.stdout
    assert "mirror is being updated" in done.stdout and "make wine32 later" in done.stdout


@fetched
def test_when_nothing_is_to_be_fetched(tmp_path: Path) -> None:
    """What is whole is left alone, without a word; a wrong call is told. (WINEDLLPATH, for one, is
    a list with colons in between.)"""
    (tmp_path / "version").write_text(installed() + "\n")
    done = fetch(tmp_path, APT_CONFIG="/dev/null")
    assert (done.returncode, done.stdout) == (0, "")
    for wrong in ("", f"{tmp_path}/a:b"):
        done = fetch(wrong)
        assert (done.returncode, done.stdout.count("\n")) == (2, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["version"]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout of the same with everything built, but without the DLLs."""
    shutil.copytree(CHECKOUT / "harness", tmp_path / "harness",
                    ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    for folder in ("x86_64", "i686", "x86_64-ansi", "i686-ansi"):
        shutil.copytree(BUILD / folder, tmp_path / "build" / folder, copy_function=os.symlink)
    return tmp_path


FOREIGN = ["--charset", "ansi", "--first-process", "build/i686-ansi/first_process.exe"]
NONE = "neither wine32 nor the DLLs of libwine:i386 are there; \"make wine32\" fetches them"


@pytest.mark.slow
@fetched
@pytest.mark.parametrize("version, options, code, said", [
    pytest.param(None, [], 0, f"32-bit was not run: {NONE}", id="without"),
    pytest.param("0.9", [], 0, "32-bit was not run: the DLLs of libwine:i386 do not belong to wine",
                 id="of-another-version"),
    pytest.param("installed", [], 0, "32-bit was not run: an i686 program with a message box does",
                 id="incomplete"),
    pytest.param(None, ["--require-32bit"], 2, f"32-bit programs cannot be run: {NONE}",
                 id="required"),
    pytest.param(None, FOREIGN, 2, f"32-bit programs cannot be run: {NONE}", id="foreign")])
def test_without_the_dlls(inner: InnerRuns, bare: Path, version: Optional[str], options: List[str],
                          code: int, said: str) -> None:
    """All 32-bit tests are skipped in one line with the reason; an error where they must run.
    Where the kernel could not run them anyway, that is the reason."""
    kernel = lacks_32bit(inner.tmp)
    (inner.tmp / "smallest").unlink()
    if kernel:
        said = f"{said.partition(': ')[0]}: {kernel}"
    if version:
        (bare / "build" / DLLS.name).mkdir()
        (bare / "build" / DLLS.name / "version").write_text(
            installed() if version == "installed" else version)
    done = inner.run([*PYTEST, "harness/claims/test_writers_run.py", "-k", "i686-ansi", *options],
                     checkout=bare)
    assert done.code == code, done.text
    lines = [line for line in done.text.splitlines() if "32-bit" in line and "SKIPPED" in line]
    assert said in (lines[0] if code == 0 else done.text) and len(lines) == (code == 0), done.text
