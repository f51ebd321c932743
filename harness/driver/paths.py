"""Where this project's files are."""
from __future__ import annotations

from pathlib import Path

#: The checkout, or the folder that the zip was unpacked to.
ROOT = Path(__file__).resolve().parents[2]
#: All build output.
BUILD = ROOT / "build"
