"""Tests of the harness itself, one file a subject; tests of what the page documents are in claims/,
and mutants/ has wrong and right pairs for the verdict.

misbehaving/, probe/ and traced/ have the programs in C that the tests start: some are hard to look
after, some say what Windows they run in, some would notice a tracer. broken_suites/ has test files
that fail, hang or die on purpose; commands.py runs every command of the pages."""
