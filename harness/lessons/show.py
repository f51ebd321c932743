"""Reproduces a pitfall, one of the scenes of scenes/: `make show SCENE=NAME`."""
from __future__ import annotations

from typing import Callable, Dict

from harness.driver.host import Host
from harness.lessons.command import exit_with, play
from harness.lessons.drawing import Lines
from harness.lessons.scenes import documented, pairs

SCENES: Dict[str, Callable[[Host], Lines]] = {
    name.replace("_", "-"): getattr(module, name) for module, names in (
        (documented, "all_calls before_and_after reader_alone writer_gone_first too_early "
         "two_writers old_text past_256 mixed_charsets length_prefix name_taken no_access "
         "small_file read_only_object local_name other_case path_as_name limited_token "
         "failing_call huge_code view_left"),
        (pairs, "robust_headers robust_calls half_a_change half_a_change_for_ever"))
    for name in names.split()}


def main() -> int:
    """Play the scene that the command line names, or list all scenes."""
    return play("show SCENE", {name: scene.__doc__ or "" for name, scene in SCENES.items()},
                lambda host, name: SCENES[name](host))


if __name__ == "__main__":
    exit_with("show", main)
