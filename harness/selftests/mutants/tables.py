"""All variants."""
from __future__ import annotations

from dataclasses import replace

from harness.selftests.mutants.failures import FAILURES
from harness.selftests.mutants.faithful import FAITHFUL
from harness.selftests.mutants.reader import READER_FAULTS
from harness.selftests.mutants.variant import CHARSETS
from harness.selftests.mutants.writer import WRITER_FAULTS

#: A fault that is one in both charsets is judged in one of them, ANSI and Unicode in turn: the
#: tests are the same for both, and there are some hundred faults for each.
FAULTS = [replace(variant, charsets=(CHARSETS[number % 2],)) if variant.charsets == CHARSETS
          else variant for number, variant in enumerate(
              [*WRITER_FAULTS, *READER_FAULTS, *FAILURES])]

__all__ = ["FAITHFUL", "FAULTS"]
