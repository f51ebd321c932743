"""Creates Wines in every layout from folders, links and scripts around the installed Wine's
programs."""

import shutil
from pathlib import Path

import pytest

from harness.driver.wine.installation import find_wine


def script(file: Path, text: str) -> Path:
    """Write an executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh -e\n{text}\n")
    file.chmod(0o755)
    return file


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
    """Links to /opt/wine-staging/bin; `wine` is the 32-bit loader."""
    programs = copied(top / "opt/wine-staging/bin", "wine64", "wineserver")
    script(programs / "wine", "echo wine-8.0")
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
    script(tree / "tools" / "winewrapper", 'folder=`dirname "$0"`\nname=`basename "$0"`\n'
           'exec "$folder/loader/$name" "$@"')
    (tree / "wine64").symlink_to("tools/winewrapper")
    return tree / "wine64"


LAYOUTS = [debian, debian_since_2026, winehq, others, built]
