"""A Wine is found however a distribution lays it out. The layouts are made of folders, links and
scripts around the programs of the Wine that is installed, and one of them is run."""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Callable

import pytest

from harness.driver.errors import HarnessError
from harness.driver.wine import installation
from harness.driver.wine.installation import find_wine
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


def built(top: Path) -> Path:
    """A build, as Wine's own dlls/ntdll/unix/loader.c and tools/winewrapper know it."""
    programs = copied(top / "installed", "wine64", "wineserver")
    tree = top / "build"
    for folder in ("loader", "server", "tools"):
        (tree / folder).mkdir(parents=True)
    (programs / "wine64").rename(tree / "loader" / "wine64")
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
    shutil.copy(real, unix)  # It finds the others from where it really is.
    (tree / "nls").symlink_to("/usr/share/wine/nls")
    (tree / "loader" / "wine.inf").symlink_to("/usr/share/wine/wine.inf")
    script(tree / "tools" / "winewrapper", 'folder=`dirname "$0"`\nname=`basename "$0"`\n'
           'exec "$folder/loader/$name" "$@"')
    (tree / "wine64").symlink_to("tools/winewrapper")
    return tree / "wine64"


LAYOUTS = [debian, debian_since_2026, winehq, others, built]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout(layout: Callable[[Path], Path], tmp_path: Path,
                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Both programs are found from PATH, from the command, from the folder of the programs, from
    the top folder, and from WINE."""
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
@pytest.mark.parametrize("layout", [debian_since_2026, winehq, built])
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
