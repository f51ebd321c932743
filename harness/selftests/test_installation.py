"""Tests that Wine is found in every distribution's or build's layout, and runs programs there. The
layouts are made of folders, links and scripts around the installed Wine's programs."""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Callable

import pytest

from harness.driver.errors import HarnessError
from harness.driver.wine import installation
from harness.driver.wine.installation import ELF_32BIT, find_wine
from harness.selftests.inner_runs import ROUND_TRIP, InnerRuns, assert_shown, put


def copied(folder: Path, loader: str, server: str) -> Path:
    """Copy the two programs to the folder under these names, with the DLLs where they look."""
    folder.mkdir(parents=True)
    wine = find_wine()
    if wine.tree:
        pytest.skip("the layouts are made of a Wine that is installed")
    library = Path(wine.files("x86_64-windows")["ntdll.dll"]).parents[1]
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
    """Up to Debian 13: scripts on PATH and next to the programs, which are elsewhere."""
    library = copied(top / "usr/lib/wine", "wine64", "wineserver64")
    put(library, {"wineserver": f'exec "{library}/wineserver64" -p0 "$@"'})
    return Path(put(top / "usr/bin", {"wine": "echo 'it looks like wine32 is missing' >&2\n"
                                      f'exec "{library}/wine64" "$@"'}), "wine")


def debian_since_2026(top: Path) -> Path:
    """One loader for both architectures, among its DLLs, and an alternative called wine64."""
    library = copied(top / "usr/lib/x86_64-linux-gnu/wine", "wine", "wineserver")
    folder = Path(put(top / "usr/bin", {"wine64-stable": f'exec "{library}/wine" "$@"'}))
    (folder / "wine64").symlink_to(folder / "wine64-stable")
    return folder / "wine64"


def winehq(top: Path) -> Path:
    """Links to /opt/wine-staging/bin; `wine` is the 32-bit loader."""
    programs = copied(top / "opt/wine-staging/bin", "wine64", "wineserver")
    put(programs, {"wine": "echo wine-8.0"})
    (top / "usr/bin").mkdir(parents=True)
    (top / "usr/bin/wine").symlink_to(programs / "wine")
    return top / "usr/bin/wine"


def others(top: Path) -> Path:
    """Fedora, Arch: both programs in the usual folder."""
    return copied(top / "usr/bin", "wine", "wineserver") / "wine"


def built(top: Path) -> Path:
    """A build, as Wine's own dlls/ntdll/unix/loader.c and tools/winewrapper expect it."""
    programs = copied(top / "installed", "wine64", "wineserver")
    tree = top / "build"
    for folder in ("loader", "server", "tools"):
        (tree / folder).mkdir(parents=True)
    (programs / "wine64").rename(tree / "loader" / "wine64")
    # Its name since Wine 10.2; otherwise the 32-bit loader's.
    shutil.copy(tree / "loader" / "wine64", tree / "loader" / "wine")
    (programs / "wineserver").rename(tree / "server" / "wineserver")
    for kind in ("x86_64-windows", "i386-windows"):
        for file in (programs / kind).iterdir():
            group = "programs" if file.suffix == ".exe" else "dlls"
            module = file.stem if file.suffix in (".exe", ".dll") else file.name
            (tree / group / module / kind).mkdir(parents=True, exist_ok=True)
            (tree / group / module / kind / file.name).symlink_to(file.resolve())
    for file in (programs / "x86_64-unix").iterdir():
        driver = tree / "dlls" / f"{file.stem}.drv"
        place = driver if driver.is_dir() else tree / "dlls" / file.stem
        place.mkdir(exist_ok=True)
        (place / file.name).symlink_to(file.resolve())
    unix = tree / "dlls" / "ntdll" / "ntdll.so"
    real = unix.resolve()
    unix.unlink()
    shutil.copy(real, unix)  # It finds the others relative to its real path.
    (tree / "nls").symlink_to("/usr/share/wine/nls")
    (tree / "loader" / "wine.inf").symlink_to("/usr/share/wine/wine.inf")
    put(tree / "tools", {"winewrapper": 'exec "$(dirname "$0")/loader/$(basename "$0")" "$@"'})
    (tree / "wine64").symlink_to("tools/winewrapper")
    return tree / "wine64"


@pytest.mark.parametrize("layout", [debian, debian_since_2026, winehq, others, built])
def test_a_layout(layout: Callable[[Path], Path], tmp_path: Path,
                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Both programs are found from PATH, command, their folder, the top folder, and WINE."""
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
    with pytest.raises(HarnessError, match="no Wine was found; install it"):
        find_wine()
    monkeypatch.setattr(installation, "PLACES", (f"{tmp_path}/opt/wine-*/bin",))
    assert find_wine()[:2] == (programs / "wine64", programs / "wineserver")


def test_a_wine_that_is_too_old(tmp_path: Path) -> None:
    """It is refused, and the message names the required version."""
    folder = copied(tmp_path / "usr/bin", "real", "wineserver")
    put(folder, {"wine": "echo 'wine-4.0.2 (Debian 4.0-2)'"})
    with pytest.raises(HarnessError, match="wine-4.0.2.* is too old; .*8.0"):
        find_wine(str(folder))


@pytest.mark.parametrize("layout", [debian_since_2026, winehq, built])
def test_a_run_in_it(layout: Callable[[Path], Path], inner: InnerRuns) -> None:
    """A round trip works with the Wine that was found."""
    assert_shown(inner.run(ROUND_TRIP + ["--wine", str(layout(inner.folder / "root"))]))


def test_a_server_that_tmpdir_ends(inner: InnerRuns) -> None:
    """A server that fails with TMPDIR, as Debian's of Wine 10 does, is started without it."""
    command = debian(inner.folder / "root")
    folder = inner.folder / "root" / "usr/lib/wine"
    (folder / "wineserver64").rename(folder / "real")
    put(folder, {"wineserver64": '[ "$1" != --version ] || { echo Wine 8.0; exit; }\n'
                                 f'[ -z "$TMPDIR" ] || exit 1\nexec "{folder}/real" "$@"'})
    assert_shown(inner.run(ROUND_TRIP + ["--wine", str(command), "--prefix", "minimal"]))


@pytest.mark.parametrize("there, back, to", [
    pytest.param("loader-wow64", "loader-wow64", "loader", id="wine-10"),
    pytest.param("loader/wine64", "loader/wine", "", id="wine-8")])
def test_a_32_bit_build(there: str, back: str, to: str, tmp_path: Path) -> None:
    """A 64-bit build and the 32-bit one that links join to it are one, with a 32-bit loader."""
    whole = built(tmp_path).parent
    other = tmp_path / "build32"
    put(other / "server", {"wineserver": "exit 1"})
    (other / "loader").mkdir()
    (other / "loader" / "wine").write_bytes(ELF_32BIT)
    (whole / "loader" / "wine").unlink()
    wine = find_wine(str(whole))
    assert not wine.has_32bit_loader
    (other / there).symlink_to(whole / (to or there))
    (whole / back).symlink_to(other / (to or back))
    assert find_wine(str(other)) == wine and wine.has_32bit_loader
