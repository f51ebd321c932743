"""The fixtures of the checks in this folder."""
from harness.claims.together import both

__all__ = ["both"]
