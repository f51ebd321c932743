"""Tests the contents of the zip for users without a compiler, and that it works unpacked."""
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.driver.paths import ROOT
from harness.setup.dist import NAME, PATTERNS, pack

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
    copy = tmp_path / "elsewhere" / "of another name"
    for file in {path for pattern in PATTERNS for path in ROOT.glob(pattern) if path.is_file()}:
        target = copy / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        target.chmod(0o600)
        os.utime(target, (10**9, 10**9))
    pack(copy, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("x86_64-w64-mingw32-gcc"), reason="needs MinGW-w64's compiler")
def test_a_product_built_elsewhere_is_the_same(tmp_path: Path) -> None:
    """A program built in two folders has the same bytes; in one, the compiler is called gcc and
    little else is on PATH, as with MSYS2 or w64devkit."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("x86_64-w64-mingw32-gcc", "make", "sh", "mkdir", "cmp"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "gcc").symlink_to("x86_64-w64-mingw32-gcc")
    product = "build/x86_64-unicode/first_process.exe"
    built = []
    for folder, choice in ((tmp_path / "a", "CHARSETS=unicode"), (tmp_path / "b c", "CROSS=")):
        folder.mkdir()
        for name in ("Makefile", "first_process"):
            (folder / name).symlink_to(ROOT / name)
        done = subprocess.run([tools / "make", "-C", folder, "ARCHS=x86_64", choice, product],
                              env={"PATH": str(tools)}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        assert done.returncode == 0, done.stdout.decode(errors="replace")
        built.append((folder / product).read_bytes())
    assert built[0] == built[1]


@pytest.mark.slow
def test_the_harness_runs_from_the_unpacked_folder(archive: Path, tmp_path: Path,
                                                   pytestconfig: pytest.Config) -> None:
    """The harness runs with only the contents of the archive, and without 32-bit programs, as if
    only one compiler was installed."""
    folder = tmp_path / "Heruntergeladenes & 数"
    shutil.unpack_archive(str(archive), str(folder))
    for programs in (folder / NAME / "build").glob("i686*"):
        shutil.rmtree(programs)
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("PYTEST_", "PYTHON"))}
    options = [f"--{name}={value}" for name in ("wine", "prefix")
               for value in [pytestconfig.getoption(name)] if value]
    done = subprocess.run([sys.executable, "-m", "pytest", "harness/claims/test_round_trip.py",
                           "harness/claims/products/test_executables.py", *options],
                          cwd=folder / NAME, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said
    assert " passed" in said, said
