"""Tests of the harness itself: kills, liars, hostile surroundings, and mutants of the pair. Tests
of the documented claims are in claims/.
"""
