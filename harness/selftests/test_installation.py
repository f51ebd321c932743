"""Tests that Wine is found in every distribution's or build's layout, and runs programs there."""
from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from harness.driver.errors import HarnessError
from harness.driver.wine import installation
from harness.driver.wine.installation import ELF_32BIT, find_wine
from harness.selftests.layouts import (LAYOUTS, built, copied, debian, debian_since_2026, script,
                                       winehq)
from harness.selftests.inner_runs import ROUND_TRIP, InnerRuns

pytestmark = pytest.mark.products


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(layout: Callable[[Path], Path], tmp_path: Path,
                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Both programs are found from PATH, the command, the programs' folder, the top folder, and
    WINE."""
    command = layout(tmp_path)
    monkeypatch.setenv("PATH", f"{command.parent}:/usr/bin:/bin")
    wine = find_wine()
    assert tmp_path in wine.loader.parents and wine.loader.name in ("wine64", "wine")
    assert tmp_path in wine.server.parents and wine.version.startswith("wine-")
    top = wine.tree or command.parents[1]
    for name in (command, wine.loader, wine.loader.parent, top):
        assert wine == find_wine(str(name)), name
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("WINE", str(top))
    assert wine == find_wine()
    assert {"ntdll.dll", "cmd.exe"} <= set(wine.files("x86_64-windows"))
    assert any((folder / "wine.inf").is_file() for folder in wine.folders())


def test_a_folder_that_is_not_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package's Wine is found although it is not on PATH."""
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
    """A Wine that is too old is refused, and the message names the required version."""
    folder = copied(tmp_path / "usr/bin", "real", "wineserver")
    script(folder / "wine", f"echo '{version}'")
    if refused:
        with pytest.raises(HarnessError, match="wine-4.0.2.* is too old; .*8.0"):
            find_wine(str(folder))
    else:
        assert find_wine(str(folder)).version == version


@pytest.mark.slow
@pytest.mark.parametrize("layout", [debian_since_2026, winehq, built])
def test_a_run_in_it(layout: Callable[[Path], Path], inner: InnerRuns) -> None:
    """A round trip works with the Wine that was found."""
    seen = inner.run(ROUND_TRIP + ["--wine", str(layout(inner.folder / "root"))])
    assert seen.code == 0 and "1 passed" in seen.text, seen.text


@pytest.mark.slow
def test_a_server_that_tmpdir_ends(inner: InnerRuns) -> None:
    """A server that fails with TMPDIR, as Debian's of Wine 10 does, is started without it."""
    command = debian(inner.folder / "root")
    folder = inner.folder / "root" / "usr/lib/wine"
    (folder / "wineserver64").rename(folder / "real")
    script(folder / "wineserver64", '[ "$1" != --version ] || { echo Wine 8.0; exit; }\n'
           f'[ -z "$TMPDIR" ] || exit 1\nexec "{folder}/real" "$@"')
    seen = inner.run(ROUND_TRIP + ["--wine", str(command), "--prefix", "minimal"])
    assert seen.code == 0 and "1 passed" in seen.text, seen.text


@pytest.mark.parametrize("there, back, to", [
    pytest.param("loader-wow64", "loader-wow64", "loader", id="wine-10"),
    pytest.param("loader/wine64", "loader/wine", "", id="wine-8")])
def test_a_32_bit_build(there: str, back: str, to: str, tmp_path: Path) -> None:
    """The 64-bit build, to which links join a 32-bit one in Wine 8 and 10, is used for either name,
    and then has a 32-bit loader."""
    whole = built(tmp_path).parent
    other = tmp_path / "build32"
    script(other / "server" / "wineserver", "exit 1")
    (other / "loader").mkdir()
    (other / "loader" / "wine").write_bytes(ELF_32BIT)
    (whole / "loader" / "wine").unlink()
    wine = find_wine(str(whole))
    assert not wine.has_32bit_loader
    (other / there).symlink_to(whole / (to or there))
    (whole / back).symlink_to(other / (to or back))
    assert find_wine(str(other)) == wine and wine.has_32bit_loader
