"""All variants, in the order in which they are checked."""
from __future__ import annotations

from harness.selftests.mutants.failures import FAILURES
from harness.selftests.mutants.faithful import FAITHFUL, OTHERS
from harness.selftests.mutants.reader import READER_FAULTS
from harness.selftests.mutants.several import SEVERAL
from harness.selftests.mutants.wild import WILD
from harness.selftests.mutants.writer import WRITER_FAULTS

FAULTS = [*WRITER_FAULTS, *READER_FAULTS, *FAILURES, *SEVERAL, *OTHERS,
          *(variant for variant in WILD if variant.claims)]
ALL = [*FAITHFUL, *(variant for variant in WILD if not variant.claims), *FAULTS]
