"""Reproduces a pitfall, one of the scenes of scenes/: `make show SCENE=NAME`."""
from __future__ import annotations

import sys
from contextlib import closing

from harness.driver.contract import NAME
from harness.driver.host import Settings
from harness.driver.hosts import open_host
from harness.lessons.command import exit_with
from harness.lessons.scenes import SCENES


def main() -> int:
    """Play the scene that the command line names, or list all scenes."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in SCENES:
        if name:
            print(f'show: there is no scene "{name}"', file=sys.stderr)
        print("make show SCENE=NAME, where NAME is one of")
        for known, play in SCENES.items():
            print(f"  {known:<20}{(play.__doc__ or '').splitlines()[0]}")
        return 2 if name else 0
    with closing(open_host(Settings(), NAME)) as host:
        for line in SCENES[name](host):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    exit_with("show", main)
