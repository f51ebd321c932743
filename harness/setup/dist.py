"""Packs the programs and everything that a Windows machine needs to check them: `make dist`.

The build is reproducible: entries are sorted, and all have the same date and no owner."""
from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path
from typing import Dict

from harness.driver.paths import ROOT

#: The folder that all entries are in.
NAME = "named-shared-memory"
#: The files to pack, as patterns relative to the root of the project.
PATTERNS = ("first_process/*.c", "second_process/*.c", "harness/**/*", "docs/**/*", "Makefile",
            "LICENSE", "CITATION.cff", "README.md", "pyproject.toml", ".clang-format", ".flake8",
            "build/x86_64*/*.exe", "build/i686*/*.exe", "build/*/tracer.dll",
            "build/exercises/*.exe", "build/attacks/*.exe", "build/probe/*.exe")
#: The date of every entry: the earliest that a zip file can store.
DATE = (1980, 1, 1, 0, 0, 0)


def contents(root: Path) -> Dict[str, bytes]:
    """Return name and bytes of every file to pack, SHA256SUMS included."""
    files = {path.relative_to(root).as_posix(): path.read_bytes()
             for pattern in PATTERNS for path in root.glob(pattern)
             if path.is_file() and "__pycache__" not in path.parts
             and "build" not in path.relative_to(root).parts[1:]}
    files["README.txt"] = (root / "docs" / "readme-windows.txt").read_bytes()
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(sums).encode()
    return files


def pack(root: Path, to: Path) -> None:
    """Write the archive of the project in `root` to the file `to`."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in sorted(contents(root).items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}", DATE)
            entry.create_system = 3  # Unix, so that the mode below counts.
            entry.external_attr = (0o100755 if data[:2] in (b"#!", b"MZ") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


if __name__ == "__main__":
    pack(ROOT, Path(sys.argv[1]))
