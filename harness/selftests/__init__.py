"""Tests of the harness itself, one file for each subject; claims/ has the tests of what the page
documents, and mutants/ has wrong and right pairs for the verdict.

misbehaving/, probe/ and traced/ have the C programs that the tests start: programs that break
claims, that do what they are told or report what Windows they run in, or that would notice a
tracer. broken_suites/ has test files that fail, hang or die on purpose; commands.py runs every
command of the pages."""
