"""Tests what make builds, and when; the contents of the zip for users without a compiler, and that
it works unpacked."""
from __future__ import annotations

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from harness.driver.paths import ROOT
from harness.selftests.inner_runs import PYTEST, InnerRuns
from harness.setup.dist import NAME, pack

pytestmark = pytest.mark.products

ARCHS, CHARSETS = ("x86_64", "i686"), ("ansi", "unicode")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the archive from the current build."""
    for arch in ARCHS:
        if not (ROOT / "build" / f"{arch}-traced" / "traced.exe").is_file():
            pytest.skip(f"the archive has both architectures, and this build has no {arch}")
    path = tmp_path_factory.mktemp("dist") / "archive.zip"
    pack(ROOT, path)
    return path


def test_it_holds_all_variants_and_their_sums(archive: Path) -> None:
    """The archive holds all programs, the harness and README.txt, and the sum of each file."""
    with zipfile.ZipFile(archive) as opened:
        files = {name[len(NAME) + 1:]: opened.read(name) for name in opened.namelist()}
        assert all(name.startswith(f"{NAME}/") for name in opened.namelist())
    wanted = {f"build/{arch}-{charset}/{program}_process.exe" for arch in ARCHS
              for charset in CHARSETS for program in ("first", "second")}
    wanted |= {f"build/{arch}/{name}" for arch in ARCHS for name in ("agent.exe", "tracer.dll")}
    wanted |= {f"build/{arch}-{folder}.exe" for arch in ARCHS for folder in (
        "robust/robust_writer", "robust/robust_reader", "traced/traced")}
    wanted |= {f"build/{name}.exe" for name in ("exercises/length_reader", "probe/probe")}
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


def make(folder: Path, *words: str, path: str = "/usr/local/bin:/usr/bin:/bin") -> bool:
    """Build a product in a folder that has only links to the sources. Return whether it was built,
    and not there already."""
    folder.mkdir(exist_ok=True)
    for name in ("Makefile", "first_process"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    done = subprocess.run([str(shutil.which("make")), "-C", folder, *words, PRODUCT], text=True,
                          env={"PATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    assert done.returncode == 0, done.stdout
    return f"-o {PRODUCT}" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("x86_64-w64-mingw32-gcc"), reason="needs MinGW-w64's compiler")
def test_a_product_is_built_once_and_everywhere_the_same(tmp_path: Path) -> None:
    """make rebuilds a program only if something changed: if it replaced one that a test is
    starting, CreateProcess would fail with 193. A program built in another folder has the same
    bytes, also if the compiler is called gcc and little else is on PATH, as with MSYS2."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("x86_64-w64-mingw32-gcc", "make", "sh", "mkdir", "cmp"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "gcc").symlink_to("x86_64-w64-mingw32-gcc")
    assert [make(tmp_path / "a", *words) for words in (
        (), (), ("CFLAGS=-O1",), ("CFLAGS=-O1",), ())] == [True, False, True, False, True]
    assert make(tmp_path / "b c", "CROSS=", "ARCHS=x86_64", path=str(tools))
    assert (tmp_path / "a" / PRODUCT).read_bytes() == (tmp_path / "b c" / PRODUCT).read_bytes()


@pytest.mark.slow
def test_the_harness_runs_from_the_unpacked_folder(inner: InnerRuns, archive: Path, tmp_path: Path,
                                                   pytestconfig: pytest.Config) -> None:
    """The harness runs with only the contents of the archive, and without 32-bit programs, as if
    only one compiler was installed."""
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
