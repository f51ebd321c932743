"""Short scenes for `make show` and docs/ that reproduce pitfalls with the project's programs. Each
is a generator of the lines to print."""
