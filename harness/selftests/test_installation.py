"""A Wine is found however a distribution lays it out. The layouts are made of folders, links and
scripts around the programs of the Wine that is installed, and one of them is run."""
from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Callable

import pytest

from harness.driver.errors import HarnessError
from harness.driver.wine import installation
from harness.driver.wine.installation import find_wine
from harness.judge.plugin import use_inside
from harness.selftests.trial import ROUND_TRIP, Place

pytestmark = pytest.mark.products


def script(file: Path, text: str) -> Path:
    """An executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh -e\n{text}\n")
    file.chmod(0o755)
    return file


def copied(folder: Path, loader: str, server: str) -> Path:
    """A folder with the two programs under these names; the DLLs lie where they look for them."""
    folder.mkdir(parents=True)
    wine = find_wine()
    library = wine.library("")
    assert library
    shutil.copy(wine.loader, folder / loader)
    shutil.copy(wine.server, folder / server)
    (folder.parent / "x86_64-linux-gnu").mkdir()
    (folder.parent / "x86_64-linux-gnu" / "wine").symlink_to(library)
    for kind in library.iterdir():
        if kind.is_dir():
            (folder / kind.name).symlink_to(kind)
    for up in list(folder.parents)[1:3]:
        if not (up / "share").exists():
            (up / "share").symlink_to("/usr/share")
    return folder


def debian(top: Path) -> Path:
    """Up to Debian 13: scripts on PATH and beside the programs, which are elsewhere."""
    library = copied(top / "usr/lib/wine", "wine64", "wineserver64")
    script(library / "wineserver", f'exec "{library}/wineserver64" -p0 "$@"')
    return script(top / "usr/bin/wine", f"echo 'it looks like wine32 is missing' >&2\n"
                  f'exec "{library}/wine64" "$@"')


def debian_since_2026(top: Path) -> Path:
    """One loader for both architectures, among its DLLs, and an alternative called wine64."""
    library = copied(top / "usr/lib/x86_64-linux-gnu/wine", "wine", "wineserver")
    wrapper = script(top / "usr/bin/wine64-stable", f'exec "{library}/wine" "$@"')
    wrapper.with_name("wine64").symlink_to(wrapper)
    return wrapper.with_name("wine64")


def winehq(top: Path) -> Path:
    """/opt/wine-staging/bin with links to it; `wine` is the 32-bit loader."""
    programs = copied(top / "opt/wine-staging/bin", "wine64", "wineserver")
    script(programs / "wine", "echo wine-8.0")
    (top / "usr/bin").mkdir(parents=True)
    (top / "usr/bin/wine").symlink_to(programs / "wine")
    return top / "usr/bin/wine"


def others(top: Path) -> Path:
    """Fedora, Arch: both programs among all others."""
    return copied(top / "usr/bin", "wine", "wineserver") / "wine"


LAYOUTS = [debian, debian_since_2026, winehq, others]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(layout: Callable[[Path], Path], tmp_path: Path,
                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Both programs are found from PATH, from the command, and from the folder of the programs."""
    command = layout(tmp_path)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    wine = find_wine()
    assert tmp_path in wine.loader.parents and wine.loader.name in ("wine64", "wine")
    assert wine.server.parent == wine.loader.parent
    assert wine.version.startswith("wine-")
    assert wine == find_wine(str(command)) == find_wine(str(wine.loader.parent))


def test_a_folder_that_is_not_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that put nothing there are looked for."""
    programs = winehq(tmp_path).resolve().parent
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(installation, "PLACES", (f"{tmp_path}/opt/nowhere",))
    with pytest.raises(HarnessError, match="no Wine was found"):
        find_wine()
    monkeypatch.setattr(installation, "PLACES", (f"{tmp_path}/opt/wine-*/bin",))
    assert find_wine()[:2] == (programs / "wine64", programs / "wineserver")


@pytest.mark.parametrize("version, refused", [("wine-4.0.2 (Debian 4.0-2)", True),
                                              ("wine-11.0-rc2", False)])
def test_a_wine_of_another_age(version: str, refused: bool, tmp_path: Path) -> None:
    """One that is too old is refused with what would do."""
    folder = copied(tmp_path / "usr/bin", "real", "wineserver")
    script(folder / "wine", f"echo '{version}'")
    if refused:
        with pytest.raises(HarnessError, match="wine-4.0.2.* is too old; .*8.0"):
            find_wine(str(folder))
    else:
        assert find_wine(str(folder)).version == version


@pytest.mark.slow
@pytest.mark.parametrize("layout", [debian_since_2026, winehq])
def test_a_run_in_it(layout: Callable[[Path], Path], place: Place) -> None:
    """A round trip works with what was found, and the header names it."""
    seen = place.run(ROUND_TRIP + ["--wine", str(layout(place.folder / "root"))])
    assert seen.code == 0 and "1 passed" in seen.text, seen.text


@pytest.mark.slow
def test_a_server_that_tmpdir_ends(place: Place) -> None:
    """It is tried again without, as Debian's of Wine 10 wants it, and the run goes on with it."""
    command = debian(place.folder / "root")
    folder = place.folder / "root" / "usr/lib/wine"
    (folder / "wineserver64").rename(folder / "real")
    script(folder / "wineserver64", '[ "$1" != --version ] || { echo Wine 8.0; exit; }\n'
           f'[ -z "$TMPDIR" ] || exit 1\nexec "{folder}/real" "$@"')
    seen = place.run(ROUND_TRIP + ["--wine", str(command), "--prefix", "minimal"])
    assert seen.code == 0 and "1 passed" in seen.text, seen.text


def test_runs_inside_use_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests start finds the Wine of --wine, and not the one on PATH."""
    monkeypatch.setenv("PATH", os.environ["PATH"])
    command = debian_since_2026(tmp_path)
    use_inside(str(command))
    assert find_wine() == find_wine(str(command))
