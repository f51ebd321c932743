"""Tests that fail, hang or die on purpose; self-tests run them with pytest."""
