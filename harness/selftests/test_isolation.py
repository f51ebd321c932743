"""Tests that a run changes nothing of the user's, and that concurrent runs are independent."""
from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from harness.driver.contract import NAME
from harness.driver.host import Host
from harness.driver.meeting import Scene
from harness.driver.pair import product_pair
from harness.driver.wine import folders
from harness.selftests.inner_runs import DEMO, PYTEST, InnerRuns, ROUND_TRIP

pytestmark = [pytest.mark.products, pytest.mark.slow]
#: One test for each of four workers.
SAMPLE = PYTEST + ["harness/claims/test_round_trip.py", "-k", "shows_what"]
#: The summary with and without 32-bit programs.
ALL = re.compile(r" (4 passed|2 passed, 2 skipped)\b")


def test_workers(inner: InnerRuns) -> None:
    """Parallel workers do not see each other's objects, even with more workers than processors."""
    seen = inner.run(SAMPLE + ["-n", "4"])
    assert seen.code == 0 and ALL.search(seen.text), seen.text


def test_two_runs_at_once(inner: InnerRuns) -> None:
    """Two runs can use the same temporary directory at once."""
    runs = [inner.start(SAMPLE) for _ in range(2)]
    for run in runs:
        text, _ = run.communicate(timeout=40)
        assert run.returncode == 0 and ALL.search(text), text


def test_beside_another_wine_session(inner: InnerRuns, host: Host) -> None:
    """Another session's object of the same name is neither seen nor changed."""
    scene = Scene(host, product_pair("x86_64", "unicode"))
    writer = scene.waiting_writer()
    mapping = host.open(NAME).map()
    mapping.write(b"mine")
    before = mapping.read(4096)
    for command in (ROUND_TRIP, DEMO):
        seen = inner.run(command)
        assert seen.code == 0, seen.text
    assert mapping.read(4096) == before
    writer.press()
    assert writer.wait().code == 0


def snapshot(folder: Path) -> Dict[str, Tuple[object, ...]]:
    """Return everything in a folder: type, permissions, owner, modification times, and content."""
    found: Dict[str, Tuple[object, ...]] = {}
    for path in [folder, *folder.rglob("*")]:
        now = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(now.st_mode) else b""
        found[str(path)] = (now.st_mode, now.st_uid, now.st_size, now.st_mtime_ns,
                            now.st_ctime_ns, content)
    return found


@pytest.mark.parametrize("command", [ROUND_TRIP, DEMO], ids=["pytest", "demo"])
def test_the_user_s_own_files(inner: InnerRuns, command: List[str]) -> None:
    """HOME, ~/.wine with its registry, and the XDG folders are unchanged."""
    environment = {"WINEPREFIX": str(inner.home / ".wine"), "USER": "somebody"}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
                 "XDG_STATE_HOME", "XDG_DESKTOP_DIR"):
        environment[name] = str(inner.home / name.lower())
        os.mkdir(environment[name])
    wine = inner.home / ".wine"
    (wine / "drive_c").mkdir(parents=True)
    for name in ("system.reg", "user.reg", "userdef.reg"):
        (wine / name).write_text("WINE REGISTRY Version 2\n")
    before = snapshot(inner.home)
    seen = inner.run(command, environment=environment)
    assert seen.code == 0, seen.text
    assert snapshot(inner.home) == before


def test_the_folder_of_a_server_goes_with_it() -> None:
    """The folder that Debian's server makes in /tmp without TMPDIR is removed."""
    folder, own = Path(folders.new_folder()), Path("/tmp", f"wine-{os.urandom(6).hex()}")
    (folder / "prefix").mkdir(parents=True)
    (folder / "prefix" / "wineserver").write_text(own.name)
    prefix = (folder / "prefix").stat()
    server = own / f"server-{prefix.st_dev:x}-{prefix.st_ino:x}"
    server.mkdir(parents=True)
    (server / "lock").touch()
    folders.remove(str(folder))
    assert not folder.exists() and not own.exists()
