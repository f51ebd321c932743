"""Adds the plugin and the fixtures of judge/ to pytest for all tests."""
pytest_plugins = ("harness.judge.plugin", "harness.judge.fixtures")
