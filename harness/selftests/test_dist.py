"""Tests what make builds, and when; the contents of the zip for users without a compiler, and that
it works unpacked; and that the harness runs on Windows."""
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.driver.paths import BUILD, ROOT
from harness.selftests.conftest import ON_WINDOWS
from harness.selftests.inner_runs import PYTEST, InnerRuns, put
from harness.setup.dist import NAME, pack


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the archive from the current build."""
    for arch in ("x86_64", "i686"):
        if not (BUILD / f"{arch}-traced" / "traced.exe").is_file():
            pytest.skip(f"the archive has both architectures, and this build has no {arch}")
    path = tmp_path_factory.mktemp("dist") / "archive.zip"
    pack(ROOT, path)
    return path


def test_it_holds_all_variants_and_their_sums(archive: Path) -> None:
    """The archive holds all programs, the harness and README.txt, and the sum of each file."""
    with zipfile.ZipFile(archive) as opened:
        files = {name[len(NAME) + 1:]: opened.read(name) for name in opened.namelist()}
        assert all(name.startswith(f"{NAME}/") for name in opened.namelist())
    wanted = {f"build/{file.parent.name}/{file.name}" for file in BUILD.glob("*/*")
              if file.suffix in (".exe", ".dll") and file.parent.name != "misbehaving"}
    wanted |= {"README.txt", "LICENSE", "docs/windows.md", "first_process/first_process.c",
               "second_process/second_process.c", "harness/conftest.py", "pyproject.toml"}
    assert wanted <= set(files)
    assert not [name for name in files if name.endswith(".pyc")]
    sums = files.pop("SHA256SUMS").decode().splitlines()
    assert sorted(sums) == sorted(f"{hashlib.sha256(data).hexdigest()}  {name}"
                                  for name, data in files.items())


def test_where_and_when_it_was_made_cannot_be_seen(archive: Path, tmp_path: Path) -> None:
    """The same files in another folder, with other dates and modes, give the same archive."""
    shutil.unpack_archive(str(archive), str(tmp_path))
    for file in (tmp_path / NAME).rglob("*.exe"):
        file.chmod(0o700)
    pack(tmp_path / NAME, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


PRODUCT = "build/x86_64-unicode/first_process.exe"


@pytest.mark.skipif(not shutil.which("x86_64-w64-mingw32-gcc"), reason="needs MinGW-w64's compiler")
def test_a_product_is_built_once_and_everywhere_the_same(inner: InnerRuns, tmp_path: Path) -> None:
    """make rebuilds a program only if something changed: if it replaced one that a test is
    starting, CreateProcess would fail with 193. A program built in another folder has the same
    bytes, also if the compiler is called gcc and little else is on PATH, as with MSYS2."""
    def make(folder: str, *words: str, path: str = os.defpath) -> bool:
        done = inner.run(["make", *words, PRODUCT], checkout=tmp_path / folder,
                         environment={"PATH": path})
        assert done.code == 0, done.text
        return f"-o {PRODUCT}" in done.text

    for folder in ("a", "b c"):
        (tmp_path / folder).mkdir()
        for name in ("Makefile", "first_process"):
            (tmp_path / folder / name).symlink_to(ROOT / name)
    tools = put(tmp_path / "tools", {}, "x86_64-w64-mingw32-gcc", "make", "sh", "mkdir", "cmp")
    Path(tools, "gcc").symlink_to("x86_64-w64-mingw32-gcc")
    assert [make("a", *words) for words in (
        (), (), ("CFLAGS=-O1",), ("CFLAGS=-O1",), ())] == [True, False, True, False, True]
    assert make("b c", "CROSS=", "ARCHS=x86_64", path=tools)
    assert (tmp_path / "a" / PRODUCT).read_bytes() == (tmp_path / "b c" / PRODUCT).read_bytes()


def test_the_harness_runs_from_the_unpacked_folder(inner: InnerRuns, archive: Path, tmp_path: Path,
                                                   pytestconfig: pytest.Config) -> None:
    """The harness runs with only the contents of the archive, also without 32-bit programs."""
    folder = tmp_path / "Heruntergeladenes & 数"
    shutil.unpack_archive(str(archive), str(folder))
    for programs in (folder / NAME / "build").glob("i686*"):
        shutil.rmtree(programs)
    options = [f"--{name}={value}" for name in ("wine", "prefix")
               for value in [pytestconfig.getoption(name)] if value]
    done = inner.run([*PYTEST, "harness/claims/test_round_trip.py",
                      "harness/claims/products/test_executables.py", *options], 120.0,
                     checkout=folder / NAME)
    assert done.code == 0 and " passed" in done.text, done.text


#: Modules that only Unix has, that a Windows run does not need, or that some Pythons there lack.
UNIX = """_curses crypt ctypes curses fcntl grp nis ossaudiodev posix pty pwd readline spwd resource
    syslog termios tty xdist pexpect ptyprocess pyvirtualdisplay jinja2 psutil PIL Xlib
    selenium""".split()
#: Imports modules as if on Windows; of the others, only what Python and pytest need is there.
IMPORTS = f"""
import importlib, pefile, pytest, shutil, subprocess, sys, tempfile
sys.platform = "win32"
shutil.which = lambda *words: None  # It asks Windows, from Python 3.12 on.
sys.modules.update(dict.fromkeys({UNIX}))
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except pytest.skip.Exception:
        pass
print(sum(name.startswith("harness") for name in sys.modules))
"""


def test_windows_imports_nothing_of_unix() -> None:
    """No claim, no self-test for Windows, and nothing that they import needs a Unix module."""
    files = [ROOT / "harness" / name for name in (
        "conftest.py", "driver/windows.py", "judge/plugin.py", "judge/fixtures.py",
        "lessons/demo.py", "selftests/conftest.py", *(f"selftests/{name}" for name in ON_WINDOWS))]
    files += (ROOT / "harness" / "claims").rglob("test_*.py")
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    done = subprocess.run([sys.executable, "-c", IMPORTS, *names], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0 and int(done.stdout) > 90, done.stderr
