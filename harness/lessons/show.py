"""Reproduces a pitfall, one of the scenes of scenes/: `make show SCENE=NAME`."""
from __future__ import annotations

from typing import Callable, Dict

from harness.driver.host import Host
from harness.lessons.command import exit_with, play
from harness.lessons.scenes import objects, pairs, programs
from harness.lessons.scenes.common import Lines

SCENES: Dict[str, Callable[[Host], Lines]] = {
    scene.__name__.replace("_", "-"): scene for scene in (
        programs.all_calls, programs.before_and_after, programs.reader_alone,
        programs.writer_gone_first, programs.too_early, programs.two_writers,
        objects.old_text, objects.past_256, objects.mixed_charsets, objects.length_prefix,
        objects.name_taken, objects.no_access, objects.small_file, objects.read_only_object,
        objects.local_name, objects.other_case, objects.path_as_name, objects.limited_token,
        programs.failing_call, programs.huge_code, programs.view_left, pairs.robust_headers,
        pairs.robust_calls, pairs.half_a_change, pairs.half_a_change_for_ever)}


def main() -> int:
    """Play the scene that the command line names, or list all scenes."""
    return play("show SCENE", {name: scene.__doc__ or "" for name, scene in SCENES.items()},
                lambda host, name: SCENES[name](host))


if __name__ == "__main__":
    exit_with("show", main)
