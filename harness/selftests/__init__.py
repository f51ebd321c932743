"""Tests of the harness itself: kills, liars, hostile surroundings, and mutants of the pair. Tests
of the documented claims are in claims/.

They start programs in C: those in foreign/ misbehave, that in traced/ would notice a tracer,
that in probe/ is for harness.run. trials/ has
test files that fail, hang or die on purpose."""
