"""Adds the plugin and the fixtures of judge/ to pytest, whichever test is asked for."""
pytest_plugins = ("harness.judge.plugin", "harness.judge.fixtures")
