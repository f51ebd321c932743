"""Pages made from runs: the report of a run, and docs/conformance.md."""
