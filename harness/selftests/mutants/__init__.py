"""Mutation tests of the checks: variants of the two programs with one fault, which a check must
find, and correct variants, which no check may blame. `make mutants` runs them."""
