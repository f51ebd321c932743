"""All variants."""
from __future__ import annotations

from .failures import FAILURES
from .faithful import FAITHFUL
from .reader import READER_FAULTS
from .writer import WRITER_FAULTS

FAULTS = [*WRITER_FAULTS, *READER_FAULTS, *FAILURES]

__all__ = ["FAITHFUL", "FAULTS"]
