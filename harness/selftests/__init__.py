"""Tests of the harness itself, one file for each subject; claims/ has the tests of what the page
documents, and mutants/ has wrong and right pairs for the verdict.

probe/ and traced/ have the C programs that the tests start: one that does what it is told, and one
that would notice a tracer; misbehaving/ has one that breaks a claim. broken_suites/ has tests that
fail, hang or die on purpose; commands.py runs every command of the pages."""
