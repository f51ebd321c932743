"""Checks of the project's own files, left out when other programs are checked."""
