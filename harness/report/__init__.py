"""Pages made from runs: the report of a run, and docs/conformance.md. They read verdicts; what
makes a verdict is in judge/."""
