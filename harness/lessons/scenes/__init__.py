"""Short scenes for `make show` and docs/ that reproduce pitfalls with the two programs. Each is a
generator of the lines to print."""
from __future__ import annotations

from typing import Callable, Dict

from harness.driver.host import Host

from harness.lessons.scenes import calling, changing, content, lifetime, names, robust
from harness.lessons.scenes.common import Lines

SCENES: Dict[str, Callable[[Host], Lines]] = {
    play.__name__.replace("_", "-"): play for play in (
        calling.all_calls, lifetime.before_and_after, lifetime.reader_alone,
        lifetime.writer_gone_first, lifetime.too_early, lifetime.two_writers,
        content.old_text, content.past_256, content.mixed_charsets, content.length_prefix,
        names.name_taken, names.no_access, names.small_file, names.read_only_object,
        names.local_name, names.other_case, names.path_as_name, names.limited_token,
        calling.failing_call, calling.huge_code, lifetime.view_left, robust.robust_headers,
        robust.robust_calls, changing.half_a_change, changing.half_a_change_for_ever)}
