"""How 32-bit programs come to run here, and what a run says where they do not."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from harness.driver.paths import ROOT
from harness.driver.wine import machine
from harness.driver.wine.dlls32 import DLLS
from harness.driver.wine.machine import lacks_32bit
from harness.selftests.inner_runs import PYTEST, InnerRuns

SCRIPT = ROOT / "harness" / "setup" / "wine32.sh"
LIBRARY = Path("/usr/lib/wine")
#: What belongs to the system and to nobody else.
SYSTEM = ("/etc/apt", "/var/lib/apt", "/var/cache/apt", "/var/lib/dpkg")

pytestmark = pytest.mark.products
fetched = pytest.mark.skipif(
    not (LIBRARY / "wine64").is_file() or (LIBRARY / "wine").is_file() or "WINE" in os.environ,
    reason="only for Debian's 64-bit Wine without wine32, if no other Wine is named")


def system() -> str:
    """Every file of the system's package management that can be seen, with its time and size."""
    return subprocess.run(["find", *SYSTEM, "-printf", "%p %T@ %s\\n"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def installed() -> str:
    """The version of the Wine that is installed."""
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libwine:amd64"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout


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


#: Every proxy refuses; and an apt-get that reports what a mirror gives while it is renewed.
NOWHERE = 'Acquire::Retries::Delay "false";\n' + "".join(
    f'Acquire::{kind}::Proxy "http://127.0.0.1:9";\n' for kind in ("http", "https"))
RENEWED = """#!/bin/sh
case $* in *download*)
    echo 'E: Failed to fetch x  File has unexpected size (9 != 10). Mirror sync in progress?'
    exit 100 ;;
esac
"""


@fetched
@pytest.mark.parametrize("target, files, code, said", [
    ("made/dlls", {"apt.conf": NOWHERE}, 4, "it is unavailable ("),
    ("made/dlls", {"apt-get": RENEWED}, 4, "packages do not match); try make wine32 later"),
    ("made", {"made/version": "installed"}, 0, ""),
    # WINEDLLPATH, for one, is a list with colons in between.
    ("made/a:b", {}, 2, ""), ("", {}, 2, "")])
def test_what_fetching_says(tmp_path: Path, target: str, files: Dict[str, str], code: int,
                            said: str) -> None:
    """One line and an exit code of its own, and everything is as before, the system too. DLLs that
    are there are left alone without a word."""
    (tmp_path / "made").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text.replace("installed", installed() + "\n"))
        (tmp_path / name).chmod(0o755)
    before, made = system(), list((tmp_path / "made").iterdir())
    done = subprocess.run(
        ["sh", str(SCRIPT), str(tmp_path / target) if target else ""], text=True, timeout=60,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}",
             **({"APT_CONFIG": str(tmp_path / "apt.conf")} if "apt.conf" in files else {})})
    assert (done.returncode, done.stdout.count("\n")) == (code, int(code != 0)), done.stdout
    assert said in done.stdout, done.stdout
    assert list((tmp_path / "made").iterdir()) == made and system() == before


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
def test_without_the_dlls(inner: InnerRuns, checkout: Path, version: Optional[str],
                          options: List[str], code: int, said: str) -> None:
    """All 32-bit tests are skipped in one line with the reason; an error where they must run.
    Where the kernel could not run them anyway, that is the reason."""
    kernel = lacks_32bit(inner.tmp)
    (inner.tmp / "smallest").unlink()
    if kernel:
        said = f"{said.partition(': ')[0]}: {kernel}"
    if version:
        (checkout / "build" / DLLS.name).mkdir()
        (checkout / "build" / DLLS.name / "version").write_text(
            installed() if version == "installed" else version)
    done = inner.run([*PYTEST, "harness/claims/test_writers_run.py", "-k", "i686-ansi", *options],
                     checkout=checkout)
    assert done.code == code, done.text
    lines = [line for line in done.text.splitlines() if "32-bit" in line and "SKIPPED" in line]
    assert said in (lines[0] if code == 0 else done.text) and len(lines) == (code == 0), done.text
