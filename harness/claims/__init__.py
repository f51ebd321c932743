"""What Microsoft's page says, as tests: one file a subject. They know the host and nothing of the
platform; how the harness itself behaves is tested in selftests/."""
