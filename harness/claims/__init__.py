"""The claims of Microsoft's page as tests: one file per subject. They use a host and know nothing
of its platform; selftests/ tests the harness itself."""
