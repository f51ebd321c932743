"""Makes pages from verdicts: the report of a run, and docs/conformance.md. judge/ makes verdicts.
"""
