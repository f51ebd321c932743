"""Proof that the suite notices: single-fault variants of the two programs, each of which a test
must find, and faithful variants, which none may blame. `make mutants` runs it."""
