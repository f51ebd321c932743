"""Proves the documented claims of the pair. README.md in this folder is the map of its rooms."""
