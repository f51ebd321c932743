"""A pytest plugin for judging a variant: only the tests of the claims that it breaks are run."""
from __future__ import annotations

from typing import List

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """--fitting IDS: claims, separated by commas."""
    parser.addoption("--fitting", metavar="IDS", help="run the tests of these claims only")


@pytest.hookimpl(trylast=True)  # type: ignore[misc] # Its decorator is untyped.
def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """Keep what names a fitting claim; what is about few claims comes first, being the likeliest
    to tell."""
    wanted = set(config.getoption("fitting").split(","))

    def claims(item: pytest.Item) -> List[str]:
        return [claim for marker in item.iter_markers("claims") for claim in marker.args]

    kept = [item for item in items if wanted & set(claims(item))]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=lambda item: len(claims(item)))
